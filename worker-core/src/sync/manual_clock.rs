//! [`ManualClock`]: the clock of tests, moved by hand.

use std::time::{Duration, Instant};

use crate::sync::clock::Clock;
use crate::sync::primitives::process::{Condvar, Mutex, Thread, ThreadId, current, park};

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

    /// Blocks, in real time, until at least `count` threads are parked on this clock with a
    /// deadline.
    ///
    /// Idle pool threads and the thread that enforces time limits count too. A test that wants to
    /// see one worker asleep builds its manager with
    /// [`idle_timeout`](crate::ManagerBuilder::idle_timeout) `None`.
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
        let Some(deadline) = deadline else { return park() };
        let thread = current();
        let id = thread.id();
        {
            let mut state = self.state.lock();
            if deadline <= state.now {
                return;
            }
            state.sleepers.push(Sleeper { thread, deadline });
            self.changed.notify_all();
        }
        park();
        self.forget(id);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::sync::clock::SystemClock;

    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn p28_the_manual_clock_moves_only_by_hand() {
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
        let sleeper = std::thread::spawn({
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
