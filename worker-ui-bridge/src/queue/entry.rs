//! [`Entry`]: one item of the queue. A new kind is run in `turn/pump.rs` (`run`) and dropped in
//! `turn/closing.rs`.

use std::borrow::Cow;
use std::sync::Arc;

use worker_core::{LocalFuture, Panic, ProgressChanged, ProgressNotice, StateChanged};

use crate::queue::callback::Callback;
use crate::time::stall::CallSite;

/// Something that the UI thread has to do.
pub(crate) enum Entry<A> {
    Callback(Callback<A>),
    Event(Arc<Handler<A, StateChanged>>, StateChanged),
    /// The position in the queue of this key's callback, which is kept in `State::latest`.
    Latest(Key),
    Progress(Arc<Handler<A, ProgressChanged>>, ProgressNotice),
    /// A new task: its future is made and first polled on the UI thread.
    Spawn(MakeFuture),
    /// A task that was woken.
    Task(TaskId),
    /// The reader of the source of this name has panicked.
    SourcePanicked(Arc<str>, Arc<Panic>),
}

/// The number of a task, unique within its bridge. Later tasks have greater numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TaskId(pub(crate) u64);

/// The key of `post_latest`: callbacks with the same key replace each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    /// The number of the handle on a part of the state that it was given to; 0: of the whole.
    pub(crate) part: u64,
    pub(crate) key: Cow<'static, str>,
}

/// Makes a task's future on the UI thread.
pub(crate) type MakeFuture = Box<dyn FnOnce() -> LocalFuture + Send>;

pub(crate) type HandlerFn<A, E> = Box<dyn Fn(&mut A, &E) + Send + Sync>;

/// What runs on the UI thread for each event of a manager.
pub(crate) struct Handler<A, E> {
    pub(crate) run: HandlerFn<A, E>,
    /// The line that set the handler.
    pub(crate) call_site: CallSite,
}
