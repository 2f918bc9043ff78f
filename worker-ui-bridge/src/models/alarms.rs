//! A model of the thread that wakes a loop for its timers.

use std::sync::Arc;

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use worker_core::Clock;

use super::support::{StillClock, check};
use crate::time::alarm::Alarm;

#[test]
fn p40_a_deadline_that_is_set_while_the_alarm_goes_to_sleep_rings() {
    check(3, || {
        let (clock, rings) = (StillClock::new(), Arc::new(AtomicUsize::new(0)));
        let (rung, waiting) = (rings.clone(), thread::current());
        let alarm = Alarm::new(clock.clone(), move || {
            rung.fetch_add(1, Ordering::SeqCst);
            waiting.unpark();
        });
        for ring in 1..=2 {
            alarm.set(Some(clock.now()));
            while rings.load(Ordering::SeqCst) < ring {
                thread::park();
            }
        }
    });
}
