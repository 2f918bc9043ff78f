//! [`Callback`]: a closure for the UI thread, with the worker that queued it; dropped instead of
//! run if that worker is revoked.
//!
//! A worker's callback is dropped instead of run if the worker has been revoked by then.

use worker_core::AnyWorker;

use crate::time::stall::CallSite;

/// A closure for the UI thread, with the worker that queued it, if one did. One allocation.
pub(crate) struct Callback<A>(Box<dyn ErasedCallback<A>>);

/// What queued a callback: a worker, or `()` for other code. A type parameter, so that a callback
/// without a worker stays as small as its closure.
trait Origin: Send {
    fn worker(&self) -> Option<&AnyWorker>;
}

impl Origin for () {
    fn worker(&self) -> Option<&AnyWorker> {
        None
    }
}

impl Origin for AnyWorker {
    fn worker(&self) -> Option<&AnyWorker> {
        Some(self)
    }
}

trait ErasedCallback<A>: Send {
    fn worker(&self) -> Option<&AnyWorker>;
    fn call_site(&self) -> CallSite;
    fn run(self: Box<Self>, app: &mut A);
}

struct TypedCallback<O, F> {
    origin: O,
    call_site: CallSite,
    run: F,
}

impl<A, O: Origin, F: FnOnce(&mut A) + Send> ErasedCallback<A> for TypedCallback<O, F> {
    fn worker(&self) -> Option<&AnyWorker> {
        self.origin.worker()
    }

    fn call_site(&self) -> CallSite {
        self.call_site
    }

    fn run(self: Box<Self>, app: &mut A) {
        (self.run)(app);
    }
}

impl<A> Callback<A> {
    pub(crate) fn new(
        worker: Option<AnyWorker>,
        call_site: CallSite,
        run: impl FnOnce(&mut A) + Send + 'static,
    ) -> Self {
        match worker {
            None => Self(Box::new(TypedCallback { origin: (), call_site, run })),
            Some(origin) => Self(Box::new(TypedCallback { origin, call_site, run })),
        }
    }

    /// The line that posted it.
    pub(crate) fn call_site(&self) -> CallSite {
        self.0.call_site()
    }

    pub(crate) fn worker(&self) -> Option<&AnyWorker> {
        self.0.worker()
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.worker().is_some_and(AnyWorker::is_cancelled)
    }

    /// Runs it on the UI thread; drops it if its worker has been revoked. True if it has run.
    pub(crate) fn run_unless_revoked(self, app: &mut A) -> bool {
        let revoked = self.worker().is_some_and(AnyWorker::is_revoked);
        if !revoked {
            self.0.run(app);
        }
        !revoked
    }
}
