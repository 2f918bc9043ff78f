//! [`UiBridge`], the UI thread's end of the queue: runs what was queued and the timers, a turn at a
//! time.

use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::panic::Location;
use std::sync::Arc;
use std::time::{Duration, Instant};

use worker_core::blocking::{UiThreadMark, checkpoint};
use worker_core::{Clock, StateChanged, WorkerState};

use crate::error::PumpError;
use crate::handle::ui_handle::UiHandle;
use crate::queue::entry::Entry;
use crate::queue::ui_queue::UiQueue;
use crate::sync::drop_quietly;
use crate::time::budget::Budget;
use crate::time::stall::Watchdog;
use crate::time::timed_wakeup;
use crate::time::timers::{TimerId, Timers, deadline_after};
use crate::turn::flood_pacing::FloodPacing;
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
    pub(super) tasks: Tasks<A>,
    budget: Duration,
    next_order: TurnOrder,
    pub(super) pacing: FloodPacing,
    watchdog: Option<Watchdog>,
    _mark: UiThreadMark,
}

/// What the next turn begins with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TurnOrder {
    Timers,
    /// The last turn had no time for them.
    Entries,
}

/// Whether a turn's budget is used up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BudgetState {
    Left,
    UsedUp,
}

/// What a turn did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pumped {
    ran: usize,
    more: bool,
}

impl Pumped {
    /// How many callbacks, events, polls of tasks and ticks of timers were run.
    pub fn ran(self) -> usize {
        self.ran
    }

    /// Whether something is left that could run now: draw, then pump again.
    pub fn more(self) -> bool {
        self.more
    }
}

