//! Model of `Alarms`: its thread against a limit that is armed meanwhile.

use loom::thread;

use super::support::{Alone, check};
use crate::sync::blocking::block_on;
use crate::sync::clock::Clock;
use crate::threads::alarms::Alarms;
use crate::worker::handle::AnyWorker;
use crate::worker::record::Services;

#[test]
fn p09_a_limit_that_is_armed_while_the_thread_looks_is_enforced() {
    check(2, || {
        let alone = Alone::new();
        let clock = alone.clock().clone();
        let alarms = Alarms::new(clock.clone());
        alarms.ensure_thread().expect("a thread");
        let record = alone.worker_without_time();
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
