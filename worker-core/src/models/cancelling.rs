//! Models of `CancelListeners`: a cancel against what registers for it.

use std::sync::Arc;

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use super::support::{Alone, check, still_clock};
use crate::sync::blocking::{block_on, block_until};
use crate::worker::cancel_reason::CancelReason;
use crate::worker::handle::AnyWorker;

#[test]
fn p07_a_hook_runs_exactly_once() {
    check(None, || {
        let alone = Alone::new();
        let record = alone.worker();
        assert!(record.begin());
        let ran = Arc::new(AtomicUsize::new(0));
        let registers = thread::spawn({
            let (record, ran) = (record.clone(), ran.clone());
            move || match record.add_hook(Box::new(move || _ = ran.fetch_add(1, Ordering::SeqCst))) {
                Ok(_) => {}
                Err(hook) => hook(),
            }
        });
        record.cancel(CancelReason::Requested);
        registers.join().unwrap();
        assert_eq!(ran.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn p07_a_hook_that_is_removed_because_of_the_cancel_runs_once() {
    check(None, || {
        let record = Alone::new().worker();
        assert!(record.begin());
        let ran = Arc::new(AtomicUsize::new(0));
        let counted = ran.clone();
        let key = record.add_hook(Box::new(move || _ = counted.fetch_add(1, Ordering::SeqCst))).ok();
        let body = thread::spawn({
            let record = record.clone();
            move || {
                let has_seen_it = record.is_cancelled();
                record.remove_hook(key.expect("no cancel has come"));
                has_seen_it
            }
        });
        record.cancel(CancelReason::Requested);
        let has_seen_it = body.join().unwrap();
        let runs = ran.load(Ordering::SeqCst);
        assert!(runs == 1 || (runs == 0 && !has_seen_it), "{runs} {has_seen_it}");
    });
}

#[test]
fn p07_a_sleeping_body_is_woken() {
    check(None, || {
        let record = Alone::new().worker();
        let body = thread::spawn({
            let record = record.clone();
            move || {
                assert!(record.begin());
                let clock = still_clock();
                block_until(&*clock, None, || record.is_cancelled().then_some(()));
            }
        });
        // The body begins first: a pending worker would be settled instead.
        while record.running_for().is_none() {
            thread::yield_now();
        }
        record.cancel(CancelReason::Requested);
        body.join().unwrap();
    });
}

#[test]
fn p07_an_async_waiter_for_the_cancel_is_woken() {
    check(None, || {
        let record = Alone::new().worker();
        assert!(record.begin());
        let waits = thread::spawn({
            let worker = AnyWorker(record.clone());
            move || block_on(worker.0.clock(), None, worker.cancelled())
        });
        record.cancel(CancelReason::Requested);
        waits.join().unwrap();
    });
}

#[test]
fn p12_a_child_that_is_registered_during_the_cancel_is_cancelled() {
    check(None, || {
        let alone = Alone::new();
        let (parent, child) = (alone.worker(), alone.worker());
        assert!(parent.begin());
        let registers = thread::spawn({
            let (parent, child) = (parent.clone(), child.clone());
            move || child.cancel_with(&parent)
        });
        parent.cancel(CancelReason::Requested);
        registers.join().unwrap();
        assert!(child.is_cancelled());
    });
}
