//! What the queue holds: everything that the UI thread may have to do.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock, Weak};
use std::task::Waker;
use std::time::Instant;

use worker_core::{AnyWorker, LocalFuture, ProgressChanged, ProgressNotice, StateChanged};

use crate::stall::Place;
use crate::timers::TimerId;

/// Something the UI thread has to do.
pub(crate) enum Entry<A> {
    Callback(Callback<A>),
    Event(Arc<Handler<A, StateChanged>>, StateChanged),
    /// The place of the newest callback of this key, which waits in `State::latest`.
    Latest(Key),
    Progress(Arc<Handler<A, ProgressChanged>>, ProgressNotice),
    /// A new future, to be made and first polled on the UI thread.
    Spawn(MakeFuture),
    /// A future that was woken.
    Task(TaskId),
    /// Something that wants to be woken at a time, if it still does when its turn comes.
    WakeAt(Instant, Weak<Alarm>),
}

/// A task's number, unique within its bridge; later ones are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TaskId(pub(crate) u64);

/// Tells callbacks that replace each other from others.
pub(crate) type Key = Cow<'static, str>;

/// What a sleep waits for; dropped with it.
pub(crate) struct Alarm {
    pub(crate) waker: Waker,
    /// Its timer, once there is one.
    pub(crate) timer: OnceLock<TimerId>,
}

/// Makes a future on the UI thread.
pub(crate) type MakeFuture = Box<dyn FnOnce() -> LocalFuture + Send>;

/// A callback, and on whose behalf it was queued: one allocation.
pub(crate) struct Callback<A>(Box<dyn Posted<A>>);

/// On whose behalf a callback was queued: nobody's or a worker's. If that is revoked by the time of its turn, it is dropped instead.
trait Sender: Send {
    fn worker(&self) -> Option<&AnyWorker>;
}

impl Sender for () {
    fn worker(&self) -> Option<&AnyWorker> {
        None
    }
}

impl Sender for AnyWorker {
    fn worker(&self) -> Option<&AnyWorker> {
        Some(self)
    }
}

trait Posted<A>: Send {
    fn worker(&self) -> Option<&AnyWorker>;
    fn place(&self) -> Place;
    fn run(self: Box<Self>, app: &mut A);
}

struct Post<S, F> {
    sender: S,
    place: Place,
    run: F,
}

impl<A, S: Sender, F: FnOnce(&mut A) + Send> Posted<A> for Post<S, F> {
    fn worker(&self) -> Option<&AnyWorker> {
        self.sender.worker()
    }

    fn place(&self) -> Place {
        self.place
    }

    fn run(self: Box<Self>, app: &mut A) {
        (self.run)(app);
    }
}

impl<A> Callback<A> {
    pub(crate) fn new(
        worker: Option<AnyWorker>,
        place: Place,
        run: impl FnOnce(&mut A) + Send + 'static,
    ) -> Self {
        match worker {
            None => Self(Box::new(Post { sender: (), place, run })),
            Some(sender) => Self(Box::new(Post { sender, place, run })),
        }
    }

    /// Where it was posted.
    pub(crate) fn place(&self) -> Place {
        self.0.place()
    }

    pub(crate) fn worker(&self) -> Option<&AnyWorker> {
        self.0.worker()
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.worker().is_some_and(AnyWorker::is_cancelled)
    }

    /// Runs it on the UI thread, or drops it. False if it was dropped.
    pub(crate) fn run(self, app: &mut A) -> bool {
        let revoked = self.worker().is_some_and(AnyWorker::is_revoked);
        if !revoked {
            self.0.run(app);
        }
        !revoked
    }
}

pub(crate) type HandlerFn<A, E> = Box<dyn Fn(&mut A, &E) + Send + Sync>;

/// What is done with an event on the UI thread.
pub(crate) struct Handler<A, E> {
    pub(crate) run: HandlerFn<A, E>,
    /// Where it was set.
    pub(crate) place: Place,
}

/// Whether a worker is revoked; if so it is cancelled when this returns.
///
/// A group that is cancelled as a whole is revoked first, then its workers are cancelled one by one. One that learns of it here may
/// be ahead of its turn, and the error it is given must not count as its own.
pub(crate) fn cancelled_if_revoked(worker: &AnyWorker) -> bool {
    let revoked = worker.is_revoked();
    if revoked {
        worker.cancel();
    }
    revoked
}
