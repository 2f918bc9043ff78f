//! The threads of a manager: those that run bodies, and the one that enforces time limits.

pub(crate) mod pool;
pub(crate) mod timeouts;
