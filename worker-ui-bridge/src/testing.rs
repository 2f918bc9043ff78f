//! A bridge driven by hand: deterministic tests of whole apps, with time that moves when it is told to.
//!
//! [`many`] runs a test with many orders of its threads, each by a seed; a failing seed is printed. The [`TestScheduler`] is the
//! clock of the manager and of the bridge; a [`TestBridge`] turns until nothing is left to do, and moves the time.
//!
//! ```
//! use std::time::Duration;
//! use worker_core::WorkerManager;
//! use worker_ui_bridge::testing::{self, TestBridge};
//!
//! testing::many(20, |scheduler| {
//!     let mut bridge = TestBridge::new(scheduler);
//!     let workers = WorkerManager::builder().clock(scheduler.clock()).build();
//!     for (name, seconds) in [("slow", 3), ("quick", 1)] {
//!         let ui = bridge.handle();
//!         workers.worker(name).thread(move |cx| {
//!             cx.sleep(Duration::from_secs(seconds))?; // a server that takes its time
//!             Ok(ui.call_from_thread(move |rows: &mut Vec<&str>| rows.push(name))?)
//!         });
//!     }
//!
//!     let mut rows = Vec::new();
//!     bridge.advance(&mut rows, Duration::from_secs(1)).unwrap(); // in no time
//!     assert_eq!(rows, ["quick"]);
//!     bridge.advance(&mut rows, Duration::from_secs(2)).unwrap();
//!     assert_eq!(rows, ["quick", "slow"]);
//! });
//! ```
//!
//! An app's own loop runs under test as it is, too: with the scheduler's clock, [`UiBridge::wait`] lets the workers run, and jumps to
//! the next deadline when all are parked. If there is none, it panics and says who is parked where.

use std::fmt;
use std::mem;
use std::ops::{Deref, DerefMut};
use std::time::{Duration, Instant};

use crate::bridge::UiBridge;
use crate::builder::BridgeBuilder;
use crate::error::PumpError;

#[doc(no_inline)]
pub use worker_core::testing::{TestScheduler, many, run};

/// A [`UiBridge`] on a scheduler's clock, with what drives it by hand.
///
/// Dereferences to the bridge: handles, timers and single turns are had as ever.
pub struct TestBridge<A> {
    bridge: UiBridge<A>,
    scheduler: TestScheduler,
    frame: Option<Frame<A>>,
    /// Whether the frame of the app as it is at first has still to be seen.
    first: bool,
}

type Frame<A> = Box<dyn FnMut(&mut UiBridge<A>, &mut A, Duration)>;

impl<A: 'static> TestBridge<A> {
    /// A bridge as [`UiBridge::new`] makes it. The test's thread is its UI thread.
    pub fn new(scheduler: &TestScheduler) -> Self {
        Self::build(scheduler, UiBridge::builder())
    }

    /// A bridge as it is configured; its clock is the scheduler's.
    pub fn build(scheduler: &TestScheduler, builder: BridgeBuilder<A>) -> Self {
        let bridge = builder.clock(scheduler.clock()).build();
        Self { bridge, scheduler: scheduler.clone(), frame: None, first: false }
    }

    /// What an app's loop does around its turns: calls `frame` before the first one and after each, with the time since the test
    /// began. It may draw, and start and stop timers.
    ///
    /// ```
    /// use std::time::Duration;
    /// use worker_ui_bridge::testing::{self, TestBridge};
    ///
    /// #[derive(Default)]
    /// struct App {
    ///     ticks: u32,
    ///     frames: Vec<(u128, u32)>,
    /// }
    ///
    /// testing::many(10, |scheduler| {
    ///     let mut bridge = TestBridge::new(scheduler);
    ///     bridge.set_interval(Duration::from_millis(125), |app: &mut App| app.ticks += 1);
    ///     bridge.on_frame(|_, app, at| app.frames.push((at.as_millis(), app.ticks)));
    ///     let mut app = App::default();
    ///     bridge.advance(&mut app, Duration::from_millis(250)).unwrap();
    ///     assert_eq!(app.frames, [(0, 0), (125, 1), (250, 2)]);
    /// });
    /// ```
    pub fn on_frame(&mut self, frame: impl FnMut(&mut UiBridge<A>, &mut A, Duration) + 'static) {
        self.frame = Some(Box::new(frame));
        self.first = true;
    }

    /// Turns, and lets the workers run in between, until nobody has anything to do before the time is moved on.
    ///
    /// # Errors
    ///
    /// Those of [`UiBridge::pump`].
    pub fn run_until_idle(&mut self, app: &mut A) -> Result<(), PumpError> {
        if mem::take(&mut self.first) {
            self.see_frame(app);
        }
        loop {
            let due = self.bridge.next_deadline().is_some_and(|next| next <= self.scheduler.now());
            if due || self.bridge.waiting() > 0 || self.bridge.is_closed() {
                self.turn(app)?;
            } else if !self.bridge.rest(|| self.scheduler.let_others_run()) && self.bridge.waiting() == 0 {
                return Ok(());
            }
        }
    }

    fn turn(&mut self, app: &mut A) -> Result<(), PumpError> {
        self.bridge.pump(app)?;
        self.see_frame(app);
        Ok(())
    }

    fn see_frame(&mut self, app: &mut A) {
        if let Some(frame) = &mut self.frame {
            frame(&mut self.bridge, app, self.scheduler.elapsed());
        }
    }

    /// Moves the time on by `by`, from deadline to deadline, workers' and timers'; at each, and at the end, runs until idle.
    ///
    /// # Errors
    ///
    /// Those of [`UiBridge::pump`]. The time then stands where it happened.
    pub fn advance(&mut self, app: &mut A, by: Duration) -> Result<(), PumpError> {
        let end = self.scheduler.now() + by;
        self.run_until_idle(app)?;
        while let Some(next) = self.next_event().filter(|next| *next <= end) {
            self.scheduler.jump_to(next);
            self.run_until_idle(app)?;
        }
        self.scheduler.jump_to(end);
        Ok(())
    }

    fn next_event(&mut self) -> Option<Instant> {
        [self.bridge.next_deadline(), self.scheduler.next_deadline()].into_iter().flatten().min()
    }
}

impl<A> Deref for TestBridge<A> {
    type Target = UiBridge<A>;

    fn deref(&self) -> &UiBridge<A> {
        &self.bridge
    }
}

impl<A> DerefMut for TestBridge<A> {
    fn deref_mut(&mut self) -> &mut UiBridge<A> {
        &mut self.bridge
    }
}

impl<A> fmt::Debug for TestBridge<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestBridge")
            .field("bridge", &self.bridge)
            .field("scheduler", &self.scheduler)
            .finish_non_exhaustive()
    }
}
