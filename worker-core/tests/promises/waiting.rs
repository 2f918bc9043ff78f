//! P14–P16: waits, and the waits that are refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use worker_core::blocking::UiThreadMark;
use worker_core::{AnyWorker, ManualClock, Restart, WaitError, Worker, WorkerError, WorkerManager};

use crate::support::hold;

#[test]
fn p14_wait_says_how_it_ended() {
    let workers = WorkerManager::new();
    assert_eq!(workers.worker("ok").thread(|_| Ok("yes")).wait().ok(), Some(&"yes"));
    let failed: Worker<()> = workers.worker("failed").thread(|_| Err("no")?);
    assert!(matches!(failed.wait(), Err(WaitError::Worker(WorkerError::Failed(_)))));
    let cancelled = workers.worker("cancelled").thread(|cx| Ok(cx.sleep(Duration::MAX)?));
    cancelled.cancel();
    assert!(cancelled.wait().unwrap_err().is_cancelled());
}

#[test]
fn p14_wait_timeout_gives_up_by_the_managers_clock() {
    let clock = Arc::new(ManualClock::new());
    let workers = WorkerManager::builder().clock(clock.clone()).idle_timeout(None).build();
    let (inside, held) = hold();
    let worker = workers.worker("slow").thread(move |_| Ok(held.wait()));
    inside.entered();
    std::thread::scope(|threads| {
        let waiting = threads.spawn(|| worker.wait_timeout(Duration::from_secs(5)));
        clock.wait_for_sleepers(1);
        clock.advance(Duration::from_secs(5));
        assert!(waiting.join().unwrap().unwrap_err().is_timeout());
    });
    assert!(worker.is_running(), "the worker goes on");
    inside.release();
    worker.wait_timeout(Duration::from_secs(5)).unwrap();
}

#[test]
fn p14_many_threads_wait_for_one_worker() {
    let (inside, held) = hold();
    let worker = WorkerManager::new().worker("w").thread(move |_| {
        held.wait();
        Ok(5)
    });
    inside.entered();
    std::thread::scope(|threads| {
        let waits: Vec<_> = (0..16).map(|_| threads.spawn(|| worker.wait().copied())).collect();
        inside.release();
        for wait in waits {
            assert_eq!(wait.join().unwrap().ok(), Some(5));
        }
    });
}

#[test]
fn p14_wait_for_complete_waits_for_all_and_gives_the_first_error() {
    let workers = WorkerManager::new();
    let (inside, held) = hold();
    let failed: Worker<()> = workers.worker("failed").thread(|_| Err("first")?);
    let slow = workers.worker("slow").thread(move |_| Ok(held.wait()));
    inside.entered();
    inside.release();
    let error = workers.wait_for_complete([&*failed, &*slow]).unwrap_err();
    assert_eq!(error.to_string(), "first");
    assert!(slow.is_finished());
    workers.wait_for_complete(workers.workers()).unwrap();
    workers.wait_for_complete([&slow]).unwrap();
}

#[test]
fn p15_waiting_for_oneself_is_refused() {
    let worker = WorkerManager::new().worker("narcissus").thread(|cx| Ok(cx.worker().wait().unwrap_err()));
    assert!(matches!(worker.wait().unwrap(), WaitError::Deadlock));
}

#[test]
fn p15_a_circle_of_waits_of_any_length_is_refused() {
    for length in 2..=8 {
        let workers = WorkerManager::new();
        let (handles, receivers): (Vec<_>, Vec<_>) = (0..length).map(|_| channel::<Worker<bool>>()).unzip();
        let started: Vec<Worker<bool>> = receivers
            .into_iter()
            .map(|next| {
                workers.worker("link").thread(move |_| {
                    let next = next.recv()?;
                    Ok(matches!(next.wait(), Err(WaitError::Deadlock)))
                })
            })
            .collect();
        for (at, handle) in handles.iter().enumerate() {
            handle.send(started[(at + 1) % length].clone()).unwrap();
        }
        let refused = started.iter().filter(|worker| *worker.wait().unwrap()).count();
        assert_eq!(refused, 1, "the wait that would close the circle, and only that one");
    }
}

#[test]
fn p15_waiting_for_a_successor_that_is_held_back_is_refused() {
    let workers = WorkerManager::new();
    let first = workers.worker("first").group("g").thread({
        let workers = workers.clone();
        move |_| {
            let next = workers.worker("next").group("g").restart(Restart::KeepLatest).thread(|_| Ok(()));
            Ok((next.wait().unwrap_err(), next.clone()))
        }
    });
    let (refused, next) = first.wait().unwrap();
    assert!(matches!(refused, WaitError::Deadlock), "it starts only once its predecessor has stopped");
    next.wait().unwrap();
}

#[test]
fn p15_waiting_for_one_not_started_is_refused() {
    let worker = WorkerManager::new().worker("w").paused().thread(|_| Ok(2));
    assert!(matches!(worker.wait(), Err(WaitError::NotStarted)));
    worker.start();
    assert_eq!(worker.wait().ok(), Some(&2));
}

