//! What models run on: loom's primitives, with the names and signatures of the real ones.

#![allow(missing_docs, missing_debug_implementations, reason = "documented where they are real")]

use std::fmt;
use std::ops::{Deref, DerefMut};

/// Atomics that are part of a protocol between threads.
pub mod atomic {
    pub use loom::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, AtomicUsize, Ordering, fence};
}

/// Threads, and how one parks. Models have no time: a park with a deadline is a yield.
pub mod thread {
    use std::time::Duration;

    pub use loom::thread::{Builder, Thread, ThreadId, current, park, yield_now};
    pub use std::thread::panicking;

    pub fn park_timeout(_: Duration) {
        yield_now();
    }
}

/// The standard library's macro for loom's thread-locals.
macro_rules! model_thread_local {
    ($($(#[$attr:meta])* $vis:vis static $name:ident: $t:ty = const { $init:expr });+ $(;)?) => {
        $(loom::thread_local! { $(#[$attr])* $vis static $name: $t = $init; })+
    };
    ($($(#[$attr:meta])* $vis:vis static $name:ident: $t:ty = $init:expr);+ $(;)?) => {
        $(loom::thread_local! { $(#[$attr])* $vis static $name: $t = $init; })+
    };
}

pub(crate) use model_thread_local as thread_local;

/// `parking_lot`'s interface to a mutex of loom's.
pub struct Mutex<T: ?Sized>(loom::sync::Mutex<T>);

/// Held while it lives.
pub struct MutexGuard<'a, T: ?Sized>(loom::sync::MutexGuard<'a, T>);

impl<T> Mutex<T> {
    pub fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }
}

impl<T: ?Sized> Mutex<T> {
    pub fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard(self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    pub fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: ?Sized> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mutex")
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}
