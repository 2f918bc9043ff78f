//! P33: at most so many at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use worker_core::WorkerState::{Cancelled, Pending};
use worker_core::{ConcurrencyLimit, Worker, WorkerManager};

use crate::support::{Hold, hold, with_time_limit};

/// Counts the bodies that run, and the most that ever ran at once.
#[derive(Clone, Default)]
struct AtOnce(Arc<(AtomicUsize, AtomicUsize)>);

impl AtOnce {
    fn enter(&self) {
        let now = self.0.0.fetch_add(1, Ordering::SeqCst) + 1;
        self.0.1.fetch_max(now, Ordering::SeqCst);
    }

    fn leave(&self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }

    fn most(&self) -> usize {
        self.0.1.load(Ordering::SeqCst)
    }
}

/// A worker that is inside the limit until it is released.
fn inside(workers: &WorkerManager, limit: &ConcurrencyLimit) -> (Hold, Worker<()>) {
    let (inside, body) = hold();
    let worker = workers.worker("holder").limit(limit).thread(move |_| Ok(body.wait()));
    inside.entered();
    (inside, worker)
}

#[test]
fn p33_at_most_so_many_run_at_once_in_all_managers() {
    let (here, there) = (WorkerManager::new(), WorkerManager::new());
    let limit = ConcurrencyLimit::new(3);
    let at_once = AtOnce::default();
    let all: Vec<_> = (0..200)
        .map(|number| {
            let at_once = at_once.clone();
            let workers = if number % 2 == 0 { &here } else { &there };
            workers.worker("w").group(format!("g{number}")).limit(&limit).thread(move |_| {
                at_once.enter();
                std::thread::yield_now();
                at_once.leave();
                Ok(())
            })
        })
        .collect();
    for worker in &all {
        worker.wait().unwrap();
    }
    assert!(at_once.most() <= 3, "{}", at_once.most());
    assert_eq!(limit.waiting(), 0);
}

#[test]
fn p33_those_that_wait_are_pending_hold_no_thread_and_go_in_order() {
    let workers = WorkerManager::builder().max_threads(1).build();
    let limit = ConcurrencyLimit::new(1);
    let elsewhere = WorkerManager::new();
    let (holder, _worker) = inside(&elsewhere, &limit);
    let order = Arc::new(parking_lot::Mutex::new(Vec::new()));
    let waiting: Vec<_> = (0..5)
        .map(|number| {
            let order = order.clone();
            workers.worker("w").limit(&limit).thread(move |_| Ok(order.lock().push(number)))
        })
        .collect();
    assert_eq!(limit.waiting(), 5);
    workers.worker("free").thread(|_| Ok(())).wait().unwrap();
    assert!(waiting.iter().all(|worker| worker.state() == Pending));
    holder.release();
    for worker in waiting {
        worker.wait().unwrap();
    }
    assert_eq!(*order.lock(), [0, 1, 2, 3, 4]);
}

#[test]
fn p33_a_cancel_frees_the_place_in_the_line_at_once() {
    let workers = WorkerManager::new();
    let limit = ConcurrencyLimit::new(1);
    let (holder, _worker) = inside(&workers, &limit);
    let body = Arc::new(());
    let waiting: Vec<_> = (0..10)
        .map(|_| {
            let body = body.clone();
            workers.worker("w").limit(&limit).thread(move |_| Ok(drop(body)))
        })
        .collect();
    for worker in &waiting[..9] {
        worker.cancel();
        assert_eq!(worker.state(), Cancelled);
    }
    assert_eq!(limit.waiting(), 1);
    assert_eq!(Arc::strong_count(&body), 2);
    holder.release();
    waiting[9].wait().unwrap();
}

#[test]
fn p33_a_cancelled_body_keeps_its_slot_until_it_has_stopped() {
    let workers = WorkerManager::new();
    let limit = ConcurrencyLimit::new(1);
    let (holder, worker) = inside(&workers, &limit);
    let next = workers.worker("w").limit(&limit).thread(|_| Ok(()));
    worker.cancel();
    assert_eq!(next.state(), Pending);
    holder.release();
    next.wait().unwrap();
}

#[test]
fn p33_an_error_or_a_panic_gives_the_slot_to_the_next() {
    worker_core::install_panic_hook();
    let workers = WorkerManager::new();
    let limit = ConcurrencyLimit::new(1);
    let failing: Worker<()> = workers.worker("w").limit(&limit).thread(|_| Err("no".into()));
    let panicking: Worker<()> = workers.worker("w").limit(&limit).thread(|_| panic!("no"));
    workers.worker("w").limit(&limit).thread(|_| Ok(())).wait().unwrap();
    assert!(failing.is_finished() && panicking.is_finished());
}

/// A worker that waits for one that waits for one …, so many deep.
fn deep(workers: &WorkerManager, limit: &ConcurrencyLimit, depth: u32) -> Worker<u32> {
    let (own, own_limit) = (workers.clone(), limit.clone());
    workers.worker("w").limit(limit).thread(move |_| {
        if depth == 0 {
            return Ok(0);
        }
        Ok(deep(&own, &own_limit, depth - 1).wait()? + 1)
    })
}

