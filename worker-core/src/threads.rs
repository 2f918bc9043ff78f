//! The threads of a manager: those that run bodies, and the one that keeps their alarms.

pub(crate) mod alarms;
pub(crate) mod pool;
