//! [`Watchdog`]: reports a callback that blocks the UI thread, while it still does.
//!
//! The UI thread enters a [`RunningGuard`] before it runs something and drops it afterwards. The
//! watchdog thread parks without a deadline while nothing runs, and until the next report is due
//! while something does, so an idle app makes no wake-ups.
//!
//! # Invariants
//!
//! 1. `ThreadState::Parked` is set only by the watchdog thread, before it parks. The thread that
//!    replaces it by another state unparks the watchdog thread.
//! 2. `ThreadState::Stopped` is final: the watchdog thread ends when it sees it.
//!
//! The lock is a leaf. Reports are made outside it.

use std::fmt;
use std::io;
use std::panic::Location;
use std::sync::Arc;
use std::time::{Duration, Instant};

use worker_core::Clock;
use worker_core::blocking::{spawn, unpark};

use crate::sync::thread::{self, Thread};
use crate::sync::{Mutex, guard};

/// The line of the user's code that posted a callback, or set a timer or a handler.
pub(crate) type CallSite = &'static Location<'static>;

/// A callback has blocked the UI thread for too long.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Stall {
    /// The line that posted the callback, or set the timer or the handler. `None`: it is a task.
    pub posted_at: Option<&'static Location<'static>>,
    /// For how long the thread has been blocked so far.
    pub held_for: Duration,
}

/// `the UI thread has been held for 1.3s by the callback posted at src/app.rs:12:9`
impl fmt::Display for Stall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the UI thread has been held for {:.1}s by ", self.held_for.as_secs_f64())?;
        match self.posted_at {
            Some(call_site) => write!(f, "the callback posted at {call_site}"),
            None => f.write_str("a task"),
        }
    }
}

/// A threshold of zero would stay zero when it is doubled, so the reports would never end.
const MIN_THRESHOLD: Duration = Duration::from_millis(1);

/// The function that is given each stall.
pub(crate) type Report = Box<dyn Fn(&Stall) + Send + Sync>;

/// The UI thread's side. Dropping it stops the watchdog thread.
pub(crate) struct Watchdog {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Arc<dyn Clock>,
    threshold: Duration,
    report: Report,
    state: Mutex<State>,
}

struct State {
    running: Option<Running>,
    thread: ThreadState,
}

/// What the UI thread is running.
#[derive(Clone, Copy)]
struct Running {
    call_site: Option<CallSite>,
    since: Instant,
    /// The next report is due when it has run for so long.
    next_report: Duration,
}

/// The watchdog thread.
enum ThreadState {
    Awake,
    /// It is parked, or about to park, without a deadline.
    Parked(Thread),
    Stopped,
}

/// The UI thread is running something, until this is dropped.
#[must_use = "the watchdog measures only while the guard lives"]
pub(crate) struct RunningGuard<'a>(&'a Shared);

impl Watchdog {
    /// Reports what runs on the UI thread for longer than `threshold`, and again each time that has
    /// doubled.
    ///
    /// # Errors
    ///
    /// If the watchdog thread cannot be made.
    pub(crate) fn new(clock: Arc<dyn Clock>, threshold: Duration, report: Report) -> io::Result<Self> {
        let threshold = threshold.max(MIN_THRESHOLD);
        let state = State { running: None, thread: ThreadState::Awake };
        let shared = Arc::new(Shared { clock, threshold, report, state: Mutex::new(state) });
        let watching = shared.clone();
        let thread = thread::Builder::new().name("ui-watchdog".into());
        spawn(&*shared.clock, thread, Box::new(move || watching.run()))?;
        Ok(Self { shared })
    }

    /// The UI thread begins to run what was posted at `call_site`; `None`: a task.
    pub(crate) fn enter(&self, call_site: Option<CallSite>) -> RunningGuard<'_> {
        let since = self.shared.clock.now();
        let parked = {
            let mut state = self.shared.state.lock();
            state.running = Some(Running { call_site, since, next_report: self.shared.threshold });
            state.wake()
        };
        if let Some(thread) = parked {
            unpark(&*self.shared.clock, &thread);
        }
        RunningGuard(&self.shared)
    }
}

impl Drop for RunningGuard<'_> {
    fn drop(&mut self) {
        self.0.state.lock().running = None;
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        let parked = {
            let mut state = self.shared.state.lock();
            let parked = state.wake();
            state.thread = ThreadState::Stopped;
            parked
        };
        if let Some(thread) = parked {
            unpark(&*self.shared.clock, &thread);
        }
    }
}

impl State {
    /// `Parked → Awake`. Returns the watchdog thread if the caller must unpark it.
    #[must_use]
    fn wake(&mut self) -> Option<Thread> {
        match std::mem::replace(&mut self.thread, ThreadState::Awake) {
            ThreadState::Parked(thread) => Some(thread),
            ThreadState::Awake => None,
            ThreadState::Stopped => {
                self.thread = ThreadState::Stopped;
                None
            }
        }
    }
}

impl Shared {
    /// The watchdog thread.
    fn run(&self) {
        while let Some((stall, park_until)) = self.check() {
            match stall {
                // This runs foreign code, which may use up an unpark: check again before parking.
                Some(stall) => guard("the function given to `on_stall`", || (self.report)(&stall)),
                None => self.clock.park_until(park_until),
            }
        }
    }

    /// What must be reported now, and until when to park. `None` once the watchdog has been
    /// dropped.
    fn check(&self) -> Option<(Option<Stall>, Option<Instant>)> {
        let now = self.clock.now();
        let mut state = self.state.lock();
        let State { running, thread } = &mut *state;
        match (running, &*thread) {
            (_, ThreadState::Stopped) => None,
            (None, _) => {
                *thread = ThreadState::Parked(thread::current());
                Some((None, None))
            }
            (Some(running), _) => {
                *thread = ThreadState::Awake;
                let held_for = now.saturating_duration_since(running.since);
                let stall = (held_for >= running.next_report).then(|| {
                    running.next_report = held_for.saturating_mul(2);
                    Stall { posted_at: running.call_site, held_for }
                });
                Some((stall, running.since.checked_add(running.next_report)))
            }
        }
    }
}

impl fmt::Debug for Watchdog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watchdog").field("threshold", &self.shared.threshold).finish_non_exhaustive()
    }
}
