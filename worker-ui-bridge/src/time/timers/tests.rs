//! P24: what timers leave behind.

use std::time::{Duration, Instant};

use crate::time::timers::Timers;

#[test]
fn p24_a_timer_that_has_run_or_was_cleared_leaves_nothing_behind() {
    let (mut timers, start) = (Timers::<()>::new(), Instant::now());
    let day = Duration::from_hours(24);
    let ticking = timers.add(start, Some(day), None, |()| {});
    for _ in 0..1_000 {
        let far = timers.add(start + day, None, None, |()| {});
        assert!(timers.remove(far).is_some() && timers.remove(far).is_none());
        timers.add(start, None, None, |()| {});
    }
    while timers.pop_due(start).is_some() {}
    assert_eq!((timers.live.len(), timers.schedule.len()), (1, 1));
    assert!(timers.remove(ticking).is_some());
    assert_eq!(timers.next_deadline(), None);
}
