//! [`BodyCell`], the typed part of a record: the body before it runs, the value after.

use std::sync::Arc;

use crate::error::{Panic, Result};
use crate::panics;
use crate::sync::primitives::{Mutex, OnceLock};
use crate::worker::error::WorkerError;
use crate::worker::lifecycle::Settled;
use crate::worker::record::{Body, Record};

/// Runs a body on the thread of the pool that calls it.
pub(crate) type ThreadBody<T> = Box<dyn FnOnce(&Arc<Record>) -> Result<T> + Send>;

/// Sends a body to the UI thread, where it settles its worker itself.
pub(crate) type UiBody = Box<dyn FnOnce(Arc<Record>) + Send>;

/// A body that has not run, by where it will run.
pub(crate) enum BodyFn<T> {
    OnThread(ThreadBody<T>),
    OnUi(UiBody),
}

pub(crate) struct BodyCell<T> {
    body_fn: Mutex<Option<BodyFn<T>>>,
    value: OnceLock<T>,
}

impl<T> BodyCell<T> {
    pub(crate) fn new(body_fn: BodyFn<T>) -> Self {
        Self { body_fn: Mutex::new(Some(body_fn)), value: OnceLock::new() }
    }

    pub(crate) fn value(&self) -> Option<&T> {
        self.value.get()
    }

    fn take_body_fn(&self) -> Option<BodyFn<T>> {
        self.body_fn.lock().take()
    }

    /// Settles the worker by what its body returned.
    ///
    /// A panic counts even after a cancel: it is a bug, and no error is silent. Anything else that
    /// a cancelled body returns is dropped.
    pub(crate) fn settle_with(&self, record: &Arc<Record>, ended: Result<Result<T>, Panic>) {
        match (record.settle(), ended) {
            (_, Err(panic)) => record.end_with_error(WorkerError::Panicked(Arc::new(panic.with_hint()))),
            (Settled::AsReturned, Ok(Ok(value))) => {
                let _ = self.value.set(value);
                record.end_with_value();
            }
            (Settled::AsReturned, Ok(Err(error))) => {
                record.end_with_error(WorkerError::Failed(Arc::from(error)));
            }
            (Settled::Cancelled, Ok(returned)) => {
                panics::drop_quietly(returned, "dropping what a cancelled worker returned");
                record.end_cancelled();
            }
        }
    }
}

/// The last handle may be dropped anywhere: on a thread of the pool, in a sink, in a UI loop. A
/// value whose `Drop` panics must not harm any of them.
impl<T> Drop for BodyCell<T> {
    fn drop(&mut self) {
        let code = self.body_fn.get_mut().take();
        if code.is_some() || std::mem::needs_drop::<T>() {
            panics::drop_quietly((self.value.take(), code), "dropping a worker's result");
        }
    }
}

impl<T: Send + Sync + 'static> Body for BodyCell<T> {
    fn launch(&self, record: &Arc<Record>) {
        let task = match &mut *self.body_fn.lock() {
            Some(BodyFn::OnThread(_)) => None,
            code => Some(code.take()),
        };
        match task {
            None => record.services().submit(record.clone()),
            Some(Some(BodyFn::OnUi(spawn))) => spawn(record.clone()),
            // Cancelled meanwhile, and discarded.
            Some(_) => {}
        }
    }

    fn run(&self, record: &Arc<Record>) {
        let Some(BodyFn::OnThread(body)) = self.take_body_fn() else { return };
        let ended = panics::catch(|| record.in_span(|| body(record)));
        self.settle_with(record, ended);
    }

    fn discard(&self) {
        // Out of the lock first: dropping what the closure holds is foreign code.
        let code = self.take_body_fn();
        drop(code);
    }
}
