//! Faults of the libraries that the stress has found, each as small as it could be made.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use worker_core::{Restart, StateChanged, WaitError, Worker, WorkerManager, WorkerState, install_panic_hook};
use worker_ui_bridge::UiBridge;

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(thread::panicking(), "a drop of the user's");
    }
}

/// Seed 2, episode 498. The body that a closed queue gives back is dropped unguarded.
#[test]
fn p17_a_task_for_a_closed_bridge_lets_no_panic_out_of_its_start() {
    install_panic_hook();
    let mut bridge: UiBridge<()> = UiBridge::new();
    let (workers, ui) = (WorkerManager::new(), bridge.handle());
    bridge.close();
    let bomb = Bomb;
    let started = catch_unwind(AssertUnwindSafe(|| -> Worker<()> {
        workers.worker("task").task(&ui, async move |_| {
            let _bomb = bomb;
            Ok(())
        })
    }));
    assert!(started.is_ok_and(|task| task.is_cancelled()));
}

/// The same, where the start is a predecessor's end: that one never settles, and its thread is
/// lost.
#[test]
fn p26_a_released_task_for_a_closed_bridge_keeps_no_manager_from_settling() {
    install_panic_hook();
    let bridge: UiBridge<()> = UiBridge::new();
    let (workers, ui) = (WorkerManager::new(), bridge.handle());
    drop(bridge);
    let in_turn = || workers.worker("one").restart(Restart::KeepLatest);
    let (go, gate) = channel::<()>();
    let first = in_turn().thread(move |_| Ok(gate.recv()?));
    let bomb = Bomb;
    let second: Worker<()> = in_turn().task(&ui, async move |_| {
        let _bomb = bomb;
        Ok(())
    });
    go.send(()).unwrap();
    assert!(first.wait().is_ok());
    assert!(second.wait().is_err_and(|error| error.is_cancelled()));
    let (began, grace) = (Instant::now(), Duration::from_secs(2));
    assert!(workers.shutdown(grace).is_clean());
    assert!(began.elapsed() < grace, "no worker is alive, and the manager still waits for one");
}

/// Seed 2, episode 599. The answer should say what to do, as it does for one without a policy.
#[test]
fn p15_a_wait_for_a_paused_worker_of_ones_own_group_says_that_it_was_not_started() {
    let workers = WorkerManager::new();
    let own = workers.clone();
    let waiter = workers.worker("one").thread(move |_| {
        let paused: Worker<()> = own.worker("one").restart(Restart::KeepLatest).paused().thread(|_| Ok(()));
        let refused = paused.wait().unwrap_err();
        paused.cancel();
        Ok(refused)
    });
    assert!(matches!(waiter.wait(), Ok(WaitError::NotStarted)), "{waiter:?} {:?}", waiter.result());
}

/// Seed 26, episode 729, under the scheduler. Between its terminal event and its leaving the group
/// a paused worker can still be started: then it supersedes the others, and none is left.
#[test]
fn p10_a_start_of_a_paused_worker_that_was_cancelled_cancels_nobody() {
    let (made, newest) =
        (Arc::new(OnceLock::<WorkerManager>::new()), Arc::new(OnceLock::<Worker<()>>::new()));
    let (manager, started) = (made.clone(), newest.clone());
    let workers = WorkerManager::builder()
        .events(move |event: StateChanged| {
            if event.worker.name() == "paused" && event.state == WorkerState::Cancelled {
                let workers = manager.get().unwrap();
                let newest = workers.worker("newest").group("one").exclusive();
                let _ = started.set(newest.thread(|cx| Ok(cx.sleep(Duration::from_millis(1))?)));
                event.worker.start();
            }
        })
        .build();
    let _ = made.set(workers.clone());
    let paused: Worker<()> = workers.worker("paused").group("one").exclusive().paused().thread(|_| Ok(()));
    paused.cancel();
    let newest = newest.get().unwrap();
    assert!(newest.wait().is_ok(), "{:?}", newest.error());
}

/// Seed 102, episode 1239. Needs no stress, only two threads and some patience.
#[test]
fn p26_a_report_names_no_worker_that_is_just_being_refused() {
    for _ in 0..20_000 {
        let workers = WorkerManager::new();
        let is_over = AtomicBool::new(false);
        let report = thread::scope(|threads| {
            threads.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let _: Worker<()> = workers.worker("late").thread(|_| Ok(()));
                }
            });
            let report = workers.shutdown(Duration::from_secs(10));
            is_over.store(true, Ordering::Relaxed);
            report
        });
        assert!(report.is_clean(), "{:?}", report.abandoned);
    }
}
