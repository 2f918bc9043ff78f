//! P5–P8: cancels, and those who watch for them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use crossbeam_channel::{bounded, unbounded};
use worker_core::WorkerState::{Cancelled, Pending, Running};
use worker_core::{ManualClock, StateChanged, Worker, WorkerManager};

use crate::support::{cancel_inside, hold, recorded, with_time_limit};

#[test]
fn p05_a_cancelled_blocking_body_is_running_until_it_returns() {
    let (workers, log) = recorded(WorkerManager::builder());
    let (inside, held) = hold();
    let worker = workers.worker("stubborn").thread(move |_| Ok(held.wait()));
    inside.entered();
    worker.cancel();
    assert!(worker.is_cancelled(), "the request is seen at once");
    assert_eq!(worker.state(), Running, "but the body has not stopped");
    inside.release();
    assert!(worker.wait().unwrap_err().is_cancelled());
    assert_eq!(worker.state(), Cancelled);
    assert_eq!(log.states_of(&worker), [Pending, Running, Cancelled]);
}

/// Counts its drops.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn p05_what_a_cancelled_body_returns_is_dropped() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let (inside, held) = hold();
    let worker = WorkerManager::new().worker("w").thread({
        let value = Counted(dropped.clone());
        move |_| {
            held.wait();
            Ok(value)
        }
    });
    inside.entered();
    worker.cancel();
    inside.release();
    worker.wait().map(|_| ()).unwrap_err();
    assert_eq!(dropped.load(Ordering::SeqCst), 1, "while the handle still lives");
    assert!(worker.result().is_none());
}

#[test]
fn p05_an_error_after_a_cancel_is_cancelled() {
    let (inside, held) = hold();
    let worker: Worker<()> = WorkerManager::new().worker("w").thread(move |cx| {
        held.wait();
        cx.check()?;
        Err("not reached")?
    });
    inside.entered();
    worker.cancel();
    inside.release();
    assert!(worker.wait().unwrap_err().is_cancelled());
}

#[test]
fn p05_a_cancel_from_inside_the_body() {
    let (workers, log) = recorded(WorkerManager::builder());
    let worker: Worker<()> = workers.worker("suicidal").thread(|cx| {
        cx.worker().cancel();
        Ok(cx.check()?)
    });
    assert!(worker.wait().unwrap_err().is_cancelled());
    assert_eq!(log.states_of(&worker), [Pending, Running, Cancelled]);
}

#[test]
fn p05_two_threads_cancel_and_one_terminal_event_comes() {
    for _ in 0..200 {
        let (workers, log) = recorded(WorkerManager::builder());
        let worker = workers.worker("w").paused().thread(|_| Ok(()));
        let barrier = Barrier::new(3);
        std::thread::scope(|threads| {
            for _ in 0..2 {
                threads.spawn(|| {
                    barrier.wait();
                    worker.cancel();
                });
            }
            barrier.wait();
            worker.start();
        });
        let _ = worker.wait();
        let states = log.states_of(&worker);
        assert_eq!(states.iter().filter(|state| state.is_finished()).count(), 1, "{states:?}");
        assert!(worker.is_cancelled());
    }
}

#[test]
fn p05_a_cancel_during_the_final_transition_changes_nothing_that_was_seen() {
    let (cancelled, sync) = bounded(0);
    let sink = move |event: StateChanged| {
        if event.state.is_finished() {
            let worker = event.worker.clone();
            cancelled.send(worker).unwrap();
        }
    };
    let worker = WorkerManager::builder().events(sink).build().worker("w").thread(|_| Ok(9));
    let seen = sync.recv().unwrap();
    seen.cancel();
    assert_eq!(worker.wait().ok(), Some(&9), "it had succeeded before the cancel");
    assert!(worker.is_cancelled(), "the request is remembered, so that a bridge drops what is queued");
}

#[test]
fn p05_ten_thousand_workers_in_a_group_are_cancelled_at_once() {
    let (workers, log) = recorded(WorkerManager::builder().max_threads(2));
    let all: Vec<_> = (0..10_000)
        .map(|_| workers.worker("w").group("many").thread(|cx| Ok(cx.sleep(Duration::MAX)?)))
        .collect();
    assert_eq!(workers.cancel_group("many").len(), 10_000);
    for worker in &all {
        assert!(worker.wait().unwrap_err().is_cancelled());
    }
    assert_eq!(log.take().iter().filter(|event| event.state == Cancelled).count(), 10_000);
    assert!(workers.is_empty());
}

#[test]
fn p07_a_sleep_ends_at_its_time_or_at_a_cancel() {
    let clock = Arc::new(ManualClock::new());
    let workers = WorkerManager::builder().clock(clock.clone()).idle_timeout(None).build();
    let nap = || workers.worker("nap").thread(|cx| Ok(cx.sleep(Duration::from_mins(1))?));

    let full = nap();
    clock.wait_for_sleepers(1);
    clock.advance(Duration::from_secs(59));
    assert!(full.is_running());
    clock.advance(Duration::from_secs(1));
    full.wait().unwrap();

    let broken = nap();
    clock.wait_for_sleepers(1);
    broken.cancel();
    assert!(broken.wait().unwrap_err().is_cancelled());
}

