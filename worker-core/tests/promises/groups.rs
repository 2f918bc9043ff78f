//! P10, P11: groups, exclusive starts, restart policies.

use std::sync::Barrier;

use worker_core::WorkerState::{Cancelled, Pending, Running, Success};
use worker_core::{Restart, Worker, WorkerManager};

use crate::support::{hold, recorded};

#[test]
fn p10_an_exclusive_start_cancels_the_others_of_its_group_and_scope() {
    let workers = WorkerManager::new();
    let screen = workers.scope("screen");
    let sleep = |name, group, scope: Option<&worker_core::Scope>| {
        scope
            .map_or_else(|| workers.worker(name), |scope| scope.worker(name))
            .group(group)
            .thread(|cx| Ok(cx.sleep(std::time::Duration::MAX)?))
    };
    let old = sleep("old", "search", Some(&screen));
    let other_group = sleep("other group", "load", Some(&screen));
    let other_scope = sleep("other scope", "search", None);
    let new = screen.worker("new").group("search").exclusive().thread(|_| Ok(()));
    assert!(old.is_cancelled());
    assert!(!other_group.is_cancelled() && !other_scope.is_cancelled());
    new.wait().unwrap();
    workers.cancel_all();
}

#[test]
fn p10_of_simultaneous_exclusive_starts_exactly_one_stays() {
    for _ in 0..100 {
        let workers = WorkerManager::new();
        let barrier = Barrier::new(4);
        let started: Vec<Worker<()>> = std::thread::scope(|threads| {
            let starts: Vec<_> = (0..4)
                .map(|_| {
                    threads.spawn(|| {
                        barrier.wait();
                        workers
                            .worker("w")
                            .group("g")
                            .exclusive()
                            .thread(|cx| Ok(cx.sleep(std::time::Duration::MAX)?))
                    })
                })
                .collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert_eq!(started.iter().filter(|worker| !worker.is_cancelled()).count(), 1);
        workers.cancel_all();
    }
}

#[test]
fn p10_the_default_group_belongs_to_the_user() {
    let workers = WorkerManager::new();
    let worker = workers.worker("w").paused().thread(|_| Ok(()));
    assert_eq!(worker.group(), "default");
    assert_eq!(workers.cancel_group("default"), [worker.into()]);
}

#[test]
fn p10_a_finished_worker_is_revoked_with_its_group() {
    let workers = WorkerManager::new();
    let finished = workers.worker("old").group("g").thread(|_| Ok(()));
    finished.wait().unwrap();
    assert!(!finished.is_revoked());
    let newer = workers.worker("new").group("g").exclusive().thread(|_| Ok(()));
    assert!(finished.is_revoked(), "what it has queued must not show up after the newer one");
    assert!(!finished.is_cancelled());
    newer.wait().unwrap();
    assert!(!newer.is_revoked());
    workers.cancel_group("g");
    assert!(newer.is_revoked());
    assert!(!workers.worker("after").group("g").thread(|_| Ok(())).is_revoked());
}

#[test]
fn p11_parallel_runs_beside_the_others() {
    let workers = WorkerManager::new();
    let (a, held_a) = hold();
    let (b, held_b) = hold();
    let first = workers.worker("a").group("g").thread(move |_| Ok(held_a.wait()));
    let second = workers.worker("b").group("g").restart(Restart::Parallel).thread(move |_| Ok(held_b.wait()));
    a.entered();
    b.entered();
    assert!(first.is_running() && second.is_running());
    a.release();
    b.release();
}

#[test]
fn p11_after_previous_starts_once_they_have_stopped() {
    let (workers, log) = recorded(WorkerManager::builder());
    let (inside, held) = hold();
    let old = workers.worker("old").group("g").thread(move |_| Ok(held.wait()));
    inside.entered();
    let new = workers.worker("new").group("g").restart(Restart::AfterPrevious).thread(|_| Ok(()));
    assert!(old.is_cancelled());
    assert!(new.is_pending(), "the old body has not stopped");
    inside.release();
    new.wait().unwrap();
    let order: Vec<_> =
        log.take().iter().map(|event| (event.worker.name().to_owned(), event.state)).collect();
    let at = |name: &str, state| order.iter().position(|seen| *seen == (name.to_owned(), state)).unwrap();
    assert!(at("old", Cancelled) < at("new", Running));
}

#[test]
fn p11_after_previous_supersedes_one_that_still_waits() {
    let (workers, log) = recorded(WorkerManager::builder());
    let (inside, held) = hold();
    let _old = workers.worker("old").group("g").thread(move |_| Ok(held.wait()));
    inside.entered();
    let after = |name| workers.worker(name).group("g").restart(Restart::AfterPrevious).thread(|_| Ok(()));
    let middle = after("middle");
    let newest = after("newest");
    assert_eq!(middle.state(), Cancelled, "at once: it never ran");
    inside.release();
    newest.wait().unwrap();
    assert_eq!(log.states_of(&middle), [Pending, Cancelled]);
}

#[test]
fn p11_keep_previous_skips_while_one_is_active() {
    let (workers, log) = recorded(WorkerManager::builder());
    let (inside, held) = hold();
    let refresh = |body: Box<dyn FnOnce() + Send>| {
        workers.worker("refresh").group("g").restart(Restart::KeepPrevious).thread(move |_| Ok(body()))
    };
    let first = refresh(Box::new(move || held.wait()));
    inside.entered();
    let skipped = refresh(Box::new(|| unreachable!("skipped")));
    assert_eq!(skipped.state(), Cancelled);
    assert_eq!(log.states_of(&skipped), [Pending, Cancelled]);
    assert!(!first.is_cancelled());
    inside.release();
    first.wait().unwrap();
    refresh(Box::new(|| {})).wait().unwrap();
}

#[test]
fn p11_keep_previous_does_not_count_a_cancelled_or_a_paused_one() {
    let workers = WorkerManager::new();
    let (inside, held) = hold();
    let stuck = workers.worker("stuck").group("g").thread(move |_| Ok(held.wait()));
    inside.entered();
    stuck.cancel();
    let _paused = workers.worker("paused").group("g").paused().thread(|_| Ok(()));
    let fresh = workers.worker("fresh").group("g").restart(Restart::KeepPrevious).thread(|_| Ok(()));
    fresh.wait().unwrap();
    inside.release();
}

#[test]
fn p11_keep_latest_runs_one_and_keeps_the_newest_waiting() {
    let (workers, log) = recorded(WorkerManager::builder());
    let (inside, held) = hold();
    let save = |name| workers.worker(name).group("save").restart(Restart::KeepLatest);
    let first = save("first").thread(move |_| Ok(held.wait()));
    inside.entered();
    let second = save("second").thread(|_| Ok(()));
    let third = save("third").thread(|_| Ok(()));
    assert_eq!(second.state(), Cancelled, "superseded without having run");
    assert!(third.is_pending());
    assert!(!first.is_cancelled(), "the running one is left alone");
    inside.release();
    third.wait().unwrap();
    assert_eq!(first.state(), Success);
    assert_eq!(log.states_of(&second), [Pending, Cancelled]);
}

#[test]
fn p11_a_held_worker_that_is_cancelled_lets_the_next_one_in() {
    let workers = WorkerManager::new();
    let (inside, held) = hold();
    let save = |name| workers.worker(name).group("save").restart(Restart::KeepLatest);
    let first = save("first").thread(move |_| Ok(held.wait()));
    inside.entered();
    save("second").thread(|_| Ok(())).cancel();
    let third = save("third").thread(|_| Ok(()));
    inside.release();
    first.wait().unwrap();
    third.wait().unwrap();
}

#[test]
fn p11_simultaneous_keep_previous_starts_run_one() {
    for _ in 0..100 {
        let workers = WorkerManager::new();
        let barrier = Barrier::new(4);
        let (inside, held) = hold();
        let held = std::sync::Arc::new(held);
        let started: Vec<Worker<()>> = std::thread::scope(|threads| {
            let starts: Vec<_> = (0..4)
                .map(|_| {
                    let held = held.clone();
                    threads.spawn(|| {
                        barrier.wait();
                        let refresh = workers.worker("w").group("g").restart(Restart::KeepPrevious);
                        refresh.thread(move |_| Ok(held.wait()))
                    })
                })
                .collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert_eq!(started.iter().filter(|worker| !worker.is_cancelled()).count(), 1);
        inside.release();
    }
}

/// That it *costs* no more beside many others is measured: see docs/promises.md.
#[test]
fn p13_a_group_operation_touches_its_own_group_only() {
    let (workers, log) = recorded(WorkerManager::builder());
    let others: Vec<_> = (0..10_000)
        .map(|n| workers.worker("other").group(format!("group {}", n % 100)).paused().thread(|_| Ok(())))
        .collect();
    let old = workers.worker("old").group("mine").paused().thread(|_| Ok(()));
    log.take();
    let new = workers.worker("new").group("mine").exclusive().paused().thread(|_| Ok(()));
    let seen: Vec<_> = log.take().iter().map(|event| (event.worker.clone(), event.state)).collect();
    assert_eq!(
        seen,
        [(old.into(), Cancelled), (new.clone().into(), Pending)],
        "no other worker has an event"
    );
    assert_eq!(workers.cancel_group("mine"), [new.into()]);
    assert!(others.iter().all(|worker| !worker.is_cancelled() && !worker.is_revoked()));
}

#[test]
fn p11_superseded_workers_leave_the_pools_queue() {
    let workers = WorkerManager::builder().max_threads(1).build();
    let (inside, held) = hold();
    let blocks = workers.worker("blocks").group("other").thread(move |_| Ok(held.wait()));
    inside.entered();
    for _ in 0..1_000 {
        workers.worker("search").group("search").exclusive().thread(|_| Ok(()));
    }
    let text = format!("{workers:#?}");
    let queued = text.split("queued: ").nth(1).and_then(|rest| rest.split([',', ' ']).next());
    let queued: usize = queued.and_then(|number| number.parse().ok()).expect("the pool says how many");
    assert!(queued <= 2, "{text}");
    inside.release();
    blocks.wait().unwrap();
}
