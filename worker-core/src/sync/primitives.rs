//! The primitives of both crates: the standard library and `parking_lot`, re-exported.
//!
//! They are named here and nowhere else, so that a model checker can take their place. Re-exports
//! cost nothing.

pub use std::sync::OnceLock;
pub use std::thread_local;

pub use parking_lot::{Condvar, Mutex, MutexGuard};

/// Atomics that are part of a protocol between threads.
pub mod atomic {
    pub use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, AtomicUsize, Ordering, fence};
}

/// Threads, and how one parks.
pub mod thread {
    pub use std::thread::{Builder, Thread, ThreadId, current, panicking, park, park_timeout, yield_now};
}

/// State of the whole process, outside every protocol: counters that give out numbers, flags set
/// once.
pub mod process {
    pub use std::sync::LazyLock;
    pub use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

    pub use parking_lot::Mutex;
}
