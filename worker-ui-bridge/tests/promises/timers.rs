//! P24: timers.

use std::time::Duration;

use crate::support::timed;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn p24_an_interval_ticks_on_its_grid_and_skips_what_was_missed() {
    let (mut bridge, clock, mut app) = timed();
    bridge.set_interval(SECOND, |app| app.see("tick"));
    clock.advance(Duration::from_millis(999));
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 0);
    clock.advance(Duration::from_millis(1));
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 1);
    clock.advance(SECOND * 5 / 2);
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 1, "late by one and a half: one tick, not two");
    clock.advance(SECOND / 2);
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 1, "and the next is on the grid again");
    assert_eq!(app.seen.len(), 3);
}

#[test]
fn p24_a_timeout_runs_once() {
    let (mut bridge, clock, mut app) = timed();
    let timer = bridge.set_timeout(SECOND, |app| app.see("once"));
    clock.advance(SECOND);
    assert_eq!(bridge.wait(&mut app).unwrap().ran(), 1);
    clock.advance(SECOND);
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 0);
    assert!(!bridge.clear(timer), "it is gone");
}

#[test]
fn p24_a_cleared_timer_does_not_run() {
    let (mut bridge, clock, mut app) = timed();
    let (gone, stays) = (
        bridge.set_interval(SECOND, |app| app.see("gone")),
        bridge.set_interval(SECOND, |app| app.see("stays")),
    );
    assert!(bridge.clear(gone));
    assert!(!bridge.clear(gone));
    clock.advance(SECOND);
    bridge.pump(&mut app).unwrap();
    assert_eq!(app.seen, ["stays"]);
    assert!(bridge.clear(stays));
}

#[test]
fn p24_timers_run_in_the_order_of_their_deadlines() {
    let (mut bridge, clock, mut app) = timed();
    for (name, seconds) in [("three", 3), ("one", 1), ("two", 2), ("one as well", 1)] {
        bridge.set_timeout(SECOND * seconds, move |app| app.see(name));
    }
    clock.advance(SECOND * 3);
    bridge.pump(&mut app).unwrap();
    assert_eq!(app.seen, ["one", "one as well", "two", "three"]);
}

#[test]
fn p24_a_timer_that_panics_ticks_again() {
    let (mut bridge, clock, mut app) = timed();
    let mut first = true;
    bridge.set_interval(SECOND, move |app| {
        assert!(!std::mem::take(&mut first), "the first tick fails");
        app.see("tick");
    });
    clock.advance(SECOND);
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| bridge.pump(&mut app))).is_err());
    clock.advance(SECOND);
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 1);
}

#[test]
fn p24_wait_sleeps_until_the_next_timer() {
    let (mut bridge, clock, mut app) = timed();
    bridge.set_timeout(SECOND * 30, |app| app.see("refresh"));
    std::thread::scope(|threads| {
        threads.spawn(|| {
            clock.wait_for_sleepers(1);
            clock.advance(SECOND * 30);
        });
        assert_eq!(bridge.wait(&mut app).unwrap().ran(), 1);
    });
    assert_eq!(app.seen, ["refresh"]);
}

#[test]
fn p24_a_delay_beyond_the_clocks_reach_is_for_ever() {
    let (mut bridge, clock, mut app) = timed();
    bridge.set_timeout(Duration::MAX, |app| app.see("never"));
    bridge.set_interval(Duration::ZERO, |app| app.see("a zero period counts as a millisecond"));
    clock.advance(Duration::from_millis(1));
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 1);
}

#[test]
fn p24_a_timer_cleared_by_a_handle_does_not_run_again_whatever_is_queued() {
    let (mut bridge, clock, mut app) = timed();
    let ui = bridge.handle();
    let own = std::rc::Rc::new(std::cell::Cell::new(None));
    let (me, slow, handle) = (own.clone(), clock.clone(), ui.clone());
    own.set(Some(bridge.set_interval(SECOND, move |app: &mut crate::support::Ui| {
        app.see("tick");
        slow.advance(SECOND); // past the budget
        handle.clear(me.get().unwrap());
    })));
    for _ in 0..5 {
        ui.post(|app: &mut crate::support::Ui| app.see("queued before")).unwrap();
    }
    clock.advance(SECOND);
    for _ in 0..5 {
        bridge.pump(&mut app).unwrap();
        clock.advance(SECOND);
    }
    assert_eq!(app.seen.iter().filter(|seen| *seen == "tick").count(), 1);
    assert_eq!(bridge.next_deadline(), None);
}

#[test]
fn p20_slow_timers_leave_the_rest_of_theirs_for_the_next_turn() {
    let (mut bridge, clock, mut app) = timed();
    for _ in 0..3 {
        let slow = clock.clone();
        bridge.set_timeout(SECOND, move |app: &mut crate::support::Ui| {
            app.see("tick");
            slow.advance(SECOND);
        });
    }
    clock.advance(SECOND);
    let turn = bridge.pump(&mut app).unwrap();
    assert_eq!((turn.ran(), turn.more()), (1, true), "one used up the budget");
    bridge.pump(&mut app).unwrap();
    let turn = bridge.pump(&mut app).unwrap();
    assert_eq!((app.seen.len(), turn.more()), (3, false));
}
