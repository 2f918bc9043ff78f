//! P24: what timers leave behind.

use std::time::{Duration, Instant};

use crate::time::timers::{Origin, Timer, TimerId, Timers};

#[test]
fn p24_a_timer_that_has_run_or_was_cleared_leaves_nothing_behind() {
    let (mut timers, start) = (Timers::<()>::default(), Instant::now());
    let day = Duration::from_hours(24);
    let timer = |due, period| Timer::new(due, period, Origin::default(), |()| {});
    let ticking = TimerId(0);
    timers.add(ticking, timer(start, Some(day)));
    for id in 1..=1_000 {
        let (far, once) = (TimerId(2 * id), TimerId(2 * id + 1));
        timers.add(far, timer(start + day, None));
        assert!(timers.remove(far).is_some() && timers.remove(far).is_none());
        timers.add(once, timer(start, None));
    }
    while timers.pop_due(start).is_some() {}
    assert_eq!((timers.live.len(), timers.schedule.len()), (1, 1));
    assert!(timers.remove(ticking).is_some());
    assert_eq!(timers.next_deadline(), None);
}

#[test]
fn p40_an_interval_that_is_not_wanted_is_not_due() {
    let (mut timers, start) = (Timers::<bool>::default(), Instant::now());
    let second = Duration::from_secs(1);
    let spinner = TimerId(0);
    let call_site = std::panic::Location::caller();
    timers.add(spinner, Timer::conditional(second, call_site, |wanted| *wanted, |_| {}));
    assert_eq!((timers.next_deadline(), timers.conditions().len()), (None, 1));
    timers.set_wanted(spinner, true, start);
    timers.set_wanted(spinner, true, start + second / 2);
    assert_eq!(timers.next_deadline(), Some(start + second), "it keeps its grid while it is wanted");
    timers.set_wanted(spinner, false, start);
    assert_eq!(timers.next_deadline(), None);
    assert!(timers.remove(spinner).is_some() && !timers.has_conditions());
}
