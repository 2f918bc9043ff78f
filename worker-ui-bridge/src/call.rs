//! The answer to one `call_from_thread`: given exactly once, whatever becomes of the call.

use std::sync::Arc;
use std::thread::{self, Thread};

use parking_lot::Mutex;

use crate::error::CallError;

/// Where the caller finds its answer.
pub(crate) struct Reply<R>(Arc<Slot<R>>);

/// The duty to answer. Dropped without having been run, it answers `Closed`.
pub(crate) struct Answer<R> {
    slot: Arc<Slot<R>>,
    otherwise: CallError,
}

struct Slot<R> {
    answer: Mutex<Option<Result<R, CallError>>>,
    caller: Thread,
}

/// A reply for the calling thread, and the means to give it.
pub(crate) fn reply<R>() -> (Answer<R>, Reply<R>) {
    let slot = Arc::new(Slot { answer: Mutex::new(None), caller: thread::current() });
    (Answer { slot: slot.clone(), otherwise: CallError::Closed }, Reply(slot))
}

impl<R> Reply<R> {
    /// The answer, if it is there. The caller is unparked when it comes.
    pub(crate) fn take(&self) -> Option<Result<R, CallError>> {
        self.0.answer.lock().take()
    }
}

impl<R> Answer<R> {
    /// Answers with the value of `f`, or with `Panicked` if it panics; the panic goes on.
    pub(crate) fn with(mut self, f: impl FnOnce() -> R) {
        self.otherwise = CallError::Panicked;
        let value = f();
        *self.slot.answer.lock() = Some(Ok(value));
    }
}

impl<R> Drop for Answer<R> {
    fn drop(&mut self) {
        self.slot.answer.lock().get_or_insert(Err(self.otherwise));
        self.slot.caller.unpark();
    }
}
