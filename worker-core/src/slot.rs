//! The typed end of a record: the body before it runs, the value after.

use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;

use crate::error::{Panic, Result, WorkerError};
use crate::panics;
use crate::record::{Outcome, Record};
use crate::state::Settled;

/// Runs a body on the thread of the pool that calls it.
pub(crate) type Run<T> = Box<dyn FnOnce(&Arc<Record>) -> Result<T> + Send>;

/// Sends a body to the UI thread, where it settles its worker itself.
pub(crate) type Spawn = Box<dyn FnOnce(Arc<Record>) + Send>;

/// A body that has not run.
pub(crate) enum Body<T> {
    Thread(Run<T>),
    Task(Spawn),
}

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
    pub(crate) fn conclude(&self, record: &Arc<Record>, ended: Result<Result<T>, Panic>) {
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

/// The last handle may go anywhere: on a thread of the pool, in a sink, under a UI loop. None of them dies of a value whose
/// `Drop` panics.
impl<T> Drop for Slot<T> {
    fn drop(&mut self) {
        let body = self.body.get_mut().take();
        if body.is_some() || std::mem::needs_drop::<T>() {
            panics::drop_quietly((self.value.take(), body), "dropping a worker's result");
        }
    }
}

impl<T: Send + Sync + 'static> Outcome for Slot<T> {
    fn launch(&self, record: &Arc<Record>) {
        let task = match &mut *self.body.lock() {
            Some(Body::Thread(_)) => None,
            body => Some(body.take()),
        };
        match task {
            None => record.home.launch(record.clone()),
            Some(Some(Body::Task(spawn))) => spawn(record.clone()),
            // Cancelled meanwhile, and discarded.
            Some(_) => {}
        }
    }

    fn run(&self, record: &Arc<Record>) {
        let Some(Body::Thread(body)) = self.take_body() else { return };
        let ended = panics::catch(|| record.in_span(|| body(record)));
        self.conclude(record, ended);
    }

    fn discard(&self) {
        // Out of the lock first: dropping what the user's closure holds is the user's code.
        let body = self.take_body();
        drop(body);
    }
}
