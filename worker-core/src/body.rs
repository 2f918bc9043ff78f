//! Inside a worker: the contexts that a body is given, and what runs async bodies.

pub(crate) mod context;
pub(crate) mod executor;
pub(crate) mod local;
pub(crate) mod task;
#[cfg(feature = "tokio")]
pub(crate) mod tokio_loop;
