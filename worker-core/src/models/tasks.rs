//! Models of `Task`: the cancel of a task on another thread against its polls.

use std::future::{pending, poll_fn};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Instant;

use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::thread;

use super::support::{check, still_clock};
use crate::body::context::TaskContext;
use crate::body::event_loop::BlockOn;
use crate::body::local_spawn::{LocalFuture, LocalSpawn, WakeupGuard};
use crate::error::Result;
use crate::manager::engine::Engine;
use crate::manager::listeners::Listeners;
use crate::manager::worker_manager::WorkerManager;
use crate::sync::blocking::block_until;
use crate::sync::clock::Clock;
use crate::sync::primitives::process::Mutex;
use crate::sync::primitives::thread::{Thread, current};
use crate::threads::pool::Limits;
use crate::worker::handle::Worker;
use crate::worker::state::WorkerState;

type MakeFuture = Box<dyn FnOnce() -> LocalFuture + Send>;

/// A loop that keeps the task that it is given.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Option<MakeFuture>>>);

impl LocalSpawn for Kept {
    fn spawn_local(&self, make: MakeFuture) {
        self.0.lock().replace(make);
    }

    fn now(&self) -> Instant {
        unreachable!("no task of a model sleeps")
    }

    fn wake_at(&self, _: Instant, _: Waker) -> WakeupGuard {
        unreachable!("no task of a model sleeps")
    }
}

/// Wakes the loop of its thread.
struct LoopWaker {
    woken: AtomicBool,
    thread: Thread,
}

impl Wake for LoopWaker {
    fn wake(self: Arc<Self>) {
        self.woken.swap(true, Ordering::AcqRel);
        self.thread.unpark();
    }
}

/// Polls `future` as a UI's loop does: when it was made, and after each wake, at no other time.
fn run(clock: &dyn Clock, mut future: LocalFuture) {
    let own = Arc::new(LoopWaker { woken: AtomicBool::new(false), thread: current() });
    let waker = Waker::from(own.clone());
    while future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
        block_until(clock, None, || own.woken.swap(false, Ordering::AcqRel).then_some(()));
    }
}

/// Runs a task on this thread, which is the UI thread, while another one cancels it.
fn cancelled_elsewhere<F>(body: F) -> Worker<()>
where
    F: AsyncFnOnce(&TaskContext) -> Result<()> + Send + 'static,
{
    let limits = Limits { max_threads: 0, idle_timeout: None, stack_size: None };
    let listeners = Listeners::new(None, None);
    let clock = still_clock();
    let engine = Engine::new(limits, clock.clone(), Arc::new(BlockOn), listeners);
    let workers = WorkerManager::with_engine(engine, true);
    let ui = Kept::default();
    let task = workers.worker("w").task(&ui, body);
    let cancels = thread::spawn({
        let task = task.clone();
        move || task.cancel()
    });
    let make = ui.0.lock().take().expect("the task was launched");
    run(&*clock, make());
    cancels.join().unwrap();
    assert!(workers.is_empty());
    task
}

#[test]
fn p05_a_task_that_is_cancelled_elsewhere_ends() {
    check(None, || {
        let task = cancelled_elsewhere(async |_| pending().await);
        assert_eq!(task.state(), WorkerState::Cancelled);
    });
}

#[test]
fn p05_a_cancel_between_two_polls_of_a_task_is_not_missed() {
    check(3, || {
        let task = cancelled_elsewhere(async |_| {
            let mut polls = 0;
            poll_fn(|cx| {
                polls += 1;
                if polls == 1 {
                    cx.waker().wake_by_ref();
                }
                Poll::Pending
            })
            .await
        });
        assert_eq!(task.state(), WorkerState::Cancelled);
    });
}

#[test]
fn p07_a_hook_of_a_cancelled_task_runs_once() {
    check(3, || {
        let (began, ran) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (begins, runs) = (began.clone(), ran.clone());
        let task = cancelled_elsewhere(async move |cx| {
            begins.store(1, Ordering::Relaxed);
            let _hook = cx.on_cancel(move || _ = runs.fetch_add(1, Ordering::Relaxed));
            pending().await
        });
        assert_eq!(task.state(), WorkerState::Cancelled);
        assert_eq!(ran.load(Ordering::Relaxed), began.load(Ordering::Relaxed));
    });
}
