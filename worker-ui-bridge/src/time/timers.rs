//! [`Timers`]: the timers of the UI thread, by deadline.
//!
//! A timer is scheduled again before its action runs, so a panic in the action loses no timer.
//! Missed ticks are skipped. The others keep to the grid `start + n × period`, so nothing drifts.
//!
//! *Invariant.* `schedule` has exactly one item for each live timer that has a `due`, with that.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::rc::Rc;
use std::time::{Duration, Instant};

use worker_core::AnyWorker;

use crate::time::stall::CallSite;

/// Ticks closer together than this could keep a loop from ever parking.
const MIN_PERIOD: Duration = Duration::from_millis(1);

/// A hundred years: stands for a delay that the clock cannot represent.
const FAR_FUTURE: Duration = Duration::from_hours(100 * 365 * 24);

/// The number of a timer, unique within its bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimerId(pub(crate) u64);

/// What a timer runs. Shared, so that it can run while the timer stays in the table.
type Action<A> = Rc<RefCell<dyn FnMut(&mut A)>>;

/// Whether an interval is to tick now.
type Wanted<A> = Rc<dyn Fn(&A) -> bool>;

/// A timer that is set.
pub(crate) struct Timer<A> {
    /// `None`: it is not wanted now.
    due: Option<Instant>,
    /// `None`: it runs once.
    period: Option<Duration>,
    /// `None`: always.
    wanted: Option<Wanted<A>>,
    origin: Origin,
    action: Action<A>,
}

/// Who has set a timer, and where.
#[derive(Clone, Default)]
pub(crate) struct Origin {
    /// `None`: the library.
    pub(crate) call_site: Option<CallSite>,
    /// The worker in whose body it was set: with its revocation the timer ends.
    pub(crate) worker: Option<AnyWorker>,
}

/// The timers of one bridge.
pub(crate) struct Timers<A> {
    live: HashMap<TimerId, Timer<A>>,
    schedule: BTreeSet<(Instant, TimerId)>,
    /// Those that tick only while they are wanted.
    conditional: Vec<TimerId>,
}

impl<A> Timer<A> {
    /// Runs `action` at `due`, and then every `period` if there is one.
    pub(crate) fn new(
        due: Instant,
        period: Option<Duration>,
        origin: Origin,
        action: impl FnMut(&mut A) + 'static,
    ) -> Self {
        let action = Rc::new(RefCell::new(action));
        Self { due: Some(due), period, wanted: None, origin, action }
    }

    /// Runs `tick` every `period` while `wanted`.
    pub(crate) fn conditional(
        period: Duration,
        call_site: CallSite,
        wanted: impl Fn(&A) -> bool + 'static,
        tick: impl FnMut(&mut A) + 'static,
    ) -> Self {
        Self {
            due: None,
            period: Some(period.max(MIN_PERIOD)),
            wanted: Some(Rc::new(wanted)),
            origin: Origin { call_site: Some(call_site), worker: None },
            action: Rc::new(RefCell::new(tick)),
        }
    }
}

/// A timer whose time has come. It counts as run.
pub(crate) struct DueTimer<A> {
    pub(crate) id: TimerId,
    pub(crate) wanted: Option<Wanted<A>>,
    pub(crate) origin: Origin,
    pub(crate) action: Action<A>,
}

impl<A> Timers<A> {
    pub(crate) fn add(&mut self, id: TimerId, timer: Timer<A>) {
        if let Some(due) = timer.due {
            self.schedule.insert((due, id));
        }
        if timer.wanted.is_some() {
            self.conditional.push(id);
        }
        self.live.insert(id, timer);
    }

    /// Removes a timer, for the caller to drop. `None` if it was removed before or has run for the
    /// last time.
    pub(crate) fn remove(&mut self, id: TimerId) -> Option<Timer<A>> {
        let removed = self.live.remove(&id)?;
        if let Some(due) = removed.due {
            self.schedule.remove(&(due, id));
        }
        if removed.wanted.is_some() {
            self.conditional.retain(|conditional| *conditional != id);
        }
        Some(removed)
    }

    /// When the next timer is due.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.schedule.first().map(|(due, _)| *due)
    }

    /// A timer that is due at `now`.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<DueTimer<A>> {
        if self.next_deadline()? > now {
            return None;
        }
        let (due, id) = self.schedule.pop_first()?;
        let timer = self.live.get_mut(&id)?;
        let popped = DueTimer {
            id,
            wanted: timer.wanted.clone(),
            origin: timer.origin.clone(),
            action: timer.action.clone(),
        };
        match timer.period {
            Some(period) => {
                let next = next_tick(due, period, now);
                timer.due = Some(next);
                self.schedule.insert((next, id));
            }
            None => {
                self.live.remove(&id);
            }
        }
        Some(popped)
    }

    /// The condition of each timer that has one.
    pub(crate) fn conditions(&self) -> Vec<(TimerId, Wanted<A>)> {
        let wanted = |id: &TimerId| Some((*id, self.live.get(id)?.wanted.clone()?));
        self.conditional.iter().filter_map(wanted).collect()
    }

    /// Whether timers have conditions.
    pub(crate) fn has_conditions(&self) -> bool {
        !self.conditional.is_empty()
    }

    /// Starts a timer that is wanted now, and stops one that is not.
    pub(crate) fn set_wanted(&mut self, id: TimerId, wanted: bool, now: Instant) {
        let Some(timer) = self.live.get_mut(&id) else { return };
        match (timer.due, wanted) {
            (None, true) => {
                let due = deadline_after(now, timer.period.unwrap_or(MIN_PERIOD));
                timer.due = Some(due);
                self.schedule.insert((due, id));
            }
            (Some(due), false) => {
                timer.due = None;
                self.schedule.remove(&(due, id));
            }
            (None, false) | (Some(_), true) => {}
        }
    }
}

/// An action that runs once, as one that could run often.
pub(crate) fn once<A>(action: impl FnOnce(&mut A)) -> impl FnMut(&mut A) {
    let mut action = Some(action);
    move |app| {
        if let Some(action) = action.take() {
            action(app);
        }
    }
}

/// The period of an interval, and when it first ticks. One below [`MIN_PERIOD`] counts as that.
pub(crate) fn interval(now: Instant, period: Duration) -> (Instant, Duration) {
    let period = period.max(MIN_PERIOD);
    (deadline_after(now, period), period)
}

/// The time `delay` after `now`; for a delay that the clock cannot represent, [`FAR_FUTURE`] after
/// it.
pub(crate) fn deadline_after(now: Instant, delay: Duration) -> Instant {
    now.checked_add(delay).unwrap_or_else(|| now + FAR_FUTURE)
}

/// The first `deadline + n × period` after `now`, or [`FAR_FUTURE`] after it if the clock cannot
/// represent that. `period` is not zero.
fn next_tick(deadline: Instant, period: Duration, now: Instant) -> Instant {
    let late = now.saturating_duration_since(deadline);
    let since_tick = Duration::from_nanos_u128(late.as_nanos() % period.as_nanos());
    deadline_after(now, period.saturating_sub(since_tick))
}

impl<A> Default for Timers<A> {
    fn default() -> Self {
        Self { live: HashMap::new(), schedule: BTreeSet::new(), conditional: Vec::new() }
    }
}

impl<A> fmt::Debug for Timers<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timers").field("live", &self.live.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
