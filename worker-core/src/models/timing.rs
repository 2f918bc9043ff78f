//! The thread that enforces time limits, against one that is armed meanwhile.

use std::sync::Arc;

use loom::thread;

use super::support::{Alone, check};
use crate::sync::clock::Clock;
use crate::threads::timeouts::Timeouts;
use crate::worker::handle::AnyWorker;
use crate::worker::record::Services;

#[test]
fn p09_a_limit_that_is_armed_while_the_thread_looks_is_enforced() {
    check(None, || {
        let alone = Alone::new();
        let clock = alone.clock().clone();
        let timeouts = Arc::new(Timeouts::new(clock.clone()));
        timeouts.ensure_thread().expect("a thread");
        let record = alone.worker();
        assert!(record.begin());
        let arms = thread::spawn({
            let (timeouts, record, now) = (timeouts.clone(), record.clone(), Clock::now(&*clock));
            move || timeouts.arm(now, &record)
        });
        let waker = crate::sync::blocking::thread_waker(&clock);
        let worker = AnyWorker(record);
        let mut cancelled = std::pin::pin!(worker.cancelled());
        crate::sync::blocking::block_until(&*clock, None, || {
            let mut context = std::task::Context::from_waker(&waker);
            cancelled.as_mut().poll(&mut context).is_ready().then_some(())
        });
        arms.join().unwrap();
    });
}
