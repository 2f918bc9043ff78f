//! Model of `Tasks`: a task that is woken is polled again.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use worker_core::__bridge::primitives::process::Mutex;
use worker_core::LocalSpawn;

use super::support::{bridge, check};

#[test]
fn s20_a_wake_that_meets_the_poll_of_its_task_is_not_lost() {
    check(None, || {
        let mut bridge = bridge();
        let (step, waker) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(None)));
        let seen = Arc::new(Mutex::new(0));
        let make = {
            let (step, waker, seen) = (step.clone(), waker.clone(), seen.clone());
            move || {
                poll_fn(move |cx| {
                    waker.lock().get_or_insert_with(|| cx.waker().clone());
                    // The wake must bring it.
                    *seen.lock() = step.load(Ordering::Relaxed);
                    if *seen.lock() == 2 { Poll::Ready(()) } else { Poll::Pending }
                })
            }
        };
        bridge.handle().spawn_local(Box::new(move || Box::pin(make())));
        let mut values = Vec::new();
        bridge.pump(&mut values).unwrap();
        let waker = waker.lock().take().expect("it was polled");
        let wakes = thread::spawn(move || {
            for now in [1, 2] {
                step.store(now, Ordering::Relaxed);
                waker.wake_by_ref();
            }
        });
        while *seen.lock() < 2 {
            bridge.wait(&mut values).unwrap();
        }
        wakes.join().unwrap();
    });
}
