//! Model of `Timeouts`: its thread against a limit that is armed meanwhile.

use std::pin::pin;
use std::task::Context;

use loom::thread;

use super::support::{Alone, check};
use crate::sync::blocking::{block_until, thread_waker};
use crate::sync::clock::Clock;
use crate::threads::timeouts::Timeouts;
use crate::worker::handle::AnyWorker;
use crate::worker::record::Services;

#[test]
fn p09_a_limit_that_is_armed_while_the_thread_looks_is_enforced() {
    check(2, || {
        let alone = Alone::new();
        let clock = alone.clock().clone();
        let timeouts = Timeouts::new(clock.clone());
        timeouts.ensure_thread().expect("a thread");
        let record = alone.worker();
        // A thread of its own: loom cannot join from a thread that still has an unpark.
        let waits = thread::spawn({
            let (worker, clock) = (AnyWorker(record.clone()), clock.clone());
            move || {
                let waker = thread_waker(&clock);
                let mut cancelled = pin!(worker.cancelled());
                block_until(&*clock, None, || {
                    cancelled.as_mut().poll(&mut Context::from_waker(&waker)).is_ready().then_some(())
                });
            }
        });
        timeouts.arm(Clock::now(&*clock), &record);
        waits.join().unwrap();
    });
}
