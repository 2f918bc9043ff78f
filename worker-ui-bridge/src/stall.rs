//! The watchdog: tells of a callback that holds the UI thread, while it still does.
//!
//! # Invariants
//!
//! The UI thread says what it runs, and when it is done. The watching thread sleeps without end while nothing runs, and until
//! the next report is due while something does, so an idle app makes no wake-ups. Whoever takes `Watcher::Asleep` away unparks
//! it. The lock is a leaf; reports are made outside it.

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::Arc;
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use worker_core::Clock;
use worker_core::blocking::{spawn, unpark};

/// A place in the user's code.
pub(crate) type Place = &'static Location<'static>;

/// The UI thread is being held.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Stall {
    /// Where the callback was posted, or its timer or handler set. `None`: it is a task.
    pub posted_at: Option<&'static Location<'static>>,
    /// For how long so far.
    pub held_for: Duration,
}

/// `the UI thread has been held for 1.3s by the callback posted at src/app.rs:12:9`
impl fmt::Display for Stall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the UI thread has been held for {:.1}s by ", self.held_for.as_secs_f64())?;
        match self.posted_at {
            Some(place) => write!(f, "the callback posted at {place}"),
            None => f.write_str("a task"),
        }
    }
}

/// A threshold of zero would double for ever without growing.
const MIN_THRESHOLD: Duration = Duration::from_millis(1);

/// What is done with a stall.
pub(crate) type Report = Box<dyn Fn(&Stall) + Send + Sync>;

/// The UI thread's end.
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
    watcher: Watcher,
}

/// What the UI thread is busy with.
#[derive(Clone, Copy)]
struct Running {
    place: Option<Place>,
    since: Instant,
    /// The next report is due when it has been held for so long.
    next: Duration,
}

enum Watcher {
    Awake,
    /// It sleeps until it is unparked.
    Asleep(Thread),
    Dismissed,
}

/// Something is running, until this is dropped.
#[must_use]
pub(crate) struct Held<'a>(&'a Shared);

impl Watchdog {
    /// Reports what holds the UI thread for longer than `threshold`, and again each time that has doubled.
    ///
    /// # Errors
    ///
    /// If its thread cannot be made.
    pub(crate) fn new(clock: Arc<dyn Clock>, threshold: Duration, report: Report) -> io::Result<Self> {
        let threshold = threshold.max(MIN_THRESHOLD);
        let state = State { running: None, watcher: Watcher::Awake };
        let shared = Arc::new(Shared { clock, threshold, report, state: Mutex::new(state) });
        let watching = shared.clone();
        let thread = thread::Builder::new().name("ui-watchdog".into());
        spawn(&*shared.clock, thread, Box::new(move || watching.watch()))?;
        Ok(Self { shared })
    }

    /// The UI thread begins to run what was posted at `place`.
    pub(crate) fn hold(&self, place: Option<Place>) -> Held<'_> {
        let since = self.shared.clock.now();
        let woken = {
            let mut state = self.shared.state.lock();
            state.running = Some(Running { place, since, next: self.shared.threshold });
            state.wake()
        };
        if let Some(watcher) = woken {
            unpark(&*self.shared.clock, &watcher);
        }
        Held(&self.shared)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.state.lock().running = None;
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        let woken = {
            let mut state = self.shared.state.lock();
            let woken = state.wake();
            state.watcher = Watcher::Dismissed;
            woken
        };
        if let Some(watcher) = woken {
            unpark(&*self.shared.clock, &watcher);
        }
    }
}

impl State {
    /// The watching thread, if it must be unparked.
    fn wake(&mut self) -> Option<Thread> {
        match std::mem::replace(&mut self.watcher, Watcher::Awake) {
            Watcher::Asleep(thread) => Some(thread),
            Watcher::Awake => None,
            Watcher::Dismissed => {
                self.watcher = Watcher::Dismissed;
                None
            }
        }
    }
}

impl Shared {
    fn watch(&self) {
        while let Some((stall, sleep_until)) = self.look() {
            if let Some(stall) = stall
                && catch_unwind(AssertUnwindSafe(|| (self.report)(&stall))).is_err()
            {
                tracing::error!(target: "worker_ui_bridge", "the report of a stall panicked");
            }
            self.clock.park_until(sleep_until);
        }
    }

    /// What must be reported now, and how long to sleep; `None` when there is no UI thread any more.
    fn look(&self) -> Option<(Option<Stall>, Option<Instant>)> {
        let now = self.clock.now();
        let mut state = self.state.lock();
        let State { running, watcher } = &mut *state;
        match (running, &*watcher) {
            (_, Watcher::Dismissed) => None,
            (None, _) => {
                *watcher = Watcher::Asleep(thread::current());
                Some((None, None))
            }
            (Some(running), _) => {
                *watcher = Watcher::Awake;
                let held_for = now.saturating_duration_since(running.since);
                let stall = (held_for >= running.next).then(|| {
                    running.next = held_for.saturating_mul(2);
                    Stall { posted_at: running.place, held_for }
                });
                Some((stall, running.since.checked_add(running.next)))
            }
        }
    }
}

impl fmt::Debug for Watchdog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watchdog").field("threshold", &self.shared.threshold).finish_non_exhaustive()
    }
}
