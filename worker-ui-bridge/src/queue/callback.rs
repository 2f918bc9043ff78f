//! [`Callback`]: a closure for the UI thread, with the worker that queued it; dropped instead of
//! run if that worker is revoked.

use std::sync::Arc;

use worker_core::AnyWorker;

use crate::time::stall::CallSite;

/// A closure for the UI thread, with the worker that queued it, if one did. One allocation.
pub(crate) struct Callback<A>(Box<dyn ErasedCallback<A>>);

/// What queued a callback: a worker, or `()` for other code. A type parameter, so that a callback
/// without a worker stays as small as its closure.
trait Origin: Send {
    fn worker(&self) -> Option<&AnyWorker>;

    fn is_revoked(&self) -> bool {
        self.worker().is_some_and(AnyWorker::is_revoked)
    }
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

/// The worker whose end a callback tells of; another has queued it.
struct Ended(AnyWorker);

impl Origin for Ended {
    fn worker(&self) -> Option<&AnyWorker> {
        Some(&self.0)
    }

    fn is_revoked(&self) -> bool {
        self.0.is_end_revoked()
    }
}

trait ErasedCallback<A>: Send {
    fn worker(&self) -> Option<&AnyWorker>;
    fn is_revoked(&self) -> bool;
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

    fn is_revoked(&self) -> bool {
        self.origin.is_revoked()
    }

    fn call_site(&self) -> CallSite {
        self.call_site
    }

    fn run(self: Box<Self>, app: &mut A) {
        (self.run)(app);
    }
}

/// A callback for a part of the state.
struct FocusedCallback<A, B> {
    callback: Callback<B>,
    place: Place<A, B>,
}

/// Where a part of the state is.
pub(crate) type Place<A, B> = Arc<dyn Fn(&mut A) -> &mut B + Send + Sync>;

impl<A, B> ErasedCallback<A> for FocusedCallback<A, B> {
    fn worker(&self) -> Option<&AnyWorker> {
        self.callback.worker()
    }

    fn is_revoked(&self) -> bool {
        self.callback.0.is_revoked()
    }

    fn call_site(&self) -> CallSite {
        self.callback.call_site()
    }

    fn run(self: Box<Self>, app: &mut A) {
        self.callback.0.run((self.place)(app));
    }
}

impl<B: 'static> Callback<B> {
    /// The same for the whole state.
    pub(crate) fn for_whole<A: 'static>(self, place: Place<A, B>) -> Callback<A> {
        Callback(Box::new(FocusedCallback { callback: self, place }))
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

    /// A callback that tells of the end of a worker.
    pub(crate) fn of_end(
        worker: AnyWorker,
        call_site: CallSite,
        run: impl FnOnce(&mut A) + Send + 'static,
    ) -> Self {
        Self(Box::new(TypedCallback { origin: Ended(worker), call_site, run }))
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

    /// Whether it must be dropped instead of run, because its worker has been revoked.
    pub(crate) fn is_revoked(&self) -> bool {
        self.0.is_revoked()
    }

    /// Runs it on the UI thread.
    pub(crate) fn run(self, app: &mut A) {
        self.0.run(app);
    }
}
