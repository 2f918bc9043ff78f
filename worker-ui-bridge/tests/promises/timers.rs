//! P24: timers.

use std::time::Duration;

use worker_core::Clock;

use crate::support::manual_clock_fixture;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn p24_an_interval_ticks_on_its_grid_and_skips_what_was_missed() {
    let (mut bridge, clock, mut app) = manual_clock_fixture();
    bridge.set_interval(SECOND, |app| app.record("tick"));
    clock.advance(Duration::from_millis(999));
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 0);
    clock.advance(Duration::from_millis(1));
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 1);
    clock.advance(SECOND * 5 / 2);
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 1, "late by 1.5 periods: one tick, not two");
    clock.advance(SECOND / 2);
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 1, "the next tick is on the grid again");
    assert_eq!(app.log.len(), 3);
}

#[test]
fn p24_a_timeout_runs_once() {
    let (mut bridge, clock, mut app) = manual_clock_fixture();
    let timer = bridge.set_timeout(SECOND, |app| app.record("once"));
    clock.advance(SECOND);
    assert_eq!(bridge.wait(&mut app).unwrap().ran(), 1);
    clock.advance(SECOND);
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 0);
    assert!(!bridge.clear(timer), "it has run for the last time");
}

#[test]
fn p24_a_cleared_timer_does_not_run() {
    let (mut bridge, clock, mut app) = manual_clock_fixture();
    let (cleared, kept) = (
        bridge.set_interval(SECOND, |app| app.record("cleared")),
        bridge.set_interval(SECOND, |app| app.record("kept")),
    );
    assert!(bridge.clear(cleared));
    assert!(!bridge.clear(cleared));
    clock.advance(SECOND);
    bridge.pump(&mut app).unwrap();
    assert_eq!(app.log, ["kept"]);
    assert!(bridge.clear(kept));
}

#[test]
fn p24_timers_run_in_the_order_of_their_deadlines() {
    let (mut bridge, clock, mut app) = manual_clock_fixture();
    for (name, seconds) in [("three", 3), ("one", 1), ("two", 2), ("one as well", 1)] {
        bridge.set_timeout(SECOND * seconds, move |app| app.record(name));
    }
    clock.advance(SECOND * 3);
    bridge.pump(&mut app).unwrap();
    assert_eq!(app.log, ["one", "one as well", "two", "three"]);
}

#[test]
fn p24_a_timer_that_panics_ticks_again() {
    let (mut bridge, clock, mut app) = manual_clock_fixture();
    let mut first = true;
    bridge.set_interval(SECOND, move |app| {
        assert!(!std::mem::take(&mut first), "the first tick fails");
        app.record("tick");
    });
    clock.advance(SECOND);
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| bridge.pump(&mut app))).is_err());
    clock.advance(SECOND);
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 1);
}

#[test]
fn p24_wait_parks_until_the_next_timer() {
    let (mut bridge, clock, mut app) = manual_clock_fixture();
    bridge.set_timeout(SECOND * 30, |app| app.record("refresh"));
    std::thread::scope(|threads| {
        threads.spawn(|| {
            clock.wait_for_sleepers(1);
            clock.advance(SECOND * 30);
        });
        assert_eq!(bridge.wait(&mut app).unwrap().ran(), 1);
    });
    assert_eq!(app.log, ["refresh"]);
}

#[test]
fn p24_a_delay_that_the_clock_cannot_represent_ends_in_the_far_future() {
    let (mut bridge, clock, mut app) = manual_clock_fixture();
    bridge.set_timeout(Duration::MAX, |app| app.record("never"));
    bridge.set_interval(Duration::ZERO, |app| app.record("a period of zero counts as one millisecond"));
    clock.advance(Duration::from_millis(1));
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 1);
}

#[test]
fn p24_a_timer_cleared_by_a_handle_does_not_run_again_although_entries_are_queued() {
    let (mut bridge, clock, mut app) = manual_clock_fixture();
    let ui = bridge.handle();
    let timer = std::rc::Rc::new(std::cell::Cell::new(None));
    let (this_timer, slow, handle) = (timer.clone(), clock.clone(), ui.clone());
    timer.set(Some(bridge.set_interval(SECOND, move |app: &mut crate::support::App| {
        app.record("tick");
        slow.advance(SECOND); // This uses up the budget.
        handle.clear(this_timer.get().unwrap());
    })));
    for _ in 0..5 {
        ui.post(|app: &mut crate::support::App| app.record("queued before")).unwrap();
    }
    clock.advance(SECOND);
    for _ in 0..5 {
        bridge.pump(&mut app).unwrap();
        clock.advance(SECOND);
    }
    assert_eq!(app.log.iter().filter(|item| *item == "tick").count(), 1);
    assert_eq!(bridge.next_deadline(), None);
}

