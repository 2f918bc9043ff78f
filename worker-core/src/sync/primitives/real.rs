//! The real primitives: the standard library and `parking_lot`.

pub use std::thread_local;

pub use parking_lot::{Mutex, MutexGuard};

/// Atomics that are part of a protocol between threads.
pub mod atomic {
    pub use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, AtomicUsize, Ordering, fence};
}

/// Threads, and how one parks.
pub mod thread {
    pub use std::thread::{
        Builder, Scope, Thread, ThreadId, current, panicking, park, park_timeout, scope, yield_now,
    };
}
