//! [`ReplySender`] and [`ReplyFuture`]: a oneshot channel for the reply to one call.
//!
//! *Invariant.* Each call is answered exactly once: a sender that is dropped without having sent
//! sends the reason. The lock is a leaf; wakers are called and dropped outside it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use worker_core::AnyWorker;

use crate::error::CallError;
use crate::sync::{Mutex, guard};

/// The caller's side: gives the reply.
///
/// Dropping it discards the reply; the callback runs all the same.
pub(crate) struct ReplyFuture<R>(Arc<Mutex<ReplyCell<R>>>);

/// The callback's side: sends the reply, or the reason why there is none when it is dropped.
pub(crate) struct ReplySender<R> {
    cell: Arc<Mutex<ReplyCell<R>>>,
    /// The worker that called.
    worker: Option<AnyWorker>,
    callback: CallbackState,
}

#[derive(Clone, Copy)]
enum CallbackState {
    NotRun,
    Running,
}

struct ReplyCell<R> {
    reply: Option<Result<R, CallError>>,
    caller: Option<Waker>,
}

/// The two sides of a call by `worker`.
pub(crate) fn reply_channel<R>(worker: Option<AnyWorker>) -> (ReplySender<R>, ReplyFuture<R>) {
    let cell = Arc::new(Mutex::new(ReplyCell { reply: None, caller: None }));
    let sender = ReplySender { cell: cell.clone(), worker, callback: CallbackState::NotRun };
    (sender, ReplyFuture(cell))
}

impl<R> ReplyFuture<R> {
    /// The reply, if it has been sent; otherwise `caller` is woken when it is.
    pub(crate) fn poll_with(&self, caller: &Waker) -> Poll<Result<R, CallError>> {
        let mut cell = self.0.lock();
        if let Some(reply) = cell.reply.take() {
            return Poll::Ready(reply);
        }
        let former = cell.caller.replace(caller.clone());
        drop(cell);
        // Dropping a waker runs foreign code, so not under the lock.
        drop(former);
        Poll::Pending
    }
}

impl<R> Future for ReplyFuture<R> {
    type Output = Result<R, CallError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_with(cx.waker())
    }
}

impl<R> ReplySender<R> {
    /// Runs `f` and sends its value. If `f` panics, sends [`CallError::Panicked`] and unwinds.
    pub(crate) fn send_value_of(mut self, f: impl FnOnce() -> R) {
        self.callback = CallbackState::Running;
        let value = f();
        self.cell.lock().reply = Some(Ok(value));
    }

    /// Why a sender that is dropped now has no value to send.
    fn drop_reason(&self) -> CallError {
        match (self.callback, &self.worker) {
            (CallbackState::Running, _) => CallError::Panicked,
            (CallbackState::NotRun, Some(worker)) if worker.cancel_if_revoked() => CallError::Cancelled,
            (CallbackState::NotRun, _) => CallError::Closed,
        }
    }
}

impl<R> Drop for ReplySender<R> {
    fn drop(&mut self) {
        let reason = self.drop_reason();
        let caller = {
            let mut cell = self.cell.lock();
            cell.reply.get_or_insert(Err(reason));
            cell.caller.take()
        };
        if let Some(caller) = caller {
            // A callback may be unwinding: a second panic would abort the process.
            guard("a waker", || caller.wake());
        }
    }
}
