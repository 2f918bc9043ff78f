//! The answer to one call: given exactly once, whatever becomes of the call.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use worker_core::AnyWorker;

use crate::entry::cancelled_if_revoked;
use crate::error::CallError;

/// Where the caller finds its answer.
pub(crate) struct Reply<R>(Arc<Mutex<Slot<R>>>);

/// The duty to answer. Dropped without having been run, it says why.
pub(crate) struct Answer<R> {
    slot: Arc<Mutex<Slot<R>>>,
    /// The worker that called.
    worker: Option<AnyWorker>,
    fate: Fate,
}

/// What has become of the callback.
#[derive(Clone, Copy)]
enum Fate {
    NotRun,
    Running,
}

struct Slot<R> {
    answer: Option<Result<R, CallError>>,
    caller: Option<Waker>,
}

/// A reply for `worker`, and the means to give it.
pub(crate) fn reply<R>(worker: Option<AnyWorker>) -> (Answer<R>, Reply<R>) {
    let slot = Arc::new(Mutex::new(Slot { answer: None, caller: None }));
    (Answer { slot: slot.clone(), worker, fate: Fate::NotRun }, Reply(slot))
}

impl<R> Reply<R> {
    /// The answer, if it is there; else `caller` is woken when it comes.
    pub(crate) fn poll(&self, caller: &Waker) -> Poll<Result<R, CallError>> {
        let mut slot = self.0.lock();
        if let Some(answer) = slot.answer.take() {
            return Poll::Ready(answer);
        }
        let former = slot.caller.replace(caller.clone());
        drop(slot);
        // A foreign waker, so not under the lock.
        drop(former);
        Poll::Pending
    }
}

/// For async callers. Dropping it forgets the answer; the callback runs all the same.
impl<R> Future for Reply<R> {
    type Output = Result<R, CallError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Reply::poll(&self, cx.waker())
    }
}

impl<R> Answer<R> {
    /// Answers with the value of `f`, or with `Panicked` if it panics; the panic goes on.
    pub(crate) fn with(mut self, f: impl FnOnce() -> R) {
        self.fate = Fate::Running;
        let value = f();
        self.slot.lock().answer = Some(Ok(value));
    }

    fn why_not(&self) -> CallError {
        match (self.fate, &self.worker) {
            (Fate::Running, _) => CallError::Panicked,
            (Fate::NotRun, Some(worker)) if cancelled_if_revoked(worker) => CallError::Cancelled,
            (Fate::NotRun, _) => CallError::Closed,
        }
    }
}

impl<R> Drop for Answer<R> {
    fn drop(&mut self) {
        let why_not = self.why_not();
        let caller = {
            let mut slot = self.slot.lock();
            slot.answer.get_or_insert(Err(why_not));
            slot.caller.take()
        };
        if let Some(caller) = caller {
            caller.wake();
        }
    }
}
