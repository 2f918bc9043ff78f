//! P9: time limits. P12: children.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Sender, unbounded};
use worker_core::WorkerState::{Cancelled, Error, Pending, Running};
use worker_core::{ManualClock, Worker, WorkerError, WorkerManager};

use crate::support::{hold, recorded};

const LIMIT: Duration = Duration::from_secs(5);

#[test]
fn p09_a_worker_that_runs_too_long_is_cancelled_and_ends_in_timed_out() {
    let clock = Arc::new(ManualClock::new());
    let (workers, log) = recorded(WorkerManager::builder().clock(clock.clone()).idle_timeout(None));
    let worker: Worker<()> = workers.worker("slow").timeout(LIMIT).thread(|cx| Ok(cx.sleep(Duration::MAX)?));
    clock.wait_for_sleepers(1); // the keeper of limits; the body's sleep has no end
    clock.advance(LIMIT);
    assert!(worker.wait().unwrap_err().is_timeout());
    assert!(worker.is_cancelled());
    assert!(matches!(worker.error(), Some(WorkerError::TimedOut)));
    assert_eq!(log.states_of(&worker), [Pending, Running, Error]);
}

#[test]
fn p09_a_body_that_ignores_its_limit_is_running_until_it_returns() {
    let clock = Arc::new(ManualClock::new());
    let workers = WorkerManager::builder().clock(clock.clone()).idle_timeout(None).build();
    let (inside, held) = hold();
    let worker = workers.worker("stubborn").timeout(LIMIT).thread(move |_| Ok(held.wait()));
    inside.entered();
    clock.wait_for_sleepers(1);
    clock.advance(LIMIT);
    while !worker.is_cancelled() {
        std::thread::yield_now();
    }
    assert_eq!(worker.state(), Running);
    inside.release();
    assert!(worker.wait().unwrap_err().is_timeout());
}

#[test]
fn p09_a_worker_that_is_done_in_time_is_left_alone() {
    let clock = Arc::new(ManualClock::new());
    let workers = WorkerManager::builder().clock(clock.clone()).idle_timeout(None).build();
    let quick = workers.worker("quick").timeout(LIMIT).thread(|_| Ok(1));
    quick.wait().unwrap();
    clock.advance(LIMIT * 2);
    let after: Worker<()> = workers.worker("after").timeout(LIMIT).thread(|cx| Ok(cx.sleep(Duration::MAX)?));
    clock.wait_for_sleepers(1);
    clock.advance(LIMIT);
    after.wait().unwrap_err();
    assert!(!quick.is_cancelled());
}

#[test]
fn p09_the_nearest_of_many_limits_comes_first() {
    let clock = Arc::new(ManualClock::new());
    let workers = WorkerManager::builder().clock(clock.clone()).idle_timeout(None).build();
    let start = |limit| {
        let (inside, held) = hold();
        let worker = workers.worker("w").timeout(limit).thread(move |cx| {
            held.wait();
            Ok(cx.sleep(Duration::MAX)?)
        });
        inside.entered();
        inside.release();
        worker
    };
    let (late, early) = (start(LIMIT * 2), start(LIMIT));
    clock.wait_for_sleepers(1);
    while clock.next_deadline().is_none_or(|deadline| deadline > worker_core::Clock::now(&*clock) + LIMIT) {
        std::thread::yield_now();
    }
    clock.advance(LIMIT);
    assert!(early.wait().unwrap_err().is_timeout());
    assert!(!late.is_cancelled());
    clock.wait_for_sleepers(1);
    clock.advance(LIMIT);
    assert!(late.wait().unwrap_err().is_timeout());
}

#[test]
fn p09_a_cancel_before_the_limit_is_a_cancel() {
    let workers = WorkerManager::new();
    let worker: Worker<()> =
        workers.worker("w").timeout(Duration::from_hours(1)).thread(|cx| Ok(cx.sleep(Duration::MAX)?));
    worker.cancel();
    assert!(worker.wait().unwrap_err().is_cancelled());
    assert_eq!(worker.state(), Cancelled);
}

/// A worker with a line of `depth` descendants, each sent to `children`.
fn spawn(workers: &WorkerManager, depth: u32, children: Sender<Worker<()>>) -> Worker<()> {
    let manager = workers.clone();
    workers.worker("level").child().thread(move |cx| {
        if depth > 0 {
            let child = spawn(&manager, depth - 1, children.clone());
            children.send(child)?;
        }
        Ok(cx.sleep(Duration::MAX)?)
    })
}

#[test]
fn p12_a_child_is_cancelled_with_its_parent_at_any_depth() {
    let workers = WorkerManager::new();
    let (children, started) = unbounded();
    let root = spawn(&workers, 5, children);
    let family: Vec<_> = started.iter().take(5).collect();
    root.cancel();
    assert!(family.iter().all(|child| child.is_cancelled()));
    for child in &family {
        assert!(child.wait().unwrap_err().is_cancelled());
    }
}

#[test]
fn p12_a_child_of_a_cancelled_parent_never_runs() {
    let (workers, log) = recorded(WorkerManager::builder());
    let parent = workers.worker("parent").thread({
        let workers = workers.clone();
        move |cx| {
            cx.worker().cancel();
            let child = workers.worker("child").child().thread(|_| Ok(()));
            assert_eq!(child.state(), Cancelled);
            Ok(())
        }
    });
    parent.wait().unwrap_err();
    let child_states: Vec<_> =
        log.take().iter().filter(|event| event.worker.name() == "child").map(|event| event.state).collect();
    assert_eq!(child_states, [Pending, Cancelled]);
}

#[test]
fn p12_a_child_outlives_a_parent_that_was_not_cancelled_and_others_are_no_children() {
    let workers = WorkerManager::new();
    let parent = workers.worker("parent").thread({
        let workers = workers.clone();
        move |cx| {
            let child = workers.worker("child").child().thread(|cx| Ok(cx.sleep(Duration::MAX)?));
            let other = workers.worker("other").thread(|cx| Ok(cx.sleep(Duration::MAX)?));
            let _ = cx;
            Ok((child, other))
        }
    });
    let (child, other) = parent.wait().unwrap();
    parent.cancel();
    assert!(!child.is_cancelled() && !other.is_cancelled());
    workers.cancel_all();
}

#[test]
fn p12_a_family_may_be_deeper_than_the_stack() {
    // Each generation is started from within the one before, on a thread of its own that then waits
    // to be cancelled.
    let (next, generations) = unbounded::<Worker<()>>();
    let many = WorkerManager::builder().max_threads(2000).build();
    let first = spawn(&many, 1500, next);
    let family: Vec<_> = generations.iter().take(1500).collect();
    // A stack on which that many nested cancels have no room.
    let canceller = std::thread::Builder::new().stack_size(256 * 1024);
    canceller.spawn(move || first.cancel()).unwrap().join().unwrap();
    assert!(family.iter().all(|member| member.is_cancelled()));
}

#[test]
fn p09_a_limit_leaves_nothing_behind_when_its_worker_has_ended() {
    let clock = Arc::new(ManualClock::new());
    let workers = WorkerManager::builder().clock(clock.clone()).idle_timeout(None).build();
    for _ in 0..100 {
        workers.worker("quick").timeout(LIMIT).thread(|_| Ok(())).wait().unwrap();
    }
    let shown = format!("{workers:#?}");
    assert!(shown.contains("alarms: Alarms {\n"), "{shown}");
    assert!(shown.contains("workers: 0,"), "{shown}");
}
