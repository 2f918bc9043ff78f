//! [`BodyCell`], the typed part of a record: the body before it runs, the value after.

use std::sync::Arc;

use crate::error::{Panic, Result, WorkerError};
use crate::panics;
use crate::sync::primitives::{Mutex, OnceLock};
use crate::worker::lifecycle::Settled;
use crate::worker::record::{Body, Record};

/// Runs a body on the thread of the pool that calls it.
pub(crate) type Run<T> = Box<dyn FnOnce(&Arc<Record>) -> Result<T> + Send>;

/// Sends a body to the UI thread, where it settles its worker itself.
pub(crate) type Spawn = Box<dyn FnOnce(Arc<Record>) + Send>;

/// A body that has not run, by where it will run.
pub(crate) enum Code<T> {
    Thread(Run<T>),
    Task(Spawn),
}

pub(crate) struct BodyCell<T> {
    code: Mutex<Option<Code<T>>>,
    value: OnceLock<T>,
}

impl<T> BodyCell<T> {
    pub(crate) fn new(code: Code<T>) -> Self {
        Self { code: Mutex::new(Some(code)), value: OnceLock::new() }
    }

    pub(crate) fn value(&self) -> Option<&T> {
        self.value.get()
    }

    fn take_code(&self) -> Option<Code<T>> {
        self.code.lock().take()
    }

    /// Settles the worker by what its body returned.
    ///
    /// A panic counts even after a cancel: it is a bug, and no error is silent. Anything else that
    /// a cancelled body returns is dropped.
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

/// The last handle may be dropped anywhere: on a thread of the pool, in a sink, in a UI loop. A
/// value whose `Drop` panics must not harm any of them.
impl<T> Drop for BodyCell<T> {
    fn drop(&mut self) {
        let code = self.code.get_mut().take();
        if code.is_some() || std::mem::needs_drop::<T>() {
            panics::drop_quietly((self.value.take(), code), "dropping a worker's result");
        }
    }
}

impl<T: Send + Sync + 'static> Body for BodyCell<T> {
    fn launch(&self, record: &Arc<Record>) {
        let task = match &mut *self.code.lock() {
            Some(Code::Thread(_)) => None,
            code => Some(code.take()),
        };
        match task {
            None => record.services().submit(record.clone()),
            Some(Some(Code::Task(spawn))) => spawn(record.clone()),
            // Cancelled meanwhile, and discarded.
            Some(_) => {}
        }
    }

    fn run(&self, record: &Arc<Record>) {
        let Some(Code::Thread(body)) = self.take_code() else { return };
        let ended = panics::catch(|| record.in_span(|| body(record)));
        self.conclude(record, ended);
    }

    fn discard(&self) {
        // Out of the lock first: dropping what the closure holds is foreign code.
        let code = self.take_code();
        drop(code);
    }
}
