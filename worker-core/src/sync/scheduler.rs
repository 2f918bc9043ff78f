//! [`Scheduler`]: what decides, in a test, which of the library's threads runs. Exists with the
//! feature `testing` only.

use std::io;

use crate::sync::primitives::thread::{Builder, Thread};

/// Hands out turns to threads. Reached through [`Clock::scheduler`](crate::Clock::scheduler).
///
/// It sees every thread of the library made, parked (by its clock) and unparked, so it can let one
/// run at a time.
pub trait Scheduler {
    /// Ends the park of `thread`, or its next one. May be called under a lock.
    fn unpark(&self, thread: &Thread);

    /// Makes a thread that runs `main`. May be called under a lock.
    ///
    /// # Errors
    ///
    /// If the thread cannot be made.
    fn spawn(&self, thread: Builder, main: Box<dyn FnOnce() + Send>) -> io::Result<Thread>;

    /// Expects a thread that [runs](ExpectedThread::run) what this gives: for one that the scheduler
    /// cannot make itself, because it borrows.
    ///
    /// # Errors
    ///
    /// If the thread cannot be made.
    fn expect_thread(&self) -> io::Result<Box<dyn ExpectedThread>>;

    /// A point at which another thread may run first. Called under no lock.
    fn checkpoint(&self);

    /// Whether turns are handed out now. Then a thread must not spin or yield: it has the only
    /// turn.
    fn hands_out_turns(&self) -> bool;
}

/// A thread that a [`Scheduler`] expects, until this is dropped.
pub trait ExpectedThread: Send {
    /// The calling thread is the expected one: runs `main` in turns with the others.
    fn run(self: Box<Self>, main: &mut dyn FnMut());
}