#[test]
fn p33_a_parent_may_wait_for_children_of_its_own_limit() {
    with_time_limit(|| {
        let workers = WorkerManager::builder().max_threads(1).build();
        let limit = ConcurrencyLimit::new(1);
        assert_eq!(*deep(&workers, &limit, 20).wait().unwrap(), 20);
    });
}

#[test]
fn p33_an_async_parent_may_await_children_of_its_own_limit() {
    with_time_limit(|| {
        let workers = WorkerManager::builder().max_threads(1).build();
        let limit = ConcurrencyLimit::new(1);
        let (own, own_limit) = (workers.clone(), limit.clone());
        let parent = workers.worker("parent").limit(&limit).thread_async(async move |_| {
            let children: Vec<_> =
                (0..3).map(|n| own.worker("child").limit(&own_limit).thread(move |_| Ok(n))).collect();
            let mut sum = 0;
            for child in &children {
                sum += child.finished().await?;
            }
            Ok(sum)
        });
        assert_eq!(*parent.wait().unwrap(), 3);
    });
}

#[test]
fn p33_one_that_comes_back_from_a_wait_goes_before_those_that_have_not_begun() {
    let workers = WorkerManager::new();
    let limit = ConcurrencyLimit::new(1);
    let (target_inside, target_body) = hold();
    let target = workers.worker("target").thread(move |_| Ok(target_body.wait()));
    target_inside.entered();
    let order = Arc::new(parking_lot::Mutex::new(Vec::new()));
    let waiter = workers.worker("waiter").limit(&limit).thread({
        let order = order.clone();
        move |_| {
            target.wait()?;
            Ok(order.lock().push("waiter"))
        }
    });
    // The waiter has given its slot back once this one is inside.
    let (holder, _worker) = inside(&workers, &limit);
    let last = workers.worker("last").limit(&limit).thread({
        let order = order.clone();
        move |_| Ok(order.lock().push("last"))
    });
    target_inside.release();
    while limit.waiting() < 2 {
        std::thread::yield_now();
    }
    holder.release();
    waiter.wait().unwrap();
    last.wait().unwrap();
    assert_eq!(*order.lock(), ["waiter", "last"]);
}

#[test]
fn p33_a_cancelled_waiter_goes_on_without_a_slot() {
    let workers = WorkerManager::new();
    let limit = ConcurrencyLimit::new(1);
    let (target_inside, target_body) = hold();
    let target = workers.worker("target").thread(move |_| Ok(target_body.wait()));
    target_inside.entered();
    let waiter = workers.worker("waiter").limit(&limit).thread(move |_| Ok(target.wait().map(drop)?));
    let (holder, _worker) = inside(&workers, &limit);
    waiter.cancel();
    assert!(waiter.wait().unwrap_err().is_cancelled());
    assert_eq!(limit.waiting(), 0);
    let next = workers.worker("w").limit(&limit).thread(|_| Ok(()));
    assert_eq!(next.state(), Pending, "the waiter has given away no slot that it did not have");
    holder.release();
    next.wait().unwrap();
    target_inside.release();
}

#[test]
fn p33_a_long_line_that_ends_at_once_does_not_overflow_the_stack() {
    let workers = WorkerManager::new();
    let limit = ConcurrencyLimit::new(1);
    let (holder, _worker) = inside(&workers, &limit);
    let ui = Gone;
    let tasks: Vec<Worker<()>> =
        (0..50_000).map(|_| workers.worker("task").limit(&limit).task(&ui, async |_| Ok(()))).collect();
    holder.release();
    for task in tasks {
        assert!(task.wait().unwrap_err().is_cancelled());
    }
}

/// A loop that has gone: it drops what it is given.
#[derive(Clone)]
struct Gone;

impl worker_core::LocalSpawn for Gone {
    fn spawn_local(&self, make: Box<dyn FnOnce() -> worker_core::LocalFuture + Send>) {
        drop(make);
    }

    fn now(&self) -> std::time::Instant {
        std::time::Instant::now()
    }

    fn wake_at(&self, _: std::time::Instant, _: std::task::Waker) -> worker_core::WakeupGuard {
        unreachable!("no task runs here")
    }
}

#[test]
fn p33_a_limit_of_none_is_a_limit_of_one() {
    let workers = WorkerManager::new();
    let limit = ConcurrencyLimit::new(0);
    workers.worker("w").limit(&limit).thread(|_| Ok(())).wait().unwrap();
}

#[test]
fn p33_paused_delayed_and_limited_pass_their_gates_in_order() {
    let clock = Arc::new(worker_core::ManualClock::new());
    let workers = WorkerManager::builder().clock(clock.clone()).idle_timeout(None).build();
    let limit = ConcurrencyLimit::new(1);
    let second = std::time::Duration::from_secs(1);
    let worker = workers.worker("w").paused().delay(second).limit(&limit).thread(|_| Ok(()));
    let (holder, _worker) = inside(&workers, &limit);
    worker.start();
    assert_eq!(limit.waiting(), 0, "it is not due");
    clock.wait_for_sleepers(1);
    clock.advance(second);
    while limit.waiting() == 0 {
        std::thread::yield_now();
    }
    assert_eq!(worker.state(), Pending);
    holder.release();
    worker.wait().unwrap();
}