#[test]
fn p20_timers_that_use_up_the_budget_leave_the_others_for_the_next_turn() {
    let (mut bridge, clock, mut app) = manual_clock_fixture();
    for _ in 0..3 {
        let slow = clock.clone();
        bridge.set_timeout(SECOND, move |app: &mut crate::support::App| {
            app.record("tick");
            slow.advance(SECOND);
        });
    }
    clock.advance(SECOND);
    let turn = bridge.pump(&mut app).unwrap();
    assert_eq!((turn.ran(), turn.more()), (1, true), "the first uses up the budget");
    bridge.pump(&mut app).unwrap();
    let turn = bridge.pump(&mut app).unwrap();
    assert_eq!((app.log.len(), turn.more()), (3, false));
}

#[test]
fn p40_a_handle_sets_timers_from_callbacks_and_from_other_threads() {
    let (mut bridge, clock, mut app) = manual_clock_fixture();
    let ui = bridge.handle();
    let inner = ui.clone();
    ui.post(move |_| {
        inner.set_timeout(SECOND, |app| app.record("from a callback"));
    })
    .unwrap();
    bridge.pump(&mut app).unwrap();
    let other = ui.clone();
    std::thread::spawn(move || other.set_interval(SECOND * 2, |app| app.record("tick"))).join().unwrap();
    assert_eq!(bridge.next_deadline().map(|next| next - clock.now()), Some(SECOND));
    for _ in 0..4 {
        clock.advance(SECOND);
        bridge.pump(&mut app).unwrap();
    }
    assert_eq!(app.log, ["from a callback", "tick", "tick"]);
}

#[test]
fn p40_a_timer_set_by_another_thread_ends_the_park() {
    let (mut bridge, clock, mut app) = manual_clock_fixture();
    let ui = bridge.handle();
    std::thread::scope(|threads| {
        threads.spawn(|| {
            clock.wait_for_sleepers(1);
            ui.set_timeout(SECOND, |app| app.record("set"));
            while clock.next_deadline().is_none() {
                std::thread::yield_now();
            }
            clock.advance(SECOND);
        });
        bridge.set_timeout(SECOND * 1000, |_| {});
        assert_eq!(bridge.wait(&mut app).unwrap().ran(), 1);
    });
    assert_eq!(app.log, ["set"]);
}

#[test]
fn p40_a_timer_that_is_set_and_cleared_before_the_next_turn_never_runs() {
    let (mut bridge, clock, mut app) = manual_clock_fixture();
    let (ui, captured) = (bridge.handle(), std::sync::Arc::new(()));
    let (kept, also) = (captured.clone(), captured.clone());
    let timer = ui.set_timeout(SECOND, move |_| drop(kept));
    ui.clear(timer);
    assert!(!bridge.clear(timer), "it is gone");
    let at_once = ui.set_interval(SECOND, move |_| _ = also.clone());
    assert!(bridge.clear(at_once), "it need not have been seen by a turn");
    clock.advance(SECOND);
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 0);
    assert_eq!(std::sync::Arc::strong_count(&captured), 1);
    bridge.close();
    ui.set_timeout(SECOND, move |_| drop(captured)); // dropped
    assert_eq!(bridge.next_deadline(), None);
}

#[test]
fn p40_an_interval_ticks_only_while_it_is_wanted() {
    let (mut bridge, clock, mut app) = manual_clock_fixture();
    let wanted = |app: &crate::support::App| !app.log.len().is_multiple_of(3);
    let spinner = bridge.set_interval_while(SECOND, wanted, |app| app.record("tick"));
    assert_eq!(bridge.next_deadline(), None, "no wake-ups");
    clock.advance(SECOND * 10);
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 0);

    bridge.handle().post(|app| app.record("begin")).unwrap();
    bridge.pump(&mut app).unwrap();
    assert_eq!(bridge.next_deadline().map(|next| next - clock.now()), Some(SECOND), "a period from now");
    for _ in 0..5 {
        clock.advance(SECOND);
        bridge.pump(&mut app).unwrap();
    }
    assert_eq!(app.log, ["begin", "tick", "tick"]);
    assert_eq!(bridge.next_deadline(), None);

    // Wanted by what the app does outside of a turn; a wait sees it.
    app.record("begin");
    bridge.wait_timeout(&mut app, Duration::ZERO).unwrap();
    assert!(bridge.next_deadline().is_some());
    // No longer wanted when its time comes, by an act of the same turn.
    app.log.clear();
    clock.advance(SECOND);
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 0);
    assert!(bridge.clear(spinner) && !bridge.clear(spinner));
}

#[test]
fn p40_a_timer_of_a_revoked_worker_does_not_run() {
    let mut fixture = crate::support::fixture();
    let (ui, captured) = (fixture.ui.clone(), std::sync::Arc::new(()));
    let kept = captured.clone();
    let worker = fixture.workers.worker("w").group("g").thread(move |_| {
        ui.set_interval(Duration::from_millis(1), move |app| {
            let _ = &kept;
            app.record("tick");
        });
        Ok(())
    });
    fixture.pump_until_finished(&worker);
    fixture.workers.cancel_group("g"); // it has ended, and is revoked all the same
    let seen = fixture.app.log.len();
    while std::sync::Arc::strong_count(&captured) > 1 {
        fixture.bridge.wait(&mut fixture.app).unwrap();
    }
    assert_eq!(fixture.app.log.len(), seen);
    assert_eq!(fixture.bridge.next_deadline(), None);
}
