//! [`Request`]: what the UI thread does before it runs another timer or entry, however many are
//! queued.

use std::time::{Duration, Instant};

use worker_core::{AnyWorker, BoxError};

use crate::time::stall::CallSite;
use crate::time::timers::TimerId;

/// See the [module](self). Carried out in `turn/requests.rs`.
pub(crate) enum Request<A> {
    SetTimer(TimerId, NewTimer<A>),
    ClearTimer(TimerId),
    /// Ends the loop with an error of the app's.
    Fail(BoxError),
}

/// A timer that a handle sets.
pub(crate) struct NewTimer<A> {
    pub(crate) due: Instant,
    /// `None`: it runs once.
    pub(crate) period: Option<Duration>,
    /// `None`: set by the library.
    pub(crate) call_site: Option<CallSite>,
    /// The worker that sets it: a timer does not outlive its revocation.
    pub(crate) worker: Option<AnyWorker>,
    pub(crate) action: Box<dyn FnMut(&mut A) + Send>,
}
