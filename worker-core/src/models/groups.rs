//! Models of `Members`: starts of one group from two threads.

use std::sync::Arc;

use loom::thread;

use super::support::{check, still_clock};
use crate::body::event_loop::BlockOn;
use crate::manager::engine::Engine;
use crate::manager::listeners::Listeners;
use crate::manager::restart::Restart;
use crate::manager::worker_manager::WorkerManager;
use crate::threads::pool::Limits;
use crate::worker::handle::Worker;
use crate::worker::lifecycle::Settled;

/// A manager that has no threads: its workers stay pending until they are cancelled.
fn manager() -> WorkerManager {
    let limits = Limits { max_threads: 0, idle_timeout: None, stack_size: None };
    let listeners = Listeners::new(None, None);
    WorkerManager::with_engine(Engine::new(limits, still_clock(), Arc::new(BlockOn), listeners), true)
}

fn start(workers: &WorkerManager, restart: Restart) -> Worker<()> {
    workers.worker("w").group("g").restart(restart).thread(|_| Ok(()))
}

#[test]
fn p10_of_two_exclusive_starts_exactly_one_stays() {
    check(3, || {
        let workers = manager();
        let other = thread::spawn({
            let workers = workers.clone();
            move || start(&workers, Restart::CancelPrevious)
        });
        let one = start(&workers, Restart::CancelPrevious);
        let other = other.join().unwrap();
        assert_ne!(one.is_cancelled(), other.is_cancelled());
        workers.cancel_all();
    });
}

#[test]
fn p11_of_two_starts_with_keep_previous_exactly_one_is_skipped() {
    check(3, || {
        let workers = manager();
        let other = thread::spawn({
            let workers = workers.clone();
            move || start(&workers, Restart::KeepPrevious)
        });
        let one = start(&workers, Restart::KeepPrevious);
        let other = other.join().unwrap();
        assert_ne!(one.is_cancelled(), other.is_cancelled());
        workers.cancel_all();
    });
}

#[test]
fn p11_keep_previous_against_the_end_of_the_previous_one() {
    check(3, || {
        let workers = manager();
        let first = start(&workers, Restart::KeepPrevious);
        let cancels = thread::spawn({
            let first = first.clone();
            move || first.cancel()
        });
        let was_cancelled = first.is_cancelled();
        let second = start(&workers, Restart::KeepPrevious);
        cancels.join().unwrap();
        assert!(!(was_cancelled && second.is_cancelled()), "skipped for a cancelled one");
        // Whichever came first, a third start finds the second active or nothing at all.
        let third = start(&workers, Restart::KeepPrevious);
        assert_eq!(third.is_cancelled(), !second.is_cancelled());
        workers.cancel_all();
        assert!(workers.is_empty());
    });
}

#[test]
fn p11_one_that_is_held_against_an_end_and_a_newer_one() {
    check(2, || {
        let workers = manager();
        let exclusive = || start(&workers, Restart::CancelPrevious);
        // Two that do not stop at once.
        let slow = [(); 2].map(|()| {
            let slow = exclusive();
            assert!(slow.0.begin());
            slow
        });
        let [ends_first, ends_last] = slow.map(|slow| {
            move || {
                assert_eq!(slow.0.settle(), Settled::Cancelled);
                slow.0.end_cancelled();
            }
        });
        let held = exclusive();
        assert!(!held.0.is_released());
        let ends = thread::spawn(ends_first);
        let newest = exclusive();
        ends.join().unwrap();
        assert!(held.is_cancelled() && !newest.is_cancelled());
        assert!(newest.0.is_released(), "one slow one is left: it need not be waited for");
        ends_last();
        workers.cancel_all();
    });
}
