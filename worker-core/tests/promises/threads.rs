//! P27: threads on demand, ended when idle, and threads that cannot be made.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Sender, unbounded};
use worker_core::WorkerState::{Error, Pending};
use worker_core::{ManualClock, Worker, WorkerError, WorkerManager};

use crate::support::{hold, recorded};

thread_local! {
    static THREAD_END: Cell<Option<NotifyThreadEnd>> = const { Cell::new(None) };
}

/// Says when its thread ends; one that is replaced keeps silent.
struct NotifyThreadEnd(Sender<()>);

impl Drop for NotifyThreadEnd {
    fn drop(&mut self) {
        if THREAD_END.try_with(|_| ()).is_err() {
            let _ = self.0.send(());
        }
    }
}

/// A stack that no machine has.
const IMPOSSIBLE_STACK: usize = 1 << 46;

#[test]
fn p27_a_thread_that_cannot_be_made_is_an_error_event() {
    let (workers, log) = recorded(WorkerManager::builder().stack_size(IMPOSSIBLE_STACK));
    for _ in 0..3 {
        let worker: Worker<()> = workers.worker("w").thread(|_| unreachable!("there is no thread"));
        assert!(matches!(worker.wait(), Err(worker_core::WaitError::Worker(WorkerError::NoThread(_)))));
        assert_eq!(log.states_of(&worker), [Pending, Error]);
        let text = worker.error().unwrap().to_string();
        assert!(text.starts_with("could not be started: "), "{text}");
    }
    assert!(workers.is_empty());
    assert!(workers.shutdown(Duration::ZERO).is_clean());
}

#[test]
fn p27_an_idle_thread_is_used_again_and_ends_after_its_time() {
    let clock = Arc::new(ManualClock::new());
    let workers = WorkerManager::builder().clock(clock.clone()).idle_timeout(Duration::from_secs(10)).build();
    let (ended, end) = unbounded();
    let run = || {
        let ended = ended.clone();
        let worker = workers.worker("w").thread(move |_| {
            THREAD_END.set(Some(NotifyThreadEnd(ended)));
            Ok(std::thread::current().id())
        });
        *worker.wait().unwrap()
    };
    let first = run();
    clock.wait_for_sleepers(1);
    assert_eq!(run(), first, "the sleeping thread is woken");
    clock.wait_for_sleepers(1);
    clock.advance(Duration::from_secs(10));
    end.recv().unwrap();
    assert_ne!(run(), first, "it had ended");
}

#[test]
fn p27_queued_work_is_taken_up_in_order() {
    let workers = WorkerManager::builder().max_threads(1).build();
    let (inside, held) = hold();
    let _first = workers.worker("first").thread(move |_| Ok(held.wait()));
    inside.entered();
    let (seen, log) = unbounded();
    let queued: Vec<_> = (0..20)
        .map(|n| {
            let seen = seen.clone();
            workers.worker("w").thread(move |_| Ok(seen.send(n)?))
        })
        .collect();
    inside.release();
    for worker in &queued {
        worker.wait().unwrap();
    }
    assert!(log.try_iter().eq(0..20));
}

#[test]
fn p28_ages_come_from_the_managers_clock() {
    let clock = Arc::new(ManualClock::new());
    let workers = WorkerManager::builder().clock(clock.clone()).build();
    let worker = workers.worker("w").paused().thread(|_| Ok(()));
    clock.advance(Duration::from_secs(3));
    assert_eq!(worker.age(), Duration::from_secs(3));
}