#[test]
fn p15_waiting_on_a_ui_thread_is_refused_unless_there_is_nothing_to_wait_for() {
    let workers = WorkerManager::new();
    let (inside, held) = hold();
    let worker = workers.worker("w").thread(move |_| Ok(held.wait()));
    inside.entered();
    let mark = UiThreadMark::new();
    let second = UiThreadMark::new();
    drop(second);
    assert!(matches!(worker.wait(), Err(WaitError::UiThread)), "marks may overlap");
    assert!(matches!(worker.wait_timeout(Duration::ZERO), Err(WaitError::UiThread)));
    inside.release();
    drop(mark);
    worker.wait().unwrap();
    let _mark = UiThreadMark::new();
    worker.wait().unwrap();
}

#[test]
fn p16_a_chain_of_a_thousand_waiting_workers_ends_with_one_thread() {
    fn link(workers: &WorkerManager, left: u32) -> Worker<u32> {
        workers.worker("link").thread({
            let workers = workers.clone();
            move |_| match left {
                0 => Ok(0),
                left => Ok(*link(&workers, left - 1).wait()? + 1),
            }
        })
    }
    let workers = WorkerManager::builder().max_threads(1).build();
    assert_eq!(link(&workers, 1000).wait().ok(), Some(&1000));
}

#[test]
fn p16_no_more_than_max_threads_run_at_once() {
    let workers = WorkerManager::builder().max_threads(2).build();
    let holds: Vec<_> = (0..3)
        .map(|_| {
            let (inside, held) = hold();
            (workers.worker("w").thread(move |_| Ok(held.wait())), inside)
        })
        .collect();
    holds[0].1.entered();
    holds[1].1.entered();
    assert!(holds[2].0.is_pending());
    holds[0].1.release();
    holds[2].1.entered();
    holds[1].1.release();
    holds[2].1.release();
}

#[test]
fn p16_a_worker_that_is_back_from_a_wait_counts_again() {
    let workers = WorkerManager::builder().max_threads(1).build();
    let running = Arc::new(AtomicBool::new(true));
    let (started, next) = channel();
    let waiter = workers.worker("waiter").thread({
        let (workers, running) = (workers.clone(), running.clone());
        move |_| {
            workers.worker("waited for").thread(|_| Ok(())).wait()?;
            let beside = running.clone();
            started.send(workers.worker("next").thread(move |_| Ok(beside.load(Ordering::SeqCst))))?;
            // Whatever could run beside this body now has every chance to.
            for _ in 0..1000 {
                std::thread::yield_now();
            }
            running.store(false, Ordering::SeqCst);
            Ok(())
        }
    });
    assert_eq!(next.recv().unwrap().wait().ok(), Some(&false), "one thread, one body");
    waiter.wait().unwrap();
}

#[test]
fn p15_a_result_may_wait_for_a_worker_when_it_is_dropped() {
    /// Waits when dropped, wherever that is.
    struct Waits(Worker<()>);
    impl Drop for Waits {
        fn drop(&mut self) {
            let _ = self.0.wait_timeout(Duration::ZERO);
        }
    }
    let workers = WorkerManager::new();
    let (inside, held) = hold();
    let endless = workers.worker("endless").thread(move |_| Ok(held.wait()));
    inside.entered();
    let predecessors = || {
        let endless = endless.clone();
        workers.worker("predecessor").group("g").thread(move |_| Ok(Waits(endless)))
    };
    for _ in 0..200 {
        drop(predecessors());
    }
    let held_back = workers.worker("held").group("g").restart(Restart::KeepLatest).thread(|_| Ok(()));
    let asks =
        workers.worker("asks").thread(move |_| Ok(held_back.wait_timeout(Duration::from_mins(1)).is_ok()));
    assert_eq!(asks.wait().ok(), Some(&true));
    inside.release();
}

#[test]
fn p14_an_await_of_a_worker_of_any_type_ends_with_it_or_says_why_not() {
    let workers = WorkerManager::new();
    let (inside, held) = hold();
    let worker = workers.worker("w").thread(move |_| Ok(held.wait()));
    inside.entered();
    let any: AnyWorker = worker.into();
    assert!(pollster::block_on(poll_once(any.finished())).is_none(), "it is running");
    inside.release();
    pollster::block_on(any.finished()).unwrap();
    assert!(any.is_finished());

    let failed: Worker<()> = workers.worker("w").thread(|_| Err("no".into()));
    let failed: AnyWorker = failed.into();
    let error = pollster::block_on(failed.finished()).unwrap_err();
    assert!(matches!(error, WaitError::Worker(WorkerError::Failed(_))));
    let paused: AnyWorker = workers.worker("w").paused().thread(|_| Ok(())).into();
    assert!(matches!(pollster::block_on(paused.finished()), Err(WaitError::NotStarted)));
}

/// Polls a future once.
async fn poll_once<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
        std::task::Poll::Ready(value) => std::task::Poll::Ready(Some(value)),
        std::task::Poll::Pending => std::task::Poll::Ready(None),
    })
    .await
}
