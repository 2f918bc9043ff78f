//! P24: timers.

use std::time::Duration;

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
