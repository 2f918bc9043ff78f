//! [`BridgeBuilder`]: configures and makes a [`UiBridge`].

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use worker_core::{Clock, SystemClock};

use crate::queue::ui_queue::{LoopWaker, UiQueue};
use crate::time::stall::{Report, Stall, Watchdog};
use crate::turn::bridge::UiBridge;
use crate::turn::deadlines::LoopDeadlines;
use crate::turn::frame_pacing::FramePacing;

/// How many entries the queue may hold, by default, before a post blocks.
const DEFAULT_CAPACITY: usize = 65_536;

/// How long a turn may last by default: half a frame at 60 Hz.
const DEFAULT_BUDGET: Duration = Duration::from_millis(8);

/// For how long a callback may run by default, in debug builds, before it is reported as a stall. A
/// user notices such a delay.
const DEFAULT_STALL: Duration = Duration::from_millis(250);

impl<A: 'static> UiBridge<A> {
    /// A bridge with the defaults of its [builder](Self::builder). The calling thread becomes its
    /// UI thread.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Configures a bridge.
    pub fn builder() -> BridgeBuilder<A> {
        BridgeBuilder::default()
    }
}

impl<A: 'static> Default for UiBridge<A> {
    fn default() -> Self {
        Self::new()
    }
}

/// Configures a [`UiBridge`].
#[must_use = "nothing is made until `.build()` is called"]
pub struct BridgeBuilder<A> {
    capacity: usize,
    clock: Arc<dyn Clock>,
    budget: Duration,
    stall: Option<(Duration, Report)>,
    waker: Option<LoopWaker>,
    frames: FramePacing,
    deadlines: LoopDeadlines,
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
            frames: FramePacing::default(),
            deadlines: if cfg!(debug_assertions) { LoopDeadlines::Reported } else { LoopDeadlines::Asked },
            state: PhantomData,
        }
    }
}

impl<A: 'static> BridgeBuilder<A> {
    /// How many entries the queue may hold before a worker's post blocks. At least 1; 65 536 by
    /// default. State changes and posts of the UI thread itself may exceed it.
    pub fn capacity(mut self, capacity: usize) -> Self {
        self.capacity = capacity.max(1);
        self
    }

    /// The clock of timers, time limits, the budget and stalls. The system's by default.
    ///
    /// Turns the reports of stalls and of overdue timers off. With a clock of your own, call
    /// [`on_stall`](Self::on_stall) after this to have them.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self.stall = None;
        if self.deadlines == LoopDeadlines::Reported {
            self.deadlines = LoopDeadlines::Asked;
        }
        self
    }

    /// Calls `report` when a callback has blocked the UI thread for `threshold`, and again each
    /// time that has doubled. `report` runs on a thread of its own, while the callback still
    /// blocks.
    ///
    /// Without this call, stalls of 250 ms are logged by tracing in debug builds and not detected
    /// in release builds. A panic in `report` is caught and logged.
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
    /// // A callback that blocks the UI thread until the stall has been reported.
    /// bridge.handle().post(move |text: &mut String| *text = reports.recv().unwrap())?;
    /// let mut text = String::new();
    /// bridge.pump(&mut text)?;
    /// let expected = "the UI thread has been held for 0.0s by the callback posted at ";
    /// assert!(text.starts_with(expected), "{text}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_stall(mut self, threshold: Duration, report: impl Fn(&Stall) + Send + Sync + 'static) -> Self {
        self.stall = Some((threshold, Box::new(report)));
        self
    }

    /// For how long a turn starts new entries and timers; 8 ms by default. Each turn runs at least
    /// one entry; with a budget of zero it runs exactly one. A callback that takes longer is not
    /// interrupted. If slow callbacks follow many fast ones, a turn runs up to three of them past
    /// its budget.
    pub fn budget(mut self, budget: Duration) -> Self {
        self.budget = budget;
        self
    }

    /// Wakes a loop that is not the bridge's own. `wake` is called on the posting thread when an
    /// entry is pushed to the empty queue.
    ///
    /// The loop then calls [`pump`](UiBridge::pump) until nothing is left, also after an error or a
    /// panic in a callback: `wake` is not called again while the queue has entries. It is also
    /// called when a handle sets a timer. For the timers, the loop waits at most until
    /// [`next_deadline`](UiBridge::next_deadline); if it cannot, see
    /// [`wake_for_timers`](Self::wake_for_timers). In debug builds a timer that is overdue by a
    /// second, because nothing pumps, is logged by tracing, once. A panic in `wake` is caught and
    /// logged.
    pub fn waker(mut self, wake: impl Fn() + Send + Sync + 'static) -> Self {
        self.waker = Some(Box::new(wake));
        self
    }

    /// Also calls the [`waker`](Self::waker) when a timer is due, from a thread of its own that is
    /// made with the first timer: for a loop that cannot be told to wait until
    /// [`next_deadline`](UiBridge::next_deadline), like cursive's.
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use std::time::Duration;
    /// use worker_ui_bridge::UiBridge;
    ///
    /// let (wake, wakes) = mpsc::channel(); // the foreign loop's own queue
    /// let waker = move || wake.send(()).unwrap_or_default();
    /// let mut bridge = UiBridge::builder().waker(waker).wake_for_timers().build();
    /// bridge.set_timeout(Duration::from_millis(2), |ticks: &mut u32| *ticks += 1);
    /// let mut ticks = 0;
    /// while ticks == 0 {
    ///     wakes.recv()?;
    ///     bridge.pump(&mut ticks)?;
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn wake_for_timers(mut self) -> Self {
        self.deadlines = LoopDeadlines::Woken;
        self
    }

    /// How many times a second [`next_frame`](UiBridge::next_frame) returns at most; 60 by default,
    /// at least 1.
    pub fn frames_per_second(mut self, frames: u32) -> Self {
        self.frames = FramePacing::new(frames);
        self
    }

    /// Makes the bridge. The calling thread becomes its UI thread.
    pub fn build(self) -> UiBridge<A> {
        let watchdog = self.stall.and_then(|(threshold, report)| {
            let made = Watchdog::new(self.clock.clone(), threshold, report);
            made.inspect_err(|error| {
                tracing::warn!(
                    target: "worker_ui_bridge", %error,
                    "the thread `ui-watchdog` could not be made: stalls are not reported"
                );
            })
            .ok()
        });
        let is_foreign = self.waker.is_some();
        let deadlines = if is_foreign { self.deadlines } else { LoopDeadlines::Asked };
        let queue = UiQueue::new(self.capacity, self.clock, self.waker);
        UiBridge::from_parts(queue, self.budget, watchdog, self.frames, deadlines)
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
