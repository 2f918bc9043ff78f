//! [`check`] runs a model; [`StillClock`] is a clock that moves by hand, [`body`] a worker whose
//! body a thread of the model runs.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use worker_core::__bridge::primitives::process::Mutex;
use worker_core::{Clock, LocalFuture, LocalSpawn, WakeupGuard, Worker, WorkerManager};

use crate::sync::thread;
use crate::turn::bridge::UiBridge;
use crate::turn::builder::BridgeBuilder;

/// Runs `model` in every order of its threads, with at most `preemptions` switches of a thread that
/// could have gone on; `None`: all.
pub(super) fn check(preemptions: impl Into<Option<usize>>, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = preemptions.into();
    builder.check(model);
}

/// The time moves by hand; a park ends with an unpark.
#[derive(Debug)]
pub(super) struct StillClock {
    start: Instant,
    milliseconds: AtomicU64,
}

impl StillClock {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { start: Instant::now(), milliseconds: AtomicU64::new(0) })
    }

    /// Moves the time on by a millisecond.
    pub(super) fn tick(&self) {
        self.milliseconds.fetch_add(1, Ordering::Relaxed);
    }
}

impl Clock for StillClock {
    fn now(&self) -> Instant {
        self.start + Duration::from_millis(self.milliseconds.load(Ordering::Relaxed))
    }

    fn park_until(&self, _: Option<Instant>) {
        thread::park();
    }
}

/// A bridge whose state is the values that were brought to it.
pub(super) type Bridge = UiBridge<Vec<u32>>;

pub(super) fn bridge() -> Bridge {
    builder().build()
}

pub(super) fn builder() -> BridgeBuilder<Vec<u32>> {
    UiBridge::builder().clock(StillClock::new())
}

pub(super) fn manager() -> WorkerManager {
    WorkerManager::builder().clock(StillClock::new()).build()
}

/// A worker of `name`, and what runs its body `f` on the thread that calls it, unless it was
/// cancelled before.
pub(super) fn body<F: FnOnce() + Send + 'static>(
    workers: &WorkerManager,
    name: &'static str,
    f: F,
) -> (Worker<()>, impl FnOnce() + Send + use<F>) {
    let kept = Kept::default();
    let worker = workers.worker(name).exclusive().task(&kept, async move |_| {
        f();
        Ok(())
    });
    let run = move || {
        let make = kept.0.lock().take().expect("the worker was launched");
        poll_once(make().as_mut());
    };
    (worker, run)
}

pub(super) fn poll_once(future: Pin<&mut dyn Future<Output = ()>>) {
    let _ = future.poll(&mut Context::from_waker(Waker::noop()));
}

/// Keeps the task that it is given.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Option<MakeFuture>>>);

type MakeFuture = Box<dyn FnOnce() -> LocalFuture + Send>;

impl LocalSpawn for Kept {
    fn spawn_local(&self, make: MakeFuture) {
        self.0.lock().replace(make);
    }

    fn now(&self) -> Instant {
        unreachable!("no body of a model sleeps")
    }

    fn wake_at(&self, _: Instant, _: Waker) -> WakeupGuard {
        unreachable!("no body of a model sleeps")
    }
}
