//! [`TestBridge`]: deterministic tests of whole apps, with manual time and seeded orders of the
//! threads.
//!
//! [`many`] runs a test in many orders of its threads, each given by a seed; it prints a failing
//! seed. The [`TestScheduler`] is the clock of the manager and of the bridge. A [`TestBridge`] runs
//! turns until nothing is left to do, and advances the time.
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
//!             cx.sleep(Duration::from_secs(seconds))?; // a slow server
//!             Ok(ui.call_from_thread(move |rows: &mut Vec<&str>| rows.push(name))?)
//!         });
//!     }
//!
//!     let mut rows = Vec::new();
//!     bridge.advance(&mut rows, Duration::from_secs(1)).unwrap(); // returns at once
//!     assert_eq!(rows, ["quick"]);
//!     bridge.advance(&mut rows, Duration::from_secs(2)).unwrap();
//!     assert_eq!(rows, ["quick", "slow"]);
//! });
//! ```
//!
//! An app's own loop can be tested as it is: with the scheduler's clock, [`UiBridge::wait`] lets
//! the workers run, and jumps to the next deadline when all threads are parked. If there is no
//! deadline, it panics and lists which thread is parked where.

use std::fmt;
use std::mem;
use std::ops::{Deref, DerefMut};
use std::time::{Duration, Instant};

use crate::error::PumpError;
use crate::turn::bridge::UiBridge;
use crate::turn::builder::BridgeBuilder;

#[doc(no_inline)]
pub use worker_core::testing::{TestScheduler, many, run};

/// A [`UiBridge`] on a scheduler's clock, with methods that run it until it is idle.
///
/// Dereferences to the bridge, for handles, timers and single turns.
pub struct TestBridge<A> {
    bridge: UiBridge<A>,
    scheduler: TestScheduler,
    on_frame: Option<OnFrame<A>>,
    /// Whether the frame before the first turn has still to be drawn.
    first_frame_due: bool,
}

type OnFrame<A> = Box<dyn FnMut(&mut UiBridge<A>, &mut A, Duration)>;

impl<A: 'static> TestBridge<A> {
    /// A bridge as [`UiBridge::new`] makes it. The test's thread is its UI thread.
    pub fn new(scheduler: &TestScheduler) -> Self {
        Self::build(scheduler, UiBridge::builder())
    }

    /// The bridge of a builder, with the scheduler's clock.
    pub fn build(scheduler: &TestScheduler, builder: BridgeBuilder<A>) -> Self {
        let bridge = builder.clock(scheduler.clock()).build();
        Self { bridge, scheduler: scheduler.clone(), on_frame: None, first_frame_due: false }
    }

    /// Calls `frame` where an app's loop draws: before the first turn and after each, with the time
    /// since the test began. `frame` may draw, and set and clear timers.
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
        self.on_frame = Some(Box::new(frame));
        self.first_frame_due = true;
    }

    /// Runs turns, and the workers in between, until neither has anything left to do at the present
    /// time.
    ///
    /// # Errors
    ///
    /// Those of [`UiBridge::pump`].
    pub fn run_until_idle(&mut self, app: &mut A) -> Result<(), PumpError> {
        if mem::take(&mut self.first_frame_due) {
            self.draw_frame(app);
        }
        loop {
            let due = self.bridge.next_deadline().is_some_and(|next| next <= self.scheduler.now());
            if due || self.bridge.pending() > 0 || self.bridge.is_closed() {
                self.turn(app)?;
            } else if !self.bridge.park_with(|| self.scheduler.let_others_run()) && self.bridge.pending() == 0
            {
                return Ok(());
            }
        }
    }

    fn turn(&mut self, app: &mut A) -> Result<(), PumpError> {
        self.bridge.pump(app)?;
        self.draw_frame(app);
        Ok(())
    }

    fn draw_frame(&mut self, app: &mut A) {
        if let Some(frame) = &mut self.on_frame {
            frame(&mut self.bridge, app, self.scheduler.elapsed());
        }
        // As a wait does: the frame may have changed what is wanted.
        self.bridge.update_conditional_timers(app);
    }

    /// Advances the time by `by`, from one deadline of a worker or a timer to the next. Runs until
    /// idle at each deadline and at the end.
    ///
    /// # Errors
    ///
    /// Those of [`UiBridge::pump`]. The time stays at the deadline where the error occurred.
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

    /// The next deadline of a timer or of a parked thread.
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
