//! P19: closing at any time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_channel::{bounded, unbounded};
use worker_core::{Worker, WorkerManager};
use worker_ui_bridge::{CallError, PostError, PumpError, TryPostError, UiBridge, UiHandle};

use crate::support::App;

/// Threads that are all blocked in a call on the bridge.
fn callers(ui: &UiHandle<App>, count: usize) -> crossbeam_channel::Receiver<Result<(), CallError>> {
    let (sender, replies) = unbounded();
    for _ in 0..count {
        let (ui, sender) = (ui.clone(), sender.clone());
        std::thread::spawn(move || sender.send(ui.call_from_thread(|app| app.record("never"))));
    }
    replies
}

#[test]
fn p19_closing_answers_every_pending_and_later_call() {
    let mut bridge = UiBridge::new();
    let ui = bridge.handle();
    let replies = callers(&ui, 8);
    bridge.close();
    for _ in 0..8 {
        assert_eq!(replies.recv().unwrap(), Err(CallError::Closed));
    }
    assert_eq!(ui.post(|app| app.record("never")), Err(PostError::Closed));
    assert!(matches!(ui.try_post(|app| app.record("never")), Err(TryPostError::Closed(_))));
    let mut app = App::default();
    assert!(matches!(bridge.pump(&mut app), Err(PumpError::Closed)));
    assert!(matches!(bridge.wait(&mut app), Err(PumpError::Closed)), "it does not park");
    assert!(app.log.is_empty());
    bridge.close();
}

#[test]
fn p19_dropping_the_bridge_closes_it() {
    let bridge = UiBridge::new();
    let ui: UiHandle<App> = bridge.handle();
    let replies = callers(&ui, 4);
    drop(bridge);
    for _ in 0..4 {
        assert_eq!(replies.recv().unwrap(), Err(CallError::Closed));
    }
    assert_eq!(ui.call_from_thread(|_| ()), Err(CallError::Closed), "the thread is no UI thread any more");
}

#[test]
fn p19_a_panic_that_unwinds_through_the_bridge_closes_it() {
    let (handle, get) = bounded(1);
    let ui_thread = std::thread::spawn(move || {
        let mut bridge = UiBridge::new();
        let ui: UiHandle<App> = bridge.handle();
        handle.send(ui.clone()).unwrap();
        ui.post(|_| panic!("the UI dies")).unwrap();
        let _ = bridge.wait(&mut App::default());
    });
    let ui = get.recv().unwrap();
    let replies = callers(&ui, 4);
    assert!(ui_thread.join().is_err());
    for _ in 0..4 {
        assert!(matches!(replies.recv().unwrap(), Err(CallError::Closed) | Ok(())));
    }
}

#[test]
fn p19_nothing_queued_runs_after_the_close_and_everything_is_dropped() {
    let mut bridge = UiBridge::new();
    let ui: UiHandle<App> = bridge.handle();
    let (ran, dropped) = (Arc::new(AtomicUsize::new(0)), Arc::new(()));
    for _ in 0..10 {
        let (ran, dropped) = (ran.clone(), dropped.clone());
        ui.post(move |_| {
            ran.fetch_add(1, Ordering::SeqCst);
            drop(dropped);
        })
        .unwrap();
    }
    bridge.close();
    assert_eq!(ran.load(Ordering::SeqCst), 0);
    assert_eq!(Arc::strong_count(&dropped), 1);
}

#[test]
fn p19_a_close_unblocks_a_thread_that_waits_for_the_full_queue() {
    let mut bridge: UiBridge<App> = UiBridge::builder().capacity(1).build();
    let ui = bridge.handle();
    let (full, is_full) = bounded(1);
    let poster = std::thread::spawn(move || {
        ui.post(|app| app.record("fits")).unwrap();
        full.send(()).unwrap();
        ui.post(|app| app.record("does not"))
    });
    is_full.recv().unwrap();
    bridge.close();
    assert_eq!(poster.join().unwrap(), Err(PostError::Closed));
}

/// Panics when dropped.
struct PanicOnDrop;

impl Drop for PanicOnDrop {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

#[test]
fn p19_a_callback_whose_drop_panics_does_not_keep_the_rest_from_being_dropped() {
    let mut bridge: UiBridge<App> = UiBridge::new();
    let ui = bridge.handle();
    let task: Worker<()> =
        WorkerManager::new().worker("task").task(&ui, async |_| std::future::pending().await);
    bridge.pump(&mut App::default()).unwrap();
    assert!(task.is_running());
    let first = PanicOnDrop;
    ui.post(move |_| std::mem::forget(first)).unwrap();
    let second = PanicOnDrop;
    ui.post(move |_| std::mem::forget(second)).unwrap();
    worker_core::install_panic_hook();
    bridge.close();
    assert!(task.is_finished());
    assert_eq!(ui.post(|app| app.record("never")), Err(PostError::Closed));
}

#[test]
fn p19_a_bridge_may_live_in_a_thread_local() {
    thread_local! {
        static BRIDGE: std::cell::RefCell<Option<UiBridge<App>>> = const { std::cell::RefCell::new(None) };
    }
    let task: Worker<()> = std::thread::spawn(|| {
        let mut bridge = UiBridge::new();
        let task = WorkerManager::new()
            .worker("task")
            .task(&bridge.handle(), async |_| std::future::pending().await);
        bridge.pump(&mut App::default()).unwrap();
        BRIDGE.set(Some(bridge));
        task
    })
    .join()
    .unwrap();
    assert!(task.wait().unwrap_err().is_cancelled(), "the task ended with its thread");
}

#[test]
fn p19_of_many_calls_against_a_closing_bridge_each_is_answered_exactly_once() {
    const THREADS: usize = 64;
    const CALLS: usize = 10_000;
    let mut bridge: UiBridge<usize> = UiBridge::new();
    let ui = bridge.handle();
    let barrier = Arc::new(std::sync::Barrier::new(THREADS + 1));
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let (ui, barrier) = (ui.clone(), barrier.clone());
            std::thread::spawn(move || {
                barrier.wait();
                let mut answered = 0;
                for _ in 0..CALLS {
                    match ui.call_from_thread(|ran| *ran += 1) {
                        Ok(()) => answered += 1,
                        Err(CallError::Closed) => {}
                        Err(other) => unreachable!("{other:?}"),
                    }
                }
                answered
            })
        })
        .collect();
    barrier.wait();
    let mut ran = 0;
    while ran < 20_000 {
        bridge.wait(&mut ran).unwrap();
    }
    bridge.close();
    let answered: usize = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    assert_eq!(answered, ran, "what has run was answered with its value, all other calls with Closed");
}
