//! [`ScopeHandle`]: a scope as a manager, a [`Scope`](crate::Scope) or a builder holds it. When the
//! last is dropped and no worker is left, the manager's threads end.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use crate::manager::registry::ScopeNode;

/// A scope, as what can start workers in it holds it.
pub(crate) struct ScopeHandle {
    node: Arc<ScopeNode>,
    /// What workers that are started through it do unless they say otherwise; see
    /// [`WorkerBuilder::exit_on_error`](crate::WorkerBuilder::exit_on_error).
    pub(crate) exit_on_error: bool,
}

impl ScopeHandle {
    pub(crate) fn new(node: Arc<ScopeNode>, exit_on_error: bool) -> Self {
        node.engine().handle_made();
        Self { node, exit_on_error }
    }

    /// A scope within this one, with the same defaults.
    pub(crate) fn nested(&self, name: Cow<'static, str>) -> Self {
        Self::new(self.nest(name), self.exit_on_error)
    }
}

impl Clone for ScopeHandle {
    fn clone(&self) -> Self {
        Self::new(self.node.clone(), self.exit_on_error)
    }
}

impl Deref for ScopeHandle {
    type Target = Arc<ScopeNode>;

    fn deref(&self) -> &Arc<ScopeNode> {
        &self.node
    }
}

impl Drop for ScopeHandle {
    fn drop(&mut self) {
        self.node.engine().handle_dropped();
    }
}

/// For all that holds one, managers and scopes: a panic leaves none of them half changed, because
/// no lock is held while foreign code runs.
impl UnwindSafe for ScopeHandle {}

/// As its [`UnwindSafe`].
impl RefUnwindSafe for ScopeHandle {}

impl fmt::Debug for ScopeHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.node, f)
    }
}
