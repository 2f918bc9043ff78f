//! `post` and `post_latest`, by which `UiHandle` queues a callback: they wait while the queue is
//! full, or replace the callback of a key.

use worker_core::AnyWorker;
use worker_core::blocking::{block_until, checkpoint, unpark};

use crate::error::PostError;
use crate::queue::callback::Callback;
use crate::queue::entry::{Entry, Key};
use crate::queue::state::Phase;
use crate::queue::ui_queue::{Capacity, Refusal, UiQueue};
use crate::sync::thread;

/// Why a callback was not queued.
enum PushError<A> {
    Refused(Refusal, Callback<A>),
    /// Its worker has been revoked.
    Revoked(Callback<A>),
}

impl<A> UiQueue<A> {
    /// Queues a callback; blocks while the queue is full, except on the UI thread. A cancel of the
    /// worker and the closing of the queue end the wait.
    #[inline]
    pub(crate) fn post(&self, callback: Callback<A>) -> Result<(), PostError> {
        checkpoint(&*self.clock);
        if callback.is_cancelled() {
            return Err(PostError::Cancelled);
        }
        match self.try_push(callback) {
            Err(PushError::Refused(Refusal::Full, callback)) => {
                self.push_when_possible(callback, Self::try_push)
            }
            pushed => pushed.map_err(|_| PostError::Closed),
        }
    }

    #[inline]
    fn try_push(&self, callback: Callback<A>) -> Result<(), PushError<A>> {
        match self.lock_for_push(Capacity::Enforced) {
            Ok(guard) => {
                guard.push(Entry::Callback(callback));
                Ok(())
            }
            Err(refusal) => Err(PushError::Refused(refusal, callback)),
        }
    }

    /// As [`post`](Self::post), but replaces the callback of the same key if that has not run yet.
    pub(crate) fn post_latest(&self, callback: Callback<A>, key: &Key) -> Result<(), PostError> {
        self.push_when_possible(callback, |queue, callback| queue.try_push_latest(key, callback))
    }

    fn try_push_latest(&self, key: &Key, callback: Callback<A>) -> Result<(), PushError<A>> {
        let mut state = self.state.lock();
        // Under the lock: a superseded worker must not replace what its successor has posted
        // meanwhile.
        if callback.worker().is_some_and(AnyWorker::is_revoked) {
            return Err(PushError::Revoked(callback));
        }
        if let Some(pending) = state.latest.get_mut(key) {
            let replaced = std::mem::replace(pending, callback);
            drop(state);
            drop(replaced);
            return Ok(());
        }
        match self.admit(state, Capacity::Enforced) {
            Ok(guard) => {
                guard.push_latest(key, callback);
                Ok(())
            }
            Err(refusal) => Err(PushError::Refused(refusal, callback)),
        }
    }

    /// Calls `try_push` until it succeeds or fails for good; blocks while the queue is full.
    fn push_when_possible(
        &self,
        callback: Callback<A>,
        mut try_push: impl FnMut(&Self, Callback<A>) -> Result<(), PushError<A>>,
    ) -> Result<(), PostError> {
        let mut unsent = Some(callback);
        let posted = block_until(&*self.clock, None, || {
            let callback = unsent.take()?;
            if callback.is_cancelled() {
                return Some(Err(PostError::Cancelled));
            }
            match try_push(self, callback) {
                Ok(()) => Some(Ok(())),
                Err(PushError::Refused(Refusal::Closed, _)) => Some(Err(PostError::Closed)),
                Err(PushError::Revoked(callback)) => {
                    callback.worker().map(AnyWorker::cancel_if_revoked);
                    Some(Err(PostError::Cancelled))
                }
                Err(PushError::Refused(Refusal::Full, callback)) => {
                    unsent = Some(callback);
                    self.unpark_when_not_full();
                    None
                }
            }
        });
        posted.unwrap_or(Err(PostError::Closed))
    }

    /// Unparks the calling thread, now or later, when the queue is below its capacity or closed.
    fn unpark_when_not_full(&self) {
        let mut state = self.state.lock();
        let this = thread::current();
        if state.phase == Phase::Closed || state.entries.len() < self.capacity {
            unpark(&*self.clock, &this);
        } else if !state.blocked_posters.iter().any(|blocked| blocked.id() == this.id()) {
            state.blocked_posters.push(this);
        }
    }
}
