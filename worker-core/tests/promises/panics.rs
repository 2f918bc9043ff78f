//! P17, P18, P27: panics, errors without a listener, threads that cannot be made.

use std::sync::Arc;

use worker_core::WorkerState::{Error, Pending, Running, Success};
use worker_core::{StateChanged, Worker, WorkerManager, install_panic_hook};

use crate::support::{cancel_inside, hold, recorded};

#[test]
fn p17_a_panic_in_a_body_is_an_error_with_message_place_and_stack() {
    install_panic_hook();
    let (workers, log) = recorded(WorkerManager::builder().max_threads(1));
    let worker: Worker<()> = workers.worker("bad").thread(|_| panic!("row {} is missing", 3));
    worker.wait().unwrap_err();
    assert_eq!(log.states_of(&worker), [Pending, Running, Error]);
    let panic = worker.error().unwrap().panic().unwrap();
    assert_eq!(panic.message(), "row 3 is missing");
    assert!(panic.location().unwrap().file.ends_with("panics.rs"));
    assert!(panic.backtrace().is_some());
    assert_eq!(workers.worker("next").thread(|_| Ok(1)).wait().ok(), Some(&1), "the only thread lives on");
}

#[test]
fn p17_a_panic_after_a_cancel_is_still_an_error() {
    install_panic_hook();
    let (inside, held) = hold();
    let worker: Worker<()> = WorkerManager::new().worker("bad").thread(move |_| {
        held.wait();
        panic!("a bug")
    });
    inside.entered();
    worker.cancel();
    inside.release();
    worker.wait().unwrap_err();
    assert_eq!(worker.state(), Error);
}

/// Panics when dropped.
#[derive(Debug)]
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

#[test]
fn p17_a_result_whose_drop_panics_breaks_nothing() {
    install_panic_hook();
    let (workers, log) = recorded(WorkerManager::builder().max_threads(1));
    let (inside, held) = hold();
    let worker = workers.worker("bomb").thread(move |_| {
        held.wait();
        Ok(Bomb)
    });
    inside.entered();
    worker.cancel();
    inside.release();
    assert!(worker.wait().unwrap_err().is_cancelled());
    assert_eq!(log.states_of(&worker).len(), 3);
    workers.worker("next").thread(|_| Ok(())).wait().unwrap();
}

#[test]
fn p17_a_body_whose_captures_panic_when_dropped_unrun() {
    install_panic_hook();
    let bomb = Bomb;
    let worker = WorkerManager::new().worker("w").paused().thread(move |_| {
        std::mem::forget(bomb);
        Ok(())
    });
    worker.cancel();
    assert!(worker.wait().unwrap_err().is_cancelled());
}

#[test]
fn p17_a_panicking_sink_breaks_no_promise() {
    install_panic_hook();
    let workers = WorkerManager::builder().events(|_: StateChanged| panic!("bad sink")).build();
    let log = workers.subscribe();
    workers.worker("w").thread(|_| Ok(4)).wait().unwrap();
    let states: Vec<_> = log.try_iter().map(|event| event.state).collect();
    assert_eq!(states, [Pending, Running, Success]);
}

#[test]
fn p17_a_panicking_cancel_hook_breaks_no_promise() {
    install_panic_hook();
    cancel_inside(|cx, held| {
        let _hook = cx.on_cancel(|| panic!("bad hook"));
        Ok(held.wait())
    });
}

#[test]
fn p17_an_unkept_result_whose_drop_panics_kills_no_thread() {
    install_panic_hook();
    let workers = WorkerManager::builder().max_threads(1).build();
    let (inside, held) = hold();
    let worker = workers.worker("bomb").thread(move |_| {
        held.wait();
        Ok(Bomb)
    });
    inside.entered();
    drop(worker);
    inside.release();
    workers.worker("next").thread(|_| Ok(())).wait().unwrap();
}

#[test]
fn p17_a_hook_that_comes_after_the_cancel_and_panics_breaks_no_promise() {
    install_panic_hook();
    let worker = WorkerManager::new().worker("w").thread(|cx| {
        cx.worker().cancel();
        let _hook = cx.on_cancel(|| panic!("bad hook"));
        Ok(())
    });
    assert!(worker.wait().unwrap_err().is_cancelled());
}

/// Panics when woken.
struct BadWaker;

impl std::task::Wake for BadWaker {
    fn wake(self: Arc<Self>) {
        panic!("bad waker");
    }
}

#[test]
fn p17_a_foreign_waker_that_panics_keeps_no_hook_from_running() {
    install_panic_hook();
    let (inside, held) = hold();
    let (told, heard) = crossbeam_channel::bounded(1);
    let worker = WorkerManager::new().worker("w").thread(move |cx| {
        let waker = std::task::Waker::from(Arc::new(BadWaker));
        let worker = cx.worker().clone();
        let mut cancelled = Box::pin(async move { worker.cancelled().await });
        assert!(cancelled.as_mut().poll(&mut std::task::Context::from_waker(&waker)).is_pending());
        let _hook = cx.on_cancel(move || told.send(()).unwrap());
        held.wait();
        Ok(())
    });
    inside.entered();
    worker.cancel();
    assert!(heard.try_recv().is_ok());
    inside.release();
    assert!(worker.wait().unwrap_err().is_cancelled());
}

#[test]
fn p17_a_foreign_waker_that_panics_kills_no_thread() {
    install_panic_hook();
    let workers = WorkerManager::builder().max_threads(1).build();
    let (inside, held) = hold();
    let thread = |_: &_| Ok(std::thread::current().name().map(str::to_owned));
    let first = workers.worker("first").thread(move |cx| {
        held.wait();
        thread(cx)
    });
    inside.entered();
    let waker = std::task::Waker::from(Arc::new(BadWaker));
    let mut finished = Box::pin(workers.all_finished());
    assert!(finished.as_mut().poll(&mut std::task::Context::from_waker(&waker)).is_pending());
    inside.release();
    assert_eq!(workers.worker("second").thread(thread).wait().ok(), first.wait().ok());
}

#[test]
fn p17_a_panic_that_the_body_caught_itself_is_not_blamed_for_a_later_one() {
    install_panic_hook();
    let workers = WorkerManager::builder().max_threads(1).build();
    let caught =
        workers.worker("caught").thread(|_| Ok(std::panic::catch_unwind(|| panic!("mine")).is_err()));
    assert!(*caught.wait().unwrap());
    let resumed: Worker<()> =
        workers.worker("resumed").thread(|_| std::panic::resume_unwind(Box::new("foreign")));
    resumed.wait().unwrap_err();
    assert_eq!(resumed.error().unwrap().panic().unwrap().location(), None);
}

#[test]
fn p17_two_hooks_whose_captures_panic_when_dropped() {
    install_panic_hook();
    let worker = WorkerManager::new().worker("w").thread(|cx| {
        let (first, second) = (Bomb, Bomb);
        std::mem::forget(cx.on_cancel(move || std::mem::forget(first)));
        std::mem::forget(cx.on_cancel(move || std::mem::forget(second)));
        Ok(1)
    });
    assert_eq!(worker.wait().ok(), Some(&1));
}
