//! The UI thread's end: the loop's turn, its sleep, its timers.

use std::collections::VecDeque;
use std::fmt;
use std::hint;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use worker_core::blocking::{UiThreadMark, checkpoint};
use worker_core::{Clock, StateChanged, WorkerState};

use crate::budget::Budget;
use crate::builder::BridgeBuilder;
use crate::entry::{Alarm, Entry};
use crate::error::PumpError;
use crate::handle::UiHandle;
use crate::queue::Queue;
use crate::stall::Watchdog;
use crate::tasks::Tasks;
use crate::timers::{TimerId, Timers};

/// Ticks closer together than this could keep a turn from ever sleeping.
const MIN_PERIOD: Duration = Duration::from_millis(1);

/// How many times a hurried loop spins before it looks again: some microseconds.
const BREATH: u32 = 200;

/// So many entries in a turn are a small part of a flood. Fewer may be of somebody who waits for an answer.
const FEW: Range<u64> = 4..512;

/// A hundred years.
const FOR_EVER: Duration = Duration::from_hours(100 * 365 * 24);

/// The UI thread's end of the queue. Lives on that thread: it is not `Send`.
///
/// Everything for the UI thread arrives here, in order: callbacks from workers, state changes, terminal input, timers. A UI
/// loop draws, waits, draws:
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
///     let rows = vec!["fetched".to_owned()]; // here is where blocking is fine
///     ui.call_from_thread(move |app| app.rows = rows)?; // only data crosses
///     Ok(())
/// });
///
/// let mut app = App::default();
/// while app.states.last().is_none_or(|state| state != "SUCCESS") {
///     // draw(&app);
///     bridge.wait(&mut app)?; // sleeps until there is something to do
/// }
/// assert_eq!(app.rows, ["fetched"]);
/// assert_eq!(app.states, ["PENDING", "RUNNING", "SUCCESS"]);
/// # Ok::<(), worker_ui_bridge::PumpError>(())
/// ```
///
/// While it lives, its thread is [marked](UiThreadMark): blocking waits on it are refused.
pub struct UiBridge<A> {
    queue: Arc<Queue<A>>,
    /// What was taken from the queue and has not been run; comes before what is in the queue.
    batch: VecDeque<Entry<A>>,
    /// How many entries have been taken out of the batch, ever.
    pub(crate) taken: u64,
    timers: Timers<A>,
    tasks: Tasks<A>,
    budget: Duration,
    pace: Pace,
    watchdog: Option<Watchdog>,
    _mark: UiThreadMark,
}

/// How a loop that waits meets what comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    /// It sleeps in between, or has a lot to do each time.
    Calm,
    /// It has taken a few entries and found the next already there. It then takes a breath, and more at a time: a queue that is
    /// emptied all the time is slow to fill. It does not give its core away, for it might be slow to come back.
    Hurried,
}

/// What a turn did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pumped {
    ran: usize,
    more: bool,
}

impl Pumped {
    /// How many callbacks, events, polls of tasks and ticks were run.
    pub fn ran(self) -> usize {
        self.ran
    }

    /// Whether something is left that could be run now: draw, then pump again.
    pub fn more(self) -> bool {
        self.more
    }
}

