//! [`UiBridge`], the UI thread's end of the queue: its parts.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use worker_core::blocking::UiThreadMark;
use worker_core::{BoxError, Clock};

use crate::handle::ui_handle::UiHandle;
use crate::queue::entry::Entry;
use crate::queue::ui_queue::UiQueue;
use crate::time::alarm::Alarm;
use crate::time::stall::Watchdog;
use crate::time::timers::Timers;
use crate::turn::deadlines::{LoopDeadlines, loop_alarm, overdue_alarm};
use crate::turn::flood_pacing::FloodPacing;
use crate::turn::frame_pacing::FramePacing;
use crate::turn::tasks::Tasks;

/// The UI thread's end of the queue. It stays on that thread: it is not `Send`.
///
/// Everything for the UI thread arrives here, in order: callbacks of workers, state changes,
/// terminal input, timers, polls of tasks. A UI loop draws, waits, draws:
///
/// ```
/// use worker_core::{StateChanged, WorkerManager};
/// use worker_ui_bridge::UiBridge;
///
/// #[derive(Default)]
/// struct App {
///     rows: Vec<String>,
///     states: Vec<String>,
/// }
///
/// let mut bridge = UiBridge::new();
/// let ui = bridge.handle();
/// let on_change = |app: &mut App, event: &StateChanged| app.states.push(event.state.to_string());
/// let workers = WorkerManager::builder().events(ui.state_changes(on_change)).build();
///
/// workers.worker("fetch").thread(move |_| {
///     let rows = vec!["fetched".to_owned()]; // blocking is fine here
///     ui.call_from_thread(move |app| app.rows = rows)?; // only data crosses
///     Ok(())
/// });
///
/// let mut app = App::default();
/// while app.states.last().is_none_or(|state| state != "SUCCESS") {
///     // draw(&app);
///     bridge.wait(&mut app)?; // parks until there is something to do
/// }
/// assert_eq!(app.rows, ["fetched"]);
/// assert_eq!(app.states, ["PENDING", "RUNNING", "SUCCESS"]);
/// # Ok::<(), worker_ui_bridge::PumpError>(())
/// ```
///
/// While it lives, its thread is [marked](UiThreadMark): waits that would block it are refused.
pub struct UiBridge<A> {
    pub(super) queue: Arc<UiQueue<A>>,
    /// Entries that were taken from the queue and have not been run. They come before those in the
    /// queue.
    pub(super) batch: VecDeque<Entry<A>>,
    /// How many entries have been taken out of the batch since the bridge was made.
    pub(super) taken: u64,
    pub(super) timers: Timers<A>,
    /// The app's error, with which the next turn ends.
    pub(super) failure: Option<BoxError>,
    /// How many callbacks, events and ticks have run: what may have changed the app's state.
    pub(super) changes: u64,
    pub(super) frames: FramePacing,
    pub(super) deadlines: LoopDeadlines,
    pub(super) alarm: Alarm,
    pub(super) overdue: Option<Alarm>,
    pub(super) tasks: Tasks<A>,
    pub(super) budget: Duration,
    pub(super) next_order: TurnOrder,
    pub(super) pacing: FloodPacing,
    pub(super) watchdog: Option<Watchdog>,
    /// Whether a test's scheduler decides which thread runs.
    #[cfg(feature = "testing")]
    pub(super) is_under_test: bool,
    _mark: UiThreadMark,
}

/// What the next turn begins with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TurnOrder {
    Timers,
    /// The last turn had no time for them.
    Entries,
}

impl<A: 'static> UiBridge<A> {
    /// A bridge of these parts. The calling thread becomes the UI thread.
    pub(super) fn from_parts(
        queue: UiQueue<A>,
        budget: Duration,
        watchdog: Option<Watchdog>,
        frames: FramePacing,
        deadlines: LoopDeadlines,
    ) -> Self {
        let queue = Arc::new(queue);
        #[cfg(feature = "testing")]
        let is_under_test = queue.clock.scheduler().is_some();
        Self {
            batch: VecDeque::new(),
            taken: 0,
            timers: Timers::default(),
            failure: None,
            changes: 0,
            frames,
            deadlines,
            alarm: loop_alarm(&queue, deadlines),
            overdue: overdue_alarm(&queue, deadlines),
            queue,
            tasks: Tasks::default(),
            budget,
            next_order: TurnOrder::Timers,
            pacing: FloodPacing::Off,
            watchdog,
            #[cfg(feature = "testing")]
            is_under_test,
            _mark: UiThreadMark::new(),
        }
    }

    /// A handle for other threads.
    pub fn handle(&self) -> UiHandle<A> {
        UiHandle::new(self.queue.clone())
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }

    /// Whether entries wait to be run. May miss one that was queued just now.
    pub(super) fn has_entries(&self) -> bool {
        !self.batch.is_empty() || self.queue.has_entries()
    }

    /// How many entries wait to be run, in the batch and in the queue.
    pub(crate) fn pending(&self) -> usize {
        self.batch.len() + self.queue.len()
    }

    pub(super) fn now(&self) -> Instant {
        self.clock().now()
    }

    pub(super) fn clock(&self) -> &Arc<dyn Clock> {
        &self.queue.clock
    }
}

impl<A> fmt::Debug for UiBridge<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UiBridge")
            .field("queue", &self.queue)
            .field("batch", &self.batch.len())
            .field("timers", &self.timers)
            .field("tasks", &self.tasks)
            .finish_non_exhaustive()
    }
}
