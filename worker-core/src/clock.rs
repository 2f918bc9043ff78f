//! The one source of time: the system's clock in programs, a hand-driven one in tests.
//!
//! Everything that waits (sleeps, time limits, timers, idle threads) parks its own thread through
//! [`Clock::park_until`] and re-checks its condition when it comes back, so whoever makes a condition true only has to
//! unpark the thread. That leaves a clock two things to know: what time it is, and whom to wake when it moves. As it sees
//! every thread made, parked and unparked, it can also decide which of them runs: so do tests that try many orders.

use std::fmt;
use std::io;
use std::thread::{self, Thread, ThreadId};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

/// What time it is, how a thread waits for a later one, and how another ends that wait.
///
/// The threads of the two crates are made, parked and unparked through it and by nothing else. A clock that only tells another
/// time than the system's leaves all but the first two methods as they are.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The current time. Never goes back.
    fn now(&self) -> Instant;

    /// Parks the calling thread until it is unparked or `deadline` has come; without a deadline, until it is unparked.
    /// May return early: callers check their condition again.
    fn park_until(&self, deadline: Option<Instant>);

    /// Ends the park of `thread`, or its next one. May be called under a lock.
    fn unpark(&self, thread: &Thread) {
        thread.unpark();
    }

    /// Makes a thread that runs `main`. May be called under a lock.
    ///
    /// # Errors
    ///
    /// If the system has no room for it.
    fn spawn(&self, thread: thread::Builder, main: Box<dyn FnOnce() + Send>) -> io::Result<Thread> {
        thread.spawn(main).map(|handle| handle.thread().clone())
    }

    /// Whether a thread may let others run for some microseconds, and look again, before it parks. Not where it is decided who runs.
    fn yields(&self) -> bool {
        true
    }

    /// Called, under no lock, where it matters to others what this thread does next: where a test may want another thread to
    /// come first.
    fn checkpoint(&self) {}
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

/// A clock that stands still until it is told to move.
///
/// ```
/// use std::{sync::Arc, time::Duration};
/// use worker_core::{ManualClock, WorkerManager};
///
/// let clock = Arc::new(ManualClock::new());
/// let workers = WorkerManager::builder().clock(clock.clone()).build();
/// let nap = workers.worker("nap").thread(|cx| Ok(cx.sleep(Duration::from_secs(3600))?));
///
/// clock.wait_for_sleepers(1); // it has gone to sleep
/// clock.advance(Duration::from_secs(3600)); // an hour passes in no time
/// assert!(nap.wait().is_ok());
/// ```
#[derive(Debug)]
pub struct ManualClock {
    state: Mutex<ManualState>,
    changed: Condvar,
}

#[derive(Debug)]
struct ManualState {
    now: Instant,
    sleepers: Vec<Sleeper>,
}

#[derive(Debug)]
struct Sleeper {
    thread: Thread,
    deadline: Instant,
}

impl ManualClock {
    /// A clock that shows the moment of its making.
    pub fn new() -> Self {
        let state = ManualState { now: Instant::now(), sleepers: Vec::new() };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Moves the time on by `by` and wakes every thread whose deadline has come.
    pub fn advance(&self, by: Duration) {
        let mut state = self.state.lock();
        state.now += by;
        let now = state.now;
        state.sleepers.retain(|sleeper| {
            let due = sleeper.deadline <= now;
            if due {
                sleeper.thread.unpark();
            }
            !due
        });
    }

    /// The earliest deadline a thread is parked for, if any is.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.state.lock().sleepers.iter().map(|sleeper| sleeper.deadline).min()
    }

    /// Blocks, in real time, until at least `count` threads are parked on this clock with a deadline.
    ///
    /// The thread that keeps time limits and idle pool threads count too; a test that wants to see one worker asleep
    /// usually builds its manager with [`idle_timeout`](crate::ManagerBuilder::idle_timeout) `None`.
    pub fn wait_for_sleepers(&self, count: usize) {
        let mut state = self.state.lock();
        while state.sleepers.len() < count {
            self.changed.wait(&mut state);
        }
    }

    fn forget(&self, thread: ThreadId) {
        self.state.lock().sleepers.retain(|sleeper| sleeper.thread.id() != thread);
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        self.state.lock().now
    }

    fn park_until(&self, deadline: Option<Instant>) {
        let Some(deadline) = deadline else { return thread::park() };
        let thread = thread::current();
        let id = thread.id();
        {
            let mut state = self.state.lock();
            if deadline <= state.now {
                return;
            }
            state.sleepers.push(Sleeper { thread, deadline });
            self.changed.notify_all();
        }
        thread::park();
        self.forget(id);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn p28_the_manual_clock_moves_only_when_told() {
        let clock = ManualClock::new();
        let start = clock.now();
        assert_eq!(clock.now(), start);
        clock.advance(HOUR);
        assert_eq!(clock.now(), start + HOUR);
    }

    #[test]
    fn p28_a_sleeper_wakes_at_its_deadline_and_not_before() {
        let clock = Arc::new(ManualClock::new());
        let deadline = clock.now() + HOUR;
        let sleeper = thread::spawn({
            let clock = clock.clone();
            move || {
                while clock.now() < deadline {
                    clock.park_until(Some(deadline));
                }
                clock.now()
            }
        });
        clock.wait_for_sleepers(1);
        clock.advance(HOUR / 2);
        assert_eq!(clock.next_deadline(), Some(deadline), "half the time: still asleep");
        clock.advance(HOUR / 2);
        assert_eq!(sleeper.join().unwrap(), deadline);
        assert_eq!(clock.next_deadline(), None);
    }

    #[test]
    fn a_deadline_that_has_passed_does_not_park() {
        let manual = ManualClock::new();
        manual.park_until(Some(manual.now()));
        SystemClock.park_until(Some(SystemClock.now()));
    }
}