impl<A: 'static> UiBridge<A> {
    /// A bridge whose UI thread is the calling one.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Puts the parts together; the calling thread becomes the UI thread.
    pub(crate) fn assemble(queue: Queue<A>, budget: Duration, watchdog: Option<Watchdog>) -> Self {
        Self {
            queue: Arc::new(queue),
            batch: VecDeque::new(),
            taken: 0,
            timers: Timers::new(),
            tasks: Tasks::default(),
            budget,
            pace: Pace::Calm,
            watchdog,
            _mark: UiThreadMark::new(),
        }
    }

    /// Configures a bridge.
    pub fn builder() -> BridgeBuilder<A> {
        BridgeBuilder::default()
    }

    /// A handle for other threads.
    pub fn handle(&self) -> UiHandle<A> {
        UiHandle::new(self.queue.clone())
    }

    /// One turn, without sleeping: runs the timers that are due and what was queued when the turn began, in order, but stops
    /// when the time budget is used up; at least one entry is run. Neither a flood of posts nor slow timers can starve the
    /// other, or the drawing.
    ///
    /// A panic in a callback unwinds through here; what was behind it is kept for the next turn.
    ///
    /// # Errors
    ///
    /// [`PumpError::Worker`] as soon as a worker with `exit_on_error` has ended in `Error`; [`PumpError::Closed`] after
    /// [`close`](Self::close).
    pub fn pump(&mut self, app: &mut A) -> Result<Pumped, PumpError> {
        self.turn(app, None)
    }

    /// A turn that ends at `until` if its budget does not end it sooner.
    fn turn(&mut self, app: &mut A, until: Option<Instant>) -> Result<Pumped, PumpError> {
        if self.is_closed() {
            return Err(PumpError::Closed);
        }
        let start = self.now();
        let end = [start.checked_add(self.budget), until].into_iter().flatten().min();
        let mut budget = Budget::new(start, end);
        let mut ran = self.run_timers(app, start, &mut budget);
        let mut queued = self.gather();
        while queued > 0 {
            if self.batch.is_empty() {
                self.queue.take(&mut self.batch);
            }
            let Some(entry) = self.batch.pop_front() else { break };
            checkpoint(&**self.clock());
            queued -= 1;
            self.taken += 1;
            ran += usize::from(self.run(entry, app)?);
            if budget.is_used_up(|| self.now()) {
                break;
            }
        }
        let more = !self.batch.is_empty()
            || self.queue.is_occupied()
            || self.next_deadline().is_some_and(|next| next <= start);
        Ok(Pumped { ran, more })
    }

    /// Sleeps until there is something to do, then does one turn of it as [`pump`](Self::pump) does.
    ///
    /// Nothing is polled: an idle loop makes no wake-ups.
    ///
    /// # Errors
    ///
    /// Those of [`pump`](Self::pump).
    pub fn wait(&mut self, app: &mut A) -> Result<Pumped, PumpError> {
        self.wait_until(app, None)
    }

    /// As [`wait`](Self::wait), but for at most `limit`: gives up then, having run nothing, and takes up nothing more then. A loop
    /// that draws at fixed times waits until the next one.
    ///
    /// # Errors
    ///
    /// Those of [`pump`](Self::pump).
    pub fn wait_timeout(&mut self, app: &mut A, limit: Duration) -> Result<Pumped, PumpError> {
        let deadline = self.now().checked_add(limit);
        self.wait_until(app, deadline)
    }

    fn wait_until(&mut self, app: &mut A, deadline: Option<Instant>) -> Result<Pumped, PumpError> {
        if self.pace == Pace::Hurried {
            (0..BREATH).for_each(|_| hint::spin_loop());
        }
        let mut slept = false;
        while self.nap(deadline) {
            slept = true;
        }
        let before = self.taken;
        let turned = self.turn(app, deadline);
        let few = FEW.contains(&(self.taken - before));
        self.pace = if few && !slept { Pace::Hurried } else { Pace::Calm };
        turned
    }

    /// Parks once, if there is nothing to do before `deadline`. False if there is.
    pub(crate) fn nap(&mut self, deadline: Option<Instant>) -> bool {
        let next = [self.next_deadline(), deadline].into_iter().flatten().min();
        let due = next.is_some_and(|next| next <= self.now());
        if due || self.queue.is_occupied() {
            return false;
        }
        let clock = self.clock().clone();
        self.rest(|| {
            clock.park_until(next);
            true
        })
    }

    /// Lets `park` park the thread, unless something is queued, and gives what that says; false if something is.
    pub(crate) fn rest(&mut self, park: impl FnOnce() -> bool) -> bool {
        if !self.batch.is_empty() || !self.queue.fall_asleep() {
            return false;
        }
        let parked = park();
        self.queue.wake_up();
        parked
    }

    /// Runs one entry. False if it was dropped because its worker has been revoked.
    fn run(&mut self, entry: Entry<A>, app: &mut A) -> Result<bool, PumpError> {
        let watch = |place| self.watchdog.as_ref().map(|watchdog| watchdog.hold(place));
        match entry {
            Entry::Callback(callback) => {
                let _held = watch(Some(callback.place()));
                return Ok(callback.run(app));
            }
            Entry::Latest(key) => {
                let Some(newest) = self.queue.take_latest(&key) else { return Ok(false) };
                let _held = watch(Some(newest.place()));
                return Ok(newest.run(app));
            }
            Entry::Event(handler, event) => {
                let _held = watch(Some(handler.place));
                (handler.run)(app, &event);
                fatal(event)?;
            }
            Entry::Progress(handler, notice) => {
                if notice.worker().is_revoked() {
                    return Ok(false);
                }
                let _held = watch(Some(handler.place));
                (handler.run)(app, &notice.read());
            }
            Entry::Spawn(make) => {
                let _held = watch(None);
                self.tasks.add(make(), &self.queue);
            }
            Entry::Task(id) => {
                let _held = watch(None);
                self.tasks.wake(id);
            }
            Entry::WakeAt(deadline, alarm) => self.set_alarm(deadline, &alarm),
        }
        Ok(true)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }

    /// How many entries wait to be run.
    pub(crate) fn waiting(&self) -> usize {
        self.batch.len() + self.queue.len()
    }

    /// How many entries wait to be run, now that those of the queue have been taken if none was left.
    fn gather(&mut self) -> usize {
        if self.batch.is_empty() && self.queue.is_occupied() {
            self.queue.take(&mut self.batch);
            return self.batch.len();
        }
        self.waiting()
    }

    fn set_alarm(&mut self, deadline: Instant, alarm: &Weak<Alarm>) {
        let Some(wanted) = alarm.upgrade() else { return };
        let alarm = alarm.clone();
        let timer = self.timers.add(deadline, None, None, move |_| {
            if let Some(alarm) = alarm.upgrade() {
                alarm.waker.wake_by_ref();
            }
        });
        let _ = wanted.timer.set(timer);
    }

    /// Runs the timers that are due, as far as the budget goes but at least one.
    fn run_timers(&mut self, app: &mut A, now: Instant, budget: &mut Budget) -> usize {
        let mut ran = 0;
        loop {
            self.forget_cleared();
            let Some((place, action)) = self.timers.pop_due(now) else { return ran };
            let held = self.watchdog.as_ref().map(|watchdog| watchdog.hold(place));
            action.borrow_mut()(app);
            drop(held);
            ran += 1;
            if budget.is_used_up(|| self.now()) {
                return ran;
            }
        }
    }

    /// Stops the timers that a handle has cleared.
    fn forget_cleared(&mut self) {
        for timer in self.queue.take_cleared() {
            self.timers.clear(timer);
        }
    }

    /// Runs `action` once, `delay` from now.
    #[track_caller]
    pub fn set_timeout(&mut self, delay: Duration, action: impl FnOnce(&mut A) + 'static) -> TimerId {
        let mut action = Some(action);
        let first = self.after(delay);
        self.timers.add(first, None, Some(Location::caller()), move |app| {
            if let Some(action) = action.take() {
                action(app);
            }
        })
    }

    /// Runs `action` every `period`, first one period from now. A period below a millisecond counts as one.
    ///
    /// Ticks that were missed because the UI thread was busy are skipped, not made up; the others keep to the grid, so
    /// nothing drifts.
    #[track_caller]
    pub fn set_interval(&mut self, period: Duration, action: impl FnMut(&mut A) + 'static) -> TimerId {
        let period = period.max(MIN_PERIOD);
        let first = self.after(period);
        self.timers.add(first, Some(period), Some(Location::caller()), action)
    }

    /// Stops a timer. False if it is not there any more.
    pub fn clear(&mut self, timer: TimerId) -> bool {
        self.timers.clear(timer)
    }

    /// Ends it: every pending and later call is answered with `Closed`, nothing queued is run. Dropping the bridge does the
    /// same.
    pub fn close(&mut self) {
        self.shut();
    }

    /// When the next timer is due: how long a [foreign loop](crate::BridgeBuilder::waker) may sleep before it must pump.
    pub fn next_deadline(&mut self) -> Option<Instant> {
        self.forget_cleared();
        self.timers.next_deadline()
    }

    /// The moment `delay` from now; for a delay beyond the clock's reach, one that no program lives to see.
    pub(crate) fn after(&self, delay: Duration) -> Instant {
        let now = self.now();
        now.checked_add(delay).unwrap_or_else(|| now + FOR_EVER)
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock().now()
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.queue.clock
    }
}

