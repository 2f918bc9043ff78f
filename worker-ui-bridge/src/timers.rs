//! Timers of the UI thread.
//!
//! A timer is scheduled again before its callback runs, so a panic in the callback loses no timer. Missed ticks are
//! skipped; the rest keep to the grid of `start + n × period`, so that nothing drifts.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::fmt;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::stall::Place;

/// A timer's number, unique within its bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimerId(u64);

type Action<A> = Rc<RefCell<dyn FnMut(&mut A)>>;

struct Timer<A> {
    action: Action<A>,
    /// Where it was set, if by the user.
    place: Option<Place>,
    /// `None`: once.
    period: Option<Duration>,
}

pub(crate) struct Timers<A> {
    live: BTreeMap<TimerId, Timer<A>>,
    /// May name timers that were cleared since.
    schedule: BinaryHeap<Reverse<(Instant, TimerId)>>,
    next: u64,
}

impl<A> Timers<A> {
    pub(crate) fn new() -> Self {
        Self { live: BTreeMap::new(), schedule: BinaryHeap::new(), next: 0 }
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
        self.live.insert(id, Timer { action: Rc::new(RefCell::new(action)), place, period });
        self.schedule.push(Reverse((first, id)));
        id
    }

    /// Removes a timer. False if it is not there any more.
    pub(crate) fn clear(&mut self, id: TimerId) -> bool {
        self.live.remove(&id).is_some()
    }

    /// When the next timer is due.
    pub(crate) fn next_deadline(&mut self) -> Option<Instant> {
        while let Some(Reverse((deadline, id))) = self.schedule.peek() {
            if self.live.contains_key(id) {
                return Some(*deadline);
            }
            self.schedule.pop();
        }
        None
    }

    /// The action of a timer that is due at `now`, and where it was set; it counts as run.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<(Option<Place>, Action<A>)> {
        if self.next_deadline()? > now {
            return None;
        }
        let Reverse((deadline, id)) = self.schedule.pop()?;
        let timer = self.live.get(&id)?;
        let due = (timer.place, timer.action.clone());
        match timer.period {
            Some(period) => self.schedule.push(Reverse((next_tick(deadline, period, now), id))),
            None => {
                self.live.remove(&id);
            }
        }
        Some(due)
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
