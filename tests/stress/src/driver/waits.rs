//! Waits for workers, in every way, and futures that are polled once and kept. Each wait is
//! recorded when it has returned, or was dropped.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use fastrand::Rng;
use worker_core::blocking::{block_until, thread_waker};
use worker_core::{WaitError, Worker, WorkerError};

use crate::driver::foreign::{BadWaker, Mischief, Value};
use crate::driver::world::{Kept, Place, World, is_on_ui};
use crate::history::{CaseNumber, ErrorKind, Stamp, Wait, WaitAnswer, Way, What};

/// Waits for a worker, in one of the ways that the place allows.
pub(crate) fn wait(world: &Arc<World>, place: Place, rng: &mut Rng) {
    let Some(case) = world.any_case(rng) else { return };
    let Some(worker) = world.handle(case) else { return };
    let is_async = place == Place::Thread && rng.u8(..3) == 0;
    let limit = rng.bool().then(|| Duration::from_micros(rng.u64(..1500)));
    if is_async {
        waiting(world, place, case, Way::Async, || await_here(world, worker));
    } else if let Some(limit) = limit {
        waiting(world, place, case, Way::Limited(limit), || worker.wait_timeout(limit).map(drop));
    } else {
        waiting(world, place, case, Way::Blocking, || worker.wait().map(drop));
    }
}

/// Awaits a worker on a thread without a loop.
fn await_here(world: &World, worker: &Worker<Value>) -> Result<(), WaitError> {
    let waker = thread_waker(&world.clock);
    let mut finished = pin!(worker.finished());
    let ended =
        block_until(&*world.clock, None, || match finished.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(ended) => Some(ended.map(drop)),
            Poll::Pending => None,
        });
    ended.unwrap_or(Err(WaitError::Timeout))
}

/// Records a wait.
pub(crate) fn waiting(
    world: &World,
    place: Place,
    target: CaseNumber,
    way: Way,
    wait: impl FnOnce() -> Result<(), WaitError>,
) {
    let open = OpenWait::begin(world, place, target, way);
    let answer = answer_of(&wait());
    open.end(answer);
}

/// A wait that has begun. Dropped before its end, it says so.
pub(crate) struct OpenWait<'w> {
    world: &'w World,
    wait: Wait,
    began: Instant,
    /// It goes on after this was dropped.
    is_kept: bool,
}

impl<'w> OpenWait<'w> {
    /// A wait begins.
    pub(crate) fn begin(world: &'w World, place: Place, target: CaseNumber, way: Way) -> Self {
        let waiter = match place {
            Place::Body(case) => Some(case),
            _ => None,
        };
        if let Some(waiter) = waiter {
            world.observe(waiter, What::Step("wait"));
            world.observe(waiter, What::Pauses);
        }
        let (since, began) = (world.history.stamp(), world.now());
        let (until, took) = (since, Duration::ZERO);
        let answer = WaitAnswer::Dropped;
        let wait = Wait { waiter, target, way, on_ui: is_on_ui(), answer, since, until, took };
        world.history.open_wait(wait);
        Self { world, wait, began, is_kept: false }
    }

    /// It has returned.
    pub(crate) fn end(mut self, answer: WaitAnswer) {
        self.wait.answer = answer;
    }
}

impl Drop for OpenWait<'_> {
    fn drop(&mut self) {
        let now = self.world.history.stamp();
        self.wait.until = if self.is_kept { Stamp::MAX } else { now };
        self.wait.took = self.world.now().saturating_duration_since(self.began);
        self.world.history.add_wait(self.wait);
        if let Some(waiter) = self.wait.waiter
            && !self.is_kept
        {
            self.world.observe(waiter, What::GoesOn);
        }
    }
}

/// The answer of a wait.
pub(crate) fn answer_of(result: &Result<(), WaitError>) -> WaitAnswer {
    match result {
        Ok(()) => WaitAnswer::Value,
        Err(WaitError::Worker(error)) => WaitAnswer::Ended(kind_of(error)),
        Err(WaitError::Deadlock) => WaitAnswer::Deadlock,
        Err(WaitError::UiThread) => WaitAnswer::UiThread,
        Err(WaitError::NotStarted) => WaitAnswer::NotStarted,
        Err(WaitError::Timeout) => WaitAnswer::Timeout,
        Err(WaitError::WaiterCancelled) => WaitAnswer::WaiterCancelled,
        Err(_) => WaitAnswer::Other,
    }
}

/// The kind of an error.
pub(crate) fn kind_of(error: &WorkerError) -> ErrorKind {
    match error {
        WorkerError::Failed(_) => ErrorKind::Failed,
        WorkerError::Panicked(_) => ErrorKind::Panicked,
        WorkerError::Cancelled(_) => ErrorKind::Cancelled,
        WorkerError::TimedOut => ErrorKind::TimedOut,
        _ => ErrorKind::Other,
    }
}

/// Polls a future of the library's once, with a waker that may misbehave, and keeps it for a while.
pub(crate) fn keep_a_future(world: &Arc<World>, place: Place, rng: &mut Rng) {
    let Some(target) = world.any_case(rng) else { return };
    let Some(worker) = world.handle(target).cloned() else { return };
    let mut future: Kept = match rng.u8(..3) {
        0 => {
            // In a body it counts as the body's wait until it is dropped, whenever that will be.
            let mut open = OpenWait::begin(world, place, target, Way::Async);
            open.is_kept = true;
            Box::pin(async move { drop(worker.finished().await) })
        }
        1 => Box::pin(async move { worker.cancelled().await }),
        _ => {
            let manager = world.manager.clone();
            Box::pin(async move { manager.all_finished().await })
        }
    };
    let waker = Waker::from(Arc::new(BadWaker(Mischief::random(world, rng))));
    let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
    let dropped = if polled.is_pending() && rng.bool() {
        let mut kept = world.kept.lock();
        kept.push(future);
        (kept.len() > 8).then(|| kept.swap_remove(0))
    } else {
        Some(future)
    };
    drop(dropped);
}
