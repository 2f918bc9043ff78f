//! [`Scope`]: the workers of a screen or a widget.

use std::borrow::Cow;
use std::fmt;

use crate::manager::registry::{cancel_all, with_parts};
use crate::manager::scope_handle::ScopeHandle;
use crate::manager::worker_builder::WorkerBuilder;
use crate::worker::cancel_reason::CancelReason;
use crate::worker::handle::AnyWorker;

/// Owns the workers of a screen or a widget: dropping it cancels them.
///
/// ```
/// use std::time::Duration;
/// use worker_core::WorkerManager;
///
/// let workers = WorkerManager::new();
/// let screen = workers.scope("search screen");
/// let fetch = screen.worker("fetch").thread(|cx| Ok(cx.sleep(Duration::MAX)?));
/// drop(screen); // the user leaves the screen
/// assert!(fetch.wait().unwrap_err().is_cancelled());
/// ```
#[must_use = "dropping a scope cancels its workers"]
pub struct Scope {
    node: ScopeHandle,
}

impl Scope {
    pub(crate) fn new(node: ScopeHandle) -> Self {
        Self { node }
    }

    /// The name it was given.
    pub fn name(&self) -> &str {
        self.node.name()
    }

    /// Begins a worker that lives at most as long as this scope.
    pub fn worker(&self, name: impl Into<Cow<'static, str>>) -> WorkerBuilder {
        WorkerBuilder::new(self.node.clone(), name.into())
    }

    /// A scope within this one: cancelled with it. Its groups are its own. It takes over this one's
    /// [`exit_on_error`](Self::exit_on_error).
    pub fn scope(&self, name: impl Into<Cow<'static, str>>) -> Scope {
        Scope::new(self.node.nested(name.into()))
    }

    /// Whether an error of a worker of this scope ends the app, for workers that do not say it
    /// themselves by [`WorkerBuilder::exit_on_error`]. The default is that of the scope around this
    /// one, and of the [manager](crate::ManagerBuilder::exit_on_error).
    ///
    /// It holds for what is started through this from now on, and for scopes that are made within
    /// this one from now on.
    ///
    /// ```
    /// use worker_core::WorkerManager;
    ///
    /// let workers = WorkerManager::new();
    /// let screen = workers.scope("search").exit_on_error(false); // its errors are shown as toasts
    /// let search = screen.worker("search").paused().thread(|_| Ok(()));
    /// let save = screen.worker("save").exit_on_error(true).paused().thread(|_| Ok(()));
    /// assert!(!search.exit_on_error() && save.exit_on_error());
    /// ```
    pub fn exit_on_error(mut self, exit: bool) -> Self {
        self.node.exit_on_error = exit;
        self
    }

    /// The live workers of this scope and those within it, oldest first; among them the parts of
    /// their [fan-outs](crate::WorkerContext::map).
    pub fn workers(&self) -> Vec<AnyWorker> {
        with_parts(self.node.live())
    }

    /// Cancels the workers of this scope and those within it; new ones may be started. Gives those
    /// that were cancelled.
    pub fn cancel(&self) -> Vec<AnyWorker> {
        cancel_all(self.node.revoke_all(), &CancelReason::Requested)
    }

    /// Cancels the workers of one group of this scope and gives them, oldest first.
    pub fn cancel_group(&self, group: &str) -> Vec<AnyWorker> {
        cancel_all(self.node.revoke_group(group), &CancelReason::Requested)
    }

    /// Whether a worker of this group of this scope, or one of this name that names no group, is
    /// pending or running and not cancelled: what a spinner wants to know. One that has been
    /// superseded and is slow to stop does not count.
    pub fn is_busy(&self, group: &str) -> bool {
        self.node.is_busy(group)
    }
}

/// Cancels its workers, and those of the scopes within it, which take no new ones from now on.
impl Drop for Scope {
    fn drop(&mut self) {
        self.node.close(&CancelReason::ScopeDropped);
        cancel_all(self.node.revoke_all(), &CancelReason::ScopeDropped);
    }
}

/// `Scope { name: "details", workers: 2 }`
impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").field("name", &self.name()).field("workers", &self.node.len()).finish()
    }
}