/// The error that ends the loop, if this event is one.
fn fatal(event: StateChanged) -> Result<(), PumpError> {
    let StateChanged { worker, state: WorkerState::Error, .. } = event else { return Ok(()) };
    match worker.error().cloned() {
        Some(error) if worker.exit_on_error() => Err(PumpError::Worker { worker, error }),
        _ => Ok(()),
    }
}

impl<A: 'static> Default for UiBridge<A> {
    fn default() -> Self {
        Self::new()
    }
}

impl<A> UiBridge<A> {
    fn shut(&mut self) {
        let (queued, mut latest) = self.queue.close();
        let taken = std::mem::take(&mut self.batch);
        for entry in taken.into_iter().chain(queued) {
            match &entry {
                Entry::Event(_, event) => event.log_undelivered(),
                Entry::Latest(key) => drop_quietly(latest.remove(key)),
                _ => {}
            }
            drop_quietly(entry);
        }
        drop_quietly(std::mem::replace(&mut self.timers, Timers::new()));
        std::mem::take(&mut self.tasks).into_futures().for_each(drop_quietly);
    }
}

/// Drops what is the user's. A panic of its `Drop` is logged: whoever closes has the rest to close, too.
fn drop_quietly<T>(what: T) {
    if catch_unwind(AssertUnwindSafe(|| drop(what))).is_err() {
        tracing::error!(target: "worker_ui_bridge", "a drop panicked while the bridge was closed");
    }
}

impl<A> Drop for UiBridge<A> {
    fn drop(&mut self) {
        self.shut();
    }
}

impl<A> fmt::Debug for UiBridge<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UiBridge")
            .field("queue", &self.queue)
            .field("taken", &self.batch.len())
            .field("timers", &self.timers)
            .field("tasks", &self.tasks)
            .finish_non_exhaustive()
    }
}