#[test]
fn p07_a_sleep_after_the_cancel_does_not_sleep() {
    cancel_inside(|cx, held| {
        held.wait();
        Ok(cx.sleep(Duration::MAX)?)
    });
}

#[test]
fn p07_a_hook_runs_once_on_the_cancelling_thread() {
    let (inside, held) = hold();
    let (told, heard) = unbounded();
    let worker: Worker<()> = WorkerManager::new().worker("w").thread(move |cx| {
        let _hook = cx.on_cancel(move || told.send(std::thread::current().id()).unwrap());
        held.wait();
        Ok(())
    });
    inside.entered();
    worker.cancel();
    worker.cancel();
    assert_eq!(heard.try_iter().collect::<Vec<_>>(), [std::thread::current().id()]);
    inside.release();
    worker.wait().unwrap_err();
}

#[test]
fn p07_a_hook_after_the_cancel_runs_at_once() {
    let (inside, held) = hold();
    let (told, heard) = unbounded();
    let worker: Worker<()> = WorkerManager::new().worker("w").thread(move |cx| {
        held.wait();
        let _hook = cx.on_cancel(move || told.send(()).unwrap());
        Ok(())
    });
    inside.entered();
    worker.cancel();
    inside.release();
    worker.wait().unwrap_err();
    assert_eq!(heard.len(), 1);
}

#[test]
fn p07_a_dropped_hook_does_not_run() {
    let (inside, held) = hold();
    let (told, heard) = unbounded();
    let worker: Worker<()> = WorkerManager::new().worker("w").thread(move |cx| {
        drop(cx.on_cancel(move || told.send(()).unwrap()));
        held.wait();
        Ok(())
    });
    inside.entered();
    worker.cancel();
    inside.release();
    worker.wait().unwrap_err();
    assert_eq!(heard.len(), 0);
}

#[test]
fn p08_cancelling_a_waiter_leaves_the_worker_alone() {
    let workers = WorkerManager::new();
    let (inside, held) = hold();
    let worker = workers.worker("worker").thread(move |_| {
        held.wait();
        Ok(3)
    });
    inside.entered();
    let waiter = workers.worker("waiter").thread({
        let worker = worker.clone();
        move |_| Ok(*worker.wait()?)
    });
    waiter.cancel();
    assert!(waiter.wait().unwrap_err().is_cancelled(), "the cancel ends its wait");
    assert!(worker.is_running());
    assert!(!worker.is_cancelled());
    inside.release();
    assert_eq!(worker.wait().ok(), Some(&3));
}

#[test]
fn p08_dropping_a_handle_detaches() {
    let (workers, log) = recorded(WorkerManager::builder());
    let (inside, held) = hold();
    drop(workers.worker("free").thread(move |_| Ok(held.wait())));
    inside.entered();
    let live = workers.workers();
    assert!(live[0].is_running());
    inside.release();
    log.until(&live[0], worker_core::WorkerState::Success);
}

#[test]
fn p08_a_guard_cancels_when_dropped() {
    let (inside, held) = hold();
    let worker = WorkerManager::new().worker("w").thread(move |_| Ok(held.wait()));
    inside.entered();
    let guard = worker.clone().cancel_on_drop();
    assert!(!worker.is_cancelled());
    drop(guard);
    assert!(worker.is_cancelled());
    inside.release();
}

#[test]
fn p08_a_guard_that_is_disarmed_cancels_nothing() {
    let (inside, held) = hold();
    let guard = WorkerManager::new().worker("w").thread(move |_| Ok(held.wait())).cancel_on_drop();
    inside.entered();
    let worker = guard.disarm();
    assert!(!worker.is_cancelled());
    inside.release();
    worker.wait().unwrap();
}

#[test]
fn p07_a_waiter_for_the_cancel_of_a_pending_worker_is_woken() {
    with_time_limit(|| {
        let worker = WorkerManager::new().worker("w").paused().thread(|_| Ok(()));
        let (polled, waiting) = std::sync::mpsc::channel();
        std::thread::scope(|threads| {
            threads.spawn(|| {
                let mut cancelled = std::pin::pin!(worker.cancelled());
                pollster::block_on(std::future::poll_fn(|cx| {
                    let done = cancelled.as_mut().poll(cx);
                    let _ = polled.send(());
                    done
                }));
            });
            waiting.recv().unwrap();
            worker.cancel();
        });
    });
}

#[test]
fn p07_a_hook_is_dropped_when_the_body_ends() {
    let held = Arc::new(());
    let kept = held.clone();
    let worker = WorkerManager::new().worker("w").thread(move |cx| {
        std::mem::forget(cx.on_cancel(move || drop(kept)));
        Ok(())
    });
    worker.wait().unwrap();
    assert_eq!(Arc::strong_count(&held), 1);
    worker.cancel();
}
