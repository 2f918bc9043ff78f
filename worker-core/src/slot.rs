//! The typed end of a record: the body before it runs, the value after.

use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;

use crate::error::{Panic, Result, WorkerError};
use crate::panics;
use crate::record::{Outcome, Record};
use crate::state::Settled;

/// A body, ready to run on the thread that calls it.
pub(crate) type Body<T> = Box<dyn FnOnce(&Arc<Record>) -> Result<T> + Send>;

pub(crate) struct Slot<T> {
    body: Mutex<Option<Body<T>>>,
    value: OnceLock<T>,
}

impl<T> Slot<T> {
    pub(crate) fn new(body: Body<T>) -> Self {
        Self { body: Mutex::new(Some(body)), value: OnceLock::new() }
    }

    pub(crate) fn value(&self) -> Option<&T> {
        self.value.get()
    }

    fn take_body(&self) -> Option<Body<T>> {
        self.body.lock().take()
    }

    /// Settles the worker by what its body came to.
    ///
    /// A panic counts even after a cancel: it is a bug, and no error is ever silent. Anything else that a cancelled body
    /// returns is dropped.
    fn conclude(&self, record: &Arc<Record>, ended: Result<Result<T>, Panic>) {
        match (record.settle(), ended) {
            (_, Err(panic)) => record.end_with_error(WorkerError::Panicked(Arc::new(panic))),
            (Settled::AsReturned, Ok(Ok(value))) => {
                let _ = self.value.set(value);
                record.end_with_value();
            }
            (Settled::AsReturned, Ok(Err(error))) => {
                record.end_with_error(WorkerError::Failed(Arc::from(error)));
            }
            (Settled::Cancelled(reason), Ok(returned)) => {
                panics::drop_quietly(returned, "dropping what a cancelled worker returned");
                record.end_cancelled(reason);
            }
        }
    }
}

impl<T: Send + Sync + 'static> Outcome for Slot<T> {
    fn run(&self, record: &Arc<Record>) {
        let Some(body) = self.take_body() else { return };
        let ended = panics::catch(|| body(record));
        self.conclude(record, ended);
    }

    fn discard(&self) {
        // Out of the lock first: dropping what the user's closure holds is the user's code.
        let body = self.take_body();
        drop(body);
    }
}
