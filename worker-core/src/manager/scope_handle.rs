//! [`ScopeHandle`]: a scope as a manager, a [`Scope`](crate::Scope) or a builder holds it. When the
//! last is dropped and no worker is left, the manager's threads end.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::manager::registry::ScopeNode;

/// A scope, as what can start workers in it holds it.
pub(crate) struct ScopeHandle(Arc<ScopeNode>);

impl ScopeHandle {
    pub(crate) fn new(node: Arc<ScopeNode>) -> Self {
        node.engine().handle_made();
        Self(node)
    }
}

impl Clone for ScopeHandle {
    fn clone(&self) -> Self {
        Self::new(self.0.clone())
    }
}

impl Deref for ScopeHandle {
    type Target = Arc<ScopeNode>;

    fn deref(&self) -> &Arc<ScopeNode> {
        &self.0
    }
}

impl Drop for ScopeHandle {
    fn drop(&mut self) {
        self.0.engine().handle_dropped();
    }
}

impl fmt::Debug for ScopeHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
