//! The primitives of both crates: the standard library and `parking_lot`, re-exported.
//!
//! They are named here and nowhere else, so that a model checker can take their place: built with
//! `--cfg worker_loom`, the same names are loom's, and the models in `models` run the real code in
//! every order. In a normal build these are re-exports and cost nothing.

#[cfg(worker_loom)]
mod model;
#[cfg(not(worker_loom))]
mod real;

#[cfg(worker_loom)]
pub(crate) use model::thread_local;
#[cfg(worker_loom)]
pub use model::{Mutex, MutexGuard, atomic, thread};
#[cfg(not(worker_loom))]
pub use real::{Mutex, MutexGuard, atomic, thread, thread_local};
pub use std::sync::OnceLock;

/// State of the whole process and of test clocks, outside every protocol that is modelled.
pub mod process {
    pub use std::sync::LazyLock;
    pub use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
    pub use std::thread::{Thread, ThreadId, current, park};
    pub use std::thread_local;

    pub use parking_lot::{Condvar, Mutex, MutexGuard};
}
