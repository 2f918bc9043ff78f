//! Inside a worker: the contexts that a body is given, and what runs async bodies.

pub(crate) mod blocking_value;
pub(crate) mod context;
pub(crate) mod event_loop;
pub(crate) mod fan_out;
pub(crate) mod local_spawn;
#[cfg(not(worker_loom))]
pub(crate) mod map;
pub(crate) mod retry;
pub(crate) mod task;
#[cfg(feature = "tokio")]
pub(crate) mod tokio_loop;
