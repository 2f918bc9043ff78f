//! How a bridge is configured.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use worker_core::{Clock, SystemClock};

use crate::bridge::UiBridge;
use crate::queue::{Queue, WakeLoop};
use crate::stall::{Report, Stall, Watchdog};

/// How many callbacks may wait before a worker that posts another is made to wait, unless told otherwise.
const DEFAULT_CAPACITY: usize = 65_536;

/// How long a turn may last before the rest is left for the next one, unless told otherwise: half a frame at 60 Hz.
const DEFAULT_BUDGET: Duration = Duration::from_millis(8);

/// What counts as a stall in debug builds, unless told otherwise: long enough that everybody sees it.
const DEFAULT_STALL: Duration = Duration::from_millis(250);

/// Configures a [`UiBridge`].
#[must_use = "nothing is made until `.build()` is called"]
pub struct BridgeBuilder<A> {
    capacity: usize,
    clock: Arc<dyn Clock>,
    budget: Duration,
    stall: Option<(Duration, Report)>,
    waker: Option<WakeLoop>,
    state: PhantomData<fn(&mut A)>,
}

impl<A> Default for BridgeBuilder<A> {
    fn default() -> Self {
        let log: Report = Box::new(|stall| tracing::warn!(target: "worker_ui_bridge", "{stall}"));
        Self {
            capacity: DEFAULT_CAPACITY,
            clock: Arc::new(SystemClock),
            budget: DEFAULT_BUDGET,
            stall: cfg!(debug_assertions).then_some((DEFAULT_STALL, log)),
            waker: None,
            state: PhantomData,
        }
    }
}

impl<A: 'static> BridgeBuilder<A> {
    /// How many callbacks may wait before a worker's post waits for room. At least 1; 65 536 by default. State changes and
    /// what the UI thread posts itself always find room.
    pub fn capacity(mut self, capacity: usize) -> Self {
        self.capacity = capacity.max(1);
        self
    }

    /// The clock of timers, timeouts, the budget and stalls. The system's by default.
    ///
    /// With a clock of your own stalls are reported only if you ask for it afterwards, by [`on_stall`](Self::on_stall).
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self.stall = None;
        self
    }

    /// Calls `report`, on a thread of its own, when a callback has held the UI thread for `threshold`, while it still does; and
    /// again each time that has doubled.
    ///
    /// Without this call, stalls of a quarter of a second are logged by tracing in debug builds, and not looked for in release
    /// builds. A panic in `report` is caught and logged.
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use std::time::Duration;
    /// use worker_ui_bridge::UiBridge;
    ///
    /// let (report, reports) = mpsc::channel();
    /// let mut bridge = UiBridge::builder()
    ///     .on_stall(Duration::from_millis(5), move |stall| drop(report.send(stall.to_string())))
    ///     .build();
    /// bridge.handle().post(move |told: &mut String| *told = reports.recv().unwrap())?; // it holds the thread until told of
    /// let mut told = String::new();
    /// bridge.pump(&mut told)?;
    /// assert!(told.starts_with("the UI thread has been held for 0.0s by the callback posted at "), "{told}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_stall(mut self, threshold: Duration, report: impl Fn(&Stall) + Send + Sync + 'static) -> Self {
        self.stall = Some((threshold, Box::new(report)));
        self
    }

    /// How long a turn goes on taking up new entries, timers included; 8 ms by default. Each turn runs at least one entry, so a
    /// budget of zero makes it exactly one. A callback that takes longer is not interrupted, and where slow ones
    /// follow many that took no time, three more may be run.
    pub fn budget(mut self, budget: Duration) -> Self {
        self.budget = budget;
        self
    }

    /// How to wake a loop that is not the bridge's own: called, on the posting thread, when the empty queue gets its first
    /// entry. The loop then calls [`pump`](UiBridge::pump) until nothing is left, also after an error or a panic in a callback:
    /// a queue that is not empty wakes nobody. For the timers it sleeps at most until
    /// [`next_deadline`](UiBridge::next_deadline).
    ///
    /// A panic in `wake` is caught and logged.
    pub fn waker(mut self, wake: impl Fn() + Send + Sync + 'static) -> Self {
        self.waker = Some(Box::new(wake));
        self
    }

    /// Makes the bridge; the calling thread becomes its UI thread.
    pub fn build(self) -> UiBridge<A> {
        let watchdog = self.stall.and_then(|(threshold, report)| {
            let made = Watchdog::new(self.clock.clone(), threshold, report);
            made.inspect_err(
                |error| tracing::warn!(target: "worker_ui_bridge", %error, "nobody watches for stalls"),
            )
            .ok()
        });
        let queue = Queue::new(self.capacity, self.clock, self.waker);
        UiBridge::assemble(queue, self.budget, watchdog)
    }
}

impl<A> fmt::Debug for BridgeBuilder<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BridgeBuilder")
            .field("capacity", &self.capacity)
            .field("clock", &self.clock)
            .field("budget", &self.budget)
            .finish_non_exhaustive()
    }
}
