//! The source of time: [`Clock`], and [`SystemClock`], which programs use.

use std::fmt;
use std::time::{Duration, Instant};

use crate::sync::primitives::thread;
#[cfg(feature = "testing")]
use crate::sync::scheduler::Scheduler;

/// Tells the time, and parks a thread until a later one.
///
/// Sleeps, time limits, timers and idle threads all go through one clock, so a test that replaces
/// it holds all of time. Everything that waits parks its own thread and checks its condition again
/// when it comes back; making a condition true and unparking the thread is all that ends a wait.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The current time. Never goes back.
    fn now(&self) -> Instant;

    /// Parks the calling thread until it is unparked or `deadline` has come; without a deadline,
    /// until it is unparked. May return early: callers check their condition again.
    fn park_until(&self, deadline: Option<Instant>);

    /// What decides, in a test, which thread runs next. `None`: the operating system does.
    ///
    /// Exists with the feature `testing`. A clock that wraps a
    /// [`TestScheduler`](crate::testing::TestScheduler)'s clock forwards it.
    #[cfg(feature = "testing")]
    fn scheduler(&self) -> Option<&dyn Scheduler> {
        None
    }
}

/// The system's monotonic clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn park_until(&self, deadline: Option<Instant>) {
        match deadline {
            None => thread::park(),
            Some(deadline) => match deadline.checked_duration_since(Instant::now()) {
                None | Some(Duration::ZERO) => {}
                Some(left) => thread::park_timeout(left),
            },
        }
    }
}
