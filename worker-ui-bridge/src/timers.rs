//! Timers of the UI thread.
//!
//! A timer is scheduled again before its callback runs, so a panic in the callback loses no timer. Missed ticks are
//! skipped; the rest keep to the grid of `start + n × period`, so that nothing drifts.
//!
//! *Invariant.* The schedule has exactly one place for each live timer, that of its `due`.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::stall::Place;

/// A timer's number, unique within its bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimerId(u64);

type Action<A> = Rc<RefCell<dyn FnMut(&mut A)>>;

struct Timer<A> {
    due: Instant,
    action: Action<A>,
    /// Where it was set, if by the user.
    place: Option<Place>,
    /// `None`: once.
    period: Option<Duration>,
}

pub(crate) struct Timers<A> {
    live: HashMap<TimerId, Timer<A>>,
    schedule: BTreeSet<(Instant, TimerId)>,
    next: u64,
}

impl<A> Timers<A> {
    pub(crate) fn new() -> Self {
        Self { live: HashMap::new(), schedule: BTreeSet::new(), next: 0 }
    }

    /// Adds a timer that is due at `first`, and then every `period` if there is one.
    pub(crate) fn add(
        &mut self,
        first: Instant,
        period: Option<Duration>,
        place: Option<Place>,
        action: impl FnMut(&mut A) + 'static,
    ) -> TimerId {
        let id = TimerId(self.next);
        self.next += 1;
        self.live.insert(id, Timer { due: first, action: Rc::new(RefCell::new(action)), place, period });
        self.schedule.insert((first, id));
        id
    }

    /// Removes a timer. False if it is not there any more.
    pub(crate) fn clear(&mut self, id: TimerId) -> bool {
        let cleared = self.live.remove(&id);
        cleared.is_some_and(|timer| self.schedule.remove(&(timer.due, id)))
    }

    /// When the next timer is due.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.schedule.first().map(|(due, _)| *due)
    }

    /// The action of a timer that is due at `now`, and where it was set; it counts as run.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<(Option<Place>, Action<A>)> {
        if self.next_deadline()? > now {
            return None;
        }
        let (_, id) = self.schedule.pop_first()?;
        let timer = self.live.get_mut(&id)?;
        let run = (timer.place, timer.action.clone());
        match timer.period {
            Some(period) => {
                timer.due = next_tick(timer.due, period, now);
                self.schedule.insert((timer.due, id));
            }
            None => {
                self.live.remove(&id);
            }
        }
        Some(run)
    }
}

/// The first `deadline + n × period` after `now`. `period` is not zero.
fn next_tick(deadline: Instant, period: Duration, now: Instant) -> Instant {
    let late = now.saturating_duration_since(deadline);
    let since_tick = Duration::from_nanos_u128(late.as_nanos() % period.as_nanos());
    now + period.saturating_sub(since_tick)
}

impl<A> fmt::Debug for Timers<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timers").field("live", &self.live.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p24_a_timer_that_has_run_or_was_cleared_leaves_nothing_behind() {
        let (mut timers, start) = (Timers::<()>::new(), Instant::now());
        let day = Duration::from_hours(24);
        let ticking = timers.add(start, Some(day), None, |()| {});
        for _ in 0..1_000 {
            let far = timers.add(start + day, None, None, |()| {});
            assert!(timers.clear(far) && !timers.clear(far));
            timers.add(start, None, None, |()| {});
        }
        while timers.pop_due(start).is_some() {}
        assert_eq!((timers.live.len(), timers.schedule.len()), (1, 1));
        assert!(timers.clear(ticking));
        assert_eq!(timers.next_deadline(), None);
    }
}
