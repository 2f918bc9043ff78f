//! P34: delays.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use worker_core::WorkerState::{Cancelled, Pending, Running, Success};
use worker_core::{CancelReason, ManualClock, Restart, Worker, WorkerBuilder, WorkerManager};

use crate::support::{Log, hold, recorded};

const DELAY: Duration = Duration::from_millis(150);
const ALMOST: Duration = Duration::from_millis(149);
const REST: Duration = Duration::from_millis(1);

fn on_a_manual_clock() -> (Arc<ManualClock>, WorkerManager, Log) {
    let clock = Arc::new(ManualClock::new());
    let (workers, log) = recorded(WorkerManager::builder().clock(clock.clone()).idle_timeout(None));
    (clock, workers, log)
}

fn one(start: WorkerBuilder) -> Worker<u8> {
    start.thread(|_| Ok(1))
}

#[test]
fn p34_a_delayed_worker_is_pending_for_its_delay_and_no_longer() {
    let (clock, workers, log) = on_a_manual_clock();
    let delayed = one(workers.worker("w").delay(DELAY));
    clock.wait_for_sleepers(1);
    clock.advance(ALMOST);
    assert_eq!(delayed.state(), Pending);
    clock.advance(REST);
    assert_eq!(*delayed.wait().unwrap(), 1);
    assert_eq!(log.states_of(&delayed), [Pending, Running, Success]);
}

#[test]
fn p34_start_ends_the_delay_at_once_and_twice_is_once() {
    let (_, workers, _) = on_a_manual_clock();
    let delayed = one(workers.worker("w").delay(DELAY));
    delayed.start();
    delayed.start();
    assert_eq!(*delayed.wait().unwrap(), 1);
}

#[test]
fn p34_a_cancel_ends_a_delayed_worker_at_once_and_leaves_nothing_behind() {
    let (clock, workers, log) = on_a_manual_clock();
    let held = Arc::new(());
    let delayed = workers.worker("w").delay(DELAY).thread({
        let held = held.clone();
        move |_| Ok(drop(held))
    });
    delayed.cancel();
    assert_eq!(Arc::strong_count(&held), 1, "the body is dropped");
    assert_eq!(log.states_of(&delayed), [Pending, Cancelled]);
    delayed.start();
    clock.advance(DELAY);
    one(workers.worker("after")).wait().unwrap();
    assert_eq!(log.states_of(&delayed), []);
}

#[test]
fn p34_an_exclusive_delay_is_a_debounce() {
    let (clock, workers, _) = on_a_manual_clock();
    let ran = Arc::new(AtomicUsize::new(0));
    let keys: Vec<_> = (0..100)
        .map(|key| {
            let ran = ran.clone();
            let search = workers.worker("search").exclusive().delay(DELAY).thread(move |_| {
                ran.fetch_add(1, Ordering::SeqCst);
                Ok(key)
            });
            clock.advance(DELAY / 2);
            search
        })
        .collect();
    let (last, others) = keys.split_last().unwrap();
    clock.advance(DELAY);
    assert_eq!(*last.wait().unwrap(), 99);
    assert_eq!(ran.load(Ordering::SeqCst), 1);
    for (old, new) in others.iter().zip(&keys[1..]) {
        assert!(
            matches!(old.cancel_reason(), Some(CancelReason::Superseded { by, .. }) if by.id() == new.id())
        );
    }
}

#[test]
fn p34_the_delay_of_a_paused_worker_begins_with_its_start() {
    let (clock, workers, _) = on_a_manual_clock();
    let delayed = one(workers.worker("w").paused().delay(DELAY));
    clock.advance(DELAY * 3);
    delayed.start();
    clock.wait_for_sleepers(1);
    clock.advance(ALMOST);
    assert_eq!(delayed.state(), Pending);
    clock.advance(REST);
    assert_eq!(*delayed.wait().unwrap(), 1);
}

#[test]
fn p34_the_second_start_of_a_paused_worker_ends_its_delay() {
    let (_, workers, _) = on_a_manual_clock();
    let delayed = one(workers.worker("w").paused().delay(DELAY));
    delayed.start();
    assert_eq!(delayed.state(), Pending);
    delayed.start();
    assert_eq!(*delayed.wait().unwrap(), 1);
}

#[test]
fn p34_the_time_limit_counts_from_the_body_not_from_the_delay() {
    let (clock, workers, _) = on_a_manual_clock();
    let (inside, body) = hold();
    let worker = workers.worker("w").delay(DELAY).timeout(DELAY).thread(move |_| Ok(body.wait()));
    clock.wait_for_sleepers(1);
    clock.advance(DELAY);
    inside.entered();
    clock.wait_for_sleepers(1);
    clock.advance(ALMOST);
    assert!(!worker.is_cancelled());
    inside.release();
    worker.wait().unwrap();
}

#[test]
fn p34_a_delayed_worker_counts_for_the_policies_from_its_creation() {
    let (_, workers, _) = on_a_manual_clock();
    let refresh = || workers.worker("refresh").restart(Restart::KeepPrevious).delay(DELAY);
    let first = one(refresh());
    let second = one(refresh());
    assert!(matches!(second.cancel_reason(), Some(CancelReason::Skipped { .. })));
    first.start();
    first.wait().unwrap();
}

#[test]
fn p34_a_queued_worker_waits_for_its_delay_and_its_predecessor() {
    let (clock, workers, _) = on_a_manual_clock();
    let save = || workers.worker("save").restart(Restart::KeepLatest);
    let (inside, body) = hold();
    let first = save().thread(move |_| Ok(body.wait()));
    inside.entered();
    let second = one(save().delay(DELAY));
    clock.wait_for_sleepers(1);
    clock.advance(DELAY);
    assert_eq!(second.state(), Pending, "its predecessor runs");
    inside.release();
    first.wait().unwrap();
    assert_eq!(*second.wait().unwrap(), 1);
    let third = one(save().delay(DELAY));
    assert_eq!(third.state(), Pending, "it is alone, and waits for its delay");
    third.start();
    third.wait().unwrap();
}

#[test]
fn p34_a_delay_longer_than_the_clock_lasts_until_start() {
    let (_, workers, _) = on_a_manual_clock();
    let delayed = one(workers.worker("w").delay(Duration::MAX));
    assert_eq!(delayed.state(), Pending);
    delayed.start();
    delayed.wait().unwrap();
    one(workers.worker("w").delay(Duration::MAX)).cancel();
    let paused = one(workers.worker("w").paused().delay(Duration::MAX));
    paused.start();
    assert_eq!(paused.state(), Pending);
    paused.cancel();
}

#[test]
fn p34_a_delayed_worker_holds_no_thread() {
    let clock = Arc::new(ManualClock::new());
    let workers = WorkerManager::builder().clock(clock.clone()).max_threads(1).idle_timeout(None).build();
    let delayed: Vec<_> = (0..1000).map(|_| one(workers.worker("later").delay(DELAY))).collect();
    one(workers.worker("now")).wait().unwrap();
    clock.wait_for_sleepers(1); // the thread of the alarms
    clock.advance(DELAY);
    for worker in delayed {
        worker.wait().unwrap();
    }
}

#[test]
fn p34_a_shutdown_ends_delayed_workers() {
    let (_, workers, _) = on_a_manual_clock();
    let delayed = one(workers.worker("w").delay(DELAY));
    assert!(workers.shutdown(Duration::ZERO).abandoned.is_empty());
    assert!(matches!(delayed.cancel_reason(), Some(CancelReason::Shutdown)));
}
