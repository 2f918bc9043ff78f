//! P26: the end.

use std::sync::Arc;
use std::time::Duration;

use worker_core::WorkerState::{Cancelled, Pending};
use worker_core::{ManualClock, WorkerManager};

use crate::support::{hold, recorded};

#[test]
fn p26_shutdown_cancels_all_and_waits_for_them() {
    let (workers, log) = recorded(WorkerManager::builder());
    let screen = workers.scope("screen");
    let all = [
        workers.worker("a").thread(|cx| Ok(cx.sleep(Duration::MAX)?)),
        screen.worker("b").thread(|cx| Ok(cx.sleep(Duration::MAX)?)),
        screen.worker("c").paused().thread(|_| Ok(())),
    ];
    assert!(workers.shutdown(Duration::MAX).is_clean());
    assert!(all.iter().all(|worker| worker.state() == Cancelled));
    assert_eq!(log.take().iter().filter(|event| event.state == Cancelled).count(), 3, "each event is out");
}

#[test]
fn p26_shutdown_takes_no_new_workers() {
    let (workers, log) = recorded(WorkerManager::builder());
    let screen = workers.scope("screen");
    assert!(workers.shutdown(Duration::ZERO).is_clean());
    for late in [workers.worker("w"), screen.worker("w"), workers.scope("late").worker("w")] {
        let late = late.thread(|_| Ok(()));
        assert_eq!(late.state(), Cancelled);
        assert_eq!(log.states_of(&late), [Pending, Cancelled]);
    }
    assert!(workers.shutdown(Duration::ZERO).is_clean(), "twice is harmless");
}

#[test]
fn p26_the_report_names_workers_that_did_not_stop() {
    let clock = Arc::new(ManualClock::new());
    let workers = WorkerManager::builder().clock(clock.clone()).idle_timeout(None).build();
    let (inside, held) = hold();
    let line = line!() + 1;
    let stubborn = workers.worker("stubborn").thread(move |_| Ok(held.wait()));
    inside.entered();
    clock.advance(Duration::from_secs(7));
    let report = std::thread::scope(|threads| {
        let shutdown = threads.spawn(|| workers.shutdown(Duration::from_secs(2)));
        clock.wait_for_sleepers(1);
        clock.advance(Duration::from_secs(2));
        shutdown.join().unwrap()
    });
    assert!(!report.is_clean());
    let [abandoned] = &report.abandoned[..] else { panic!("{report:?}") };
    assert_eq!(abandoned.worker, stubborn.clone().into());
    assert_eq!(abandoned.running_for, Duration::from_secs(9));
    assert_eq!(abandoned.spawned_at.line(), line);
    let text = abandoned.to_string();
    assert!(text.starts_with("worker \"stubborn\" (#"), "{text}");
    assert!(text.contains("running for 9.0s, started at ") && text.contains("shutdown.rs"), "{text}");
    inside.release();
    stubborn.wait().unwrap_err();
}

#[test]
fn p26_a_worker_may_shut_its_own_manager_down() {
    let workers = WorkerManager::new();
    let other = workers.worker("other").thread(|cx| Ok(cx.sleep(Duration::MAX)?));
    let closer = workers.worker("closer").thread({
        let workers = workers.clone();
        move |_| Ok(drop(workers.shutdown(Duration::MAX)))
    });
    assert!(closer.wait().unwrap_err().is_cancelled(), "it does not wait for itself");
    assert!(other.is_finished());
}

#[test]
fn p26_dropping_the_manager_ends_nothing() {
    let workers = WorkerManager::new();
    let (inside, held) = hold();
    let worker = workers.worker("w").thread(move |_| Ok(held.wait()));
    inside.entered();
    drop(workers);
    assert!(!worker.is_cancelled());
    inside.release();
    worker.wait().unwrap();
}