impl<A: 'static> UiBridge<A> {
    /// A bridge of these parts. The calling thread becomes the UI thread.
    pub(super) fn from_parts(queue: UiQueue<A>, budget: Duration, watchdog: Option<Watchdog>) -> Self {
        Self {
            queue: Arc::new(queue),
            batch: VecDeque::new(),
            taken: 0,
            timers: Timers::new(),
            tasks: Tasks::default(),
            budget,
            next_order: TurnOrder::Timers,
            pacing: FloodPacing::Off,
            watchdog,
            _mark: UiThreadMark::new(),
        }
    }

    /// A handle for other threads.
    pub fn handle(&self) -> UiHandle<A> {
        UiHandle::new(self.queue.clone())
    }

    /// Runs one turn without parking: the timers that are due, then what was queued when the turn
    /// began, in order. The turn stops when its time budget is used up, but runs at least one
    /// entry. So a flood of posts and slow timers starve neither each other nor the drawing.
    ///
    /// A panic in a callback unwinds through this method. What was queued behind the callback is
    /// kept for the next turn.
    ///
    /// # Errors
    ///
    /// [`PumpError::Worker`] as soon as a worker with `exit_on_error` has ended in `Error`;
    /// [`PumpError::Closed`] after [`close`](Self::close).
    pub fn pump(&mut self, app: &mut A) -> Result<Pumped, PumpError> {
        self.turn(app, None)
    }

    /// One turn, which ends at `until` at the latest.
    pub(super) fn turn(&mut self, app: &mut A, until: Option<Instant>) -> Result<Pumped, PumpError> {
        if self.is_closed() {
            return Err(PumpError::Closed);
        }
        let start = self.now();
        let end = [start.checked_add(self.budget), until].into_iter().flatten().min();
        let mut budget = Budget::new(start, end);
        // A turn runs a timer and an entry at least, so that neither starves the other. Without a
        // budget it runs one in all, and they take turns.
        let entries_first = mem::replace(&mut self.next_order, TurnOrder::Timers) == TurnOrder::Entries;
        let mut ran = 0;
        let mut budget_state = BudgetState::Left;
        if !entries_first {
            budget_state = self.run_due_timers(app, start, &mut budget, &mut ran);
        }
        if budget_state == BudgetState::UsedUp && self.budget.is_zero() && self.pending() > 0 {
            self.next_order = TurnOrder::Entries;
        } else {
            budget_state = self.run_entries(app, &mut budget, &mut ran)?;
        }
        if entries_first && budget_state == BudgetState::Left {
            self.run_due_timers(app, start, &mut budget, &mut ran);
        }
        let more = !self.batch.is_empty()
            || self.queue.has_entries()
            || self.next_deadline().is_some_and(|next| next <= start);
        Ok(Pumped { ran, more })
    }

    /// Runs the entries that are queued now, until the budget is used up, but at least one. Counts
    /// those that ran.
    fn run_entries(
        &mut self,
        app: &mut A,
        budget: &mut Budget,
        ran: &mut usize,
    ) -> Result<BudgetState, PumpError> {
        let mut remaining = self.refill_batch();
        while remaining > 0 {
            if self.batch.is_empty() {
                self.queue.take_entries(&mut self.batch);
            }
            let Some(entry) = self.batch.pop_front() else { break };
            checkpoint(&**self.clock());
            remaining -= 1;
            self.taken += 1;
            *ran += usize::from(self.run(entry, app)?);
            if budget.is_used_up(|| self.now()) {
                return Ok(BudgetState::UsedUp);
            }
        }
        Ok(BudgetState::Left)
    }

    /// How many entries wait to be run. Takes them from the queue if the batch is empty.
    fn refill_batch(&mut self) -> usize {
        if self.batch.is_empty() && self.queue.has_entries() {
            self.queue.take_entries(&mut self.batch);
            return self.batch.len();
        }
        self.pending()
    }

    /// Runs one entry. False if it was dropped because its worker has been revoked.
    fn run(&mut self, entry: Entry<A>, app: &mut A) -> Result<bool, PumpError> {
        let enter = |call_site| self.watchdog.as_ref().map(|watchdog| watchdog.enter(call_site));
        match entry {
            Entry::Callback(callback) => {
                let _running = enter(Some(callback.call_site()));
                return Ok(callback.run_unless_revoked(app));
            }
            Entry::Latest(key) => {
                let Some(newest) = self.queue.take_latest(&key) else { return Ok(false) };
                let _running = enter(Some(newest.call_site()));
                return Ok(newest.run_unless_revoked(app));
            }
            Entry::Event(handler, event) => {
                let _running = enter(Some(handler.call_site));
                (handler.run)(app, &event);
                exit_on_error(event)?;
            }
            Entry::Progress(handler, notice) => {
                if notice.worker().is_revoked() {
                    return Ok(false);
                }
                let _running = enter(Some(handler.call_site));
                (handler.run)(app, &notice.read());
            }
            Entry::Spawn(make) => {
                let _running = enter(None);
                self.tasks.spawn(make(), &self.queue);
            }
            Entry::Task(id) => {
                let _running = enter(None);
                self.tasks.poll_woken(id);
            }
            Entry::SourcePanicked(name, panic) => {
                return Err(PumpError::SourcePanicked { name, panic });
            }
            Entry::WakeAt(deadline, wakeup) => {
                timed_wakeup::schedule(&wakeup, deadline, &mut self.timers);
            }
        }
        Ok(true)
    }

    /// Runs the timers that are due, until the budget is used up, but at least one. Counts those
    /// that ran.
    fn run_due_timers(
        &mut self,
        app: &mut A,
        now: Instant,
        budget: &mut Budget,
        ran: &mut usize,
    ) -> BudgetState {
        loop {
            self.remove_cleared_timers();
            let Some((call_site, action)) = self.timers.pop_due(now) else { return BudgetState::Left };
            let running = self.watchdog.as_ref().map(|watchdog| watchdog.enter(call_site));
            action.borrow_mut()(app);
            drop(running);
            *ran += 1;
            if budget.is_used_up(|| self.now()) {
                return BudgetState::UsedUp;
            }
        }
    }

    /// Removes the timers that handles have cleared. Drops foreign code.
    pub(super) fn remove_cleared_timers(&mut self) {
        for timer in self.queue.take_cleared_timers() {
            drop_quietly(self.timers.remove(timer), "dropping a cleared timer");
        }
    }

    /// Runs `action` once, `delay` from now.
    #[track_caller]
    pub fn set_timeout(&mut self, delay: Duration, action: impl FnOnce(&mut A) + 'static) -> TimerId {
        self.timers.add_timeout(self.now(), delay, Location::caller(), action)
    }

    /// Runs `action` every `period`, first one period from now. A period below one millisecond
    /// counts as one millisecond.
    ///
    /// Ticks that were missed because the UI thread was busy are skipped, not made up. The others
    /// keep to the grid, so nothing drifts.
    #[track_caller]
    pub fn set_interval(&mut self, period: Duration, action: impl FnMut(&mut A) + 'static) -> TimerId {
        self.timers.add_interval(self.now(), period, Location::caller(), action)
    }

    /// Stops a timer. False if it was stopped before or has run for the last time.
    pub fn clear(&mut self, timer: TimerId) -> bool {
        self.timers.remove(timer).is_some()
    }

    /// When the next timer is due. A loop that is [not the bridge's
    /// own](crate::BridgeBuilder::waker) must pump then.
    pub fn next_deadline(&mut self) -> Option<Instant> {
        self.remove_cleared_timers();
        self.timers.next_deadline()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }

    /// How many entries wait to be run, in the batch and in the queue.
    pub(crate) fn pending(&self) -> usize {
        self.batch.len() + self.queue.len()
    }

    /// The time `delay` from now.
    pub(super) fn deadline_after(&self, delay: Duration) -> Instant {
        deadline_after(self.now(), delay)
    }

    pub(super) fn now(&self) -> Instant {
        self.clock().now()
    }

    pub(super) fn clock(&self) -> &Arc<dyn Clock> {
        &self.queue.clock
    }
}

/// The error that ends the loop, if this event is the failure of a worker with `exit_on_error`.
fn exit_on_error(event: StateChanged) -> Result<(), PumpError> {
    let StateChanged { worker, state: WorkerState::Error, .. } = event else { return Ok(()) };
    match worker.error().cloned() {
        Some(error) if worker.exit_on_error() => Err(PumpError::Worker { worker, error }),
        _ => Ok(()),
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
