//! Models of what time does: the thread of `Alarms` against a limit that is armed meanwhile, and the
//! end of a delay against `start()` and a cancel.

use std::time::Duration;

use loom::thread;

use super::support::{Alone, Made, check};
use crate::sync::blocking::block_on;
use crate::sync::clock::Clock;
use crate::threads::alarms::Alarms;
use crate::worker::cancel_reason::CancelReason;
use crate::worker::handle::AnyWorker;
use crate::worker::lifecycle::StartCondition;
use crate::worker::record::Services;
use crate::worker::state::WorkerState;

#[test]
fn p09_a_limit_that_is_armed_while_the_thread_looks_is_enforced() {
    check(2, || {
        let alone = Alone::new();
        let clock = alone.clock().clone();
        let alarms = Alarms::new(clock.clone());
        alarms.ensure_thread().expect("a thread");
        let record = alone.make(Made { timeout: Some(Duration::ZERO), ..Made::default() });
        assert!(record.begin());
        // A thread of its own: loom cannot join from a thread that still has an unpark.
        let waits = thread::spawn({
            let (worker, clock) = (AnyWorker(record.clone()), clock.clone());
            move || block_on(&clock, None, worker.cancelled())
        });
        alarms.arm(Clock::now(&*clock), &record);
        waits.join().unwrap();
        alarms.close();
    });
}

/// Released, and not announced yet, with a delay that ends as soon as somebody looks at the clock.
fn delayed() -> Made {
    Made { met: vec![StartCondition::Released], delay: Duration::from_secs(1), ..Made::default() }
}

#[test]
fn p34_the_end_of_a_delay_against_start_launches_once() {
    check(None, || {
        let alone = Alone::new();
        let record = alone.make(delayed());
        record.announce();
        let starts = thread::spawn({
            let record = record.clone();
            move || record.start()
        });
        record.look_at_clock();
        starts.join().unwrap();
        assert_eq!(alone.launched(), [record.id]);
        assert!(!alone.is_anything_armed());
    });
}

#[test]
fn p34_the_end_of_a_delay_against_a_cancel_ends_it_once() {
    check(None, || {
        let alone = Alone::new();
        let record = alone.make(delayed());
        record.announce();
        let cancels = thread::spawn({
            let record = record.clone();
            move || record.cancel(CancelReason::Requested)
        });
        record.look_at_clock();
        cancels.join().unwrap();
        assert_eq!(alone.states(), [WorkerState::Pending, WorkerState::Cancelled]);
        assert!(!record.begin(), "its body must not run");
        assert!(!alone.is_anything_armed());
    });
}

#[test]
fn p34_one_that_is_cancelled_while_it_is_armed_is_not_left_armed() {
    check(None, || {
        let alone = Alone::new();
        let record = alone.make(delayed());
        let cancels = thread::spawn({
            let record = record.clone();
            move || record.cancel(CancelReason::Requested)
        });
        record.announce();
        cancels.join().unwrap();
        assert_eq!(alone.states(), [WorkerState::Pending, WorkerState::Cancelled]);
        assert!(!alone.is_anything_armed());
    });
}
