//! What models run on: loom's primitives, with the names and signatures of the real ones.

#![allow(missing_docs, missing_debug_implementations, reason = "documented where they are real")]

use std::fmt;
use std::ops::{Deref, DerefMut};

/// Atomics that are part of a protocol between threads.
pub mod atomic {
    pub use loom::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, AtomicUsize, Ordering, fence};
}

/// Threads, and how one parks. Models have no time: a park with a deadline is a yield.
///
/// The token is not loom's own: loom loses an unpark that meets a thread at a lock.
pub mod thread {
    use std::cell::OnceCell;
    use std::io;
    use std::sync::Arc;
    use std::time::Duration;

    use loom::sync::Notify;

    pub use loom::thread::{ThreadId, yield_now};
    pub use std::thread::panicking;

    loom::thread_local! {
        static TOKEN: OnceCell<Arc<Notify>> = OnceCell::new();
    }

    #[derive(Clone, Debug)]
    pub struct Thread {
        thread: loom::thread::Thread,
        token: Arc<Notify>,
    }

    impl Thread {
        pub fn id(&self) -> ThreadId {
            self.thread.id()
        }

        pub fn name(&self) -> Option<&str> {
            self.thread.name()
        }

        pub fn unpark(&self) {
            self.token.notify();
        }
    }

    pub fn current() -> Thread {
        Thread { thread: loom::thread::current(), token: own_token() }
    }

    fn own_token() -> Arc<Notify> {
        TOKEN.with(|token| token.get_or_init(Arc::default).clone())
    }

    pub fn park() {
        own_token().wait();
    }

    pub fn park_timeout(_: Duration) {
        yield_now();
    }

    #[derive(Debug)]
    pub struct Builder(loom::thread::Builder);

    impl Builder {
        pub fn new() -> Self {
            Self(loom::thread::Builder::new())
        }

        pub fn name(self, name: String) -> Self {
            Self(self.0.name(name))
        }

        pub fn stack_size(self, bytes: usize) -> Self {
            Self(self.0.stack_size(bytes))
        }

        pub fn spawn(self, main: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle> {
            let token = Arc::new(Notify::new());
            let own = token.clone();
            let spawned = self.0.spawn(move || {
                TOKEN.with(|token| token.set(own).expect("the thread has just begun"));
                main();
            })?;
            Ok(JoinHandle(Thread { thread: spawned.thread().clone(), token }))
        }
    }

    #[derive(Debug)]
    pub struct JoinHandle(Thread);

    impl JoinHandle {
        pub fn thread(&self) -> &Thread {
            &self.0
        }
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
