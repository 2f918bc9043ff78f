//! [`Timers`]: the timers of the UI thread, by deadline.
//!
//! A timer is scheduled again before its action runs, so a panic in the action loses no timer.
//! Missed ticks are skipped. The others keep to the grid `start + n × period`, so nothing drifts.
//!
//! *Invariant.* `schedule` has exactly one item for each live timer, with its `due`.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::time::stall::CallSite;

/// Ticks closer together than this could keep a loop from ever parking.
const MIN_PERIOD: Duration = Duration::from_millis(1);

/// A hundred years: stands for a delay that the clock cannot represent.
const FAR_FUTURE: Duration = Duration::from_hours(100 * 365 * 24);

/// The number of a timer, unique within its bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimerId(u64);

/// What a timer runs. Shared, so that it can run while the timer stays in the table.
type Action<A> = Rc<RefCell<dyn FnMut(&mut A)>>;

pub(crate) struct Timer<A> {
    due: Instant,
    action: Action<A>,
    /// `None`: set by the library.
    call_site: Option<CallSite>,
    /// `None`: it runs once.
    period: Option<Duration>,
}

/// The live timers of one bridge.
pub(crate) struct Timers<A> {
    live: HashMap<TimerId, Timer<A>>,
    schedule: BTreeSet<(Instant, TimerId)>,
    next_id: u64,
}

impl<A> Timers<A> {
    pub(crate) fn new() -> Self {
        Self { live: HashMap::new(), schedule: BTreeSet::new(), next_id: 0 }
    }

    /// Adds a timer that runs `action` once, `delay` after `now`.
    pub(crate) fn add_timeout(
        &mut self,
        now: Instant,
        delay: Duration,
        call_site: CallSite,
        action: impl FnOnce(&mut A) + 'static,
    ) -> TimerId {
        let mut action = Some(action);
        self.add(deadline_after(now, delay), None, Some(call_site), move |app| {
            if let Some(action) = action.take() {
                action(app);
            }
        })
    }

    /// Adds a timer that runs `action` every `period`, first one period after `now`. A period below
    /// [`MIN_PERIOD`] counts as that.
    pub(crate) fn add_interval(
        &mut self,
        now: Instant,
        period: Duration,
        call_site: CallSite,
        action: impl FnMut(&mut A) + 'static,
    ) -> TimerId {
        let period = period.max(MIN_PERIOD);
        self.add(deadline_after(now, period), Some(period), Some(call_site), action)
    }

    /// Adds a timer that is due at `first`, and then every `period` if there is one.
    pub(crate) fn add(
        &mut self,
        first: Instant,
        period: Option<Duration>,
        call_site: Option<CallSite>,
        action: impl FnMut(&mut A) + 'static,
    ) -> TimerId {
        let id = TimerId(self.next_id);
        self.next_id += 1;
        let action = Rc::new(RefCell::new(action));
        self.live.insert(id, Timer { due: first, action, call_site, period });
        self.schedule.insert((first, id));
        id
    }

    /// Removes a timer, for the caller to drop. `None` if it was removed before or has run for the
    /// last time.
    pub(crate) fn remove(&mut self, id: TimerId) -> Option<Timer<A>> {
        let removed = self.live.remove(&id)?;
        self.schedule.remove(&(removed.due, id));
        Some(removed)
    }

    /// When the next timer is due.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.schedule.first().map(|(due, _)| *due)
    }

    /// The call site and the action of a timer that is due at `now`. The timer counts as run.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<(Option<CallSite>, Action<A>)> {
        if self.next_deadline()? > now {
            return None;
        }
        let (_, id) = self.schedule.pop_first()?;
        let timer = self.live.get_mut(&id)?;
        let due = (timer.call_site, timer.action.clone());
        match timer.period {
            Some(period) => {
                timer.due = next_tick(timer.due, period, now);
                self.schedule.insert((timer.due, id));
            }
            None => {
                self.live.remove(&id);
            }
        }
        Some(due)
    }
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

impl<A> fmt::Debug for Timers<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timers").field("live", &self.live.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
