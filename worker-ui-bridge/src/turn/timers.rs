//! The timers of a [`UiBridge`]: set, cleared, and run in its turns.

use std::panic::Location;
use std::time::{Duration, Instant};

use crate::sync::drop_quietly;
use crate::time::budget::Budget;
use crate::time::timers::{TimerId, deadline_after};
use crate::turn::bridge::UiBridge;

/// Whether a turn's budget is used up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum BudgetState {
    Left,
    UsedUp,
}

impl<A: 'static> UiBridge<A> {
    /// Runs the timers that are due, until the budget is used up, but at least one. Counts those
    /// that ran.
    pub(super) fn run_due_timers(
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

    /// The time `delay` from now.
    pub(super) fn deadline_after(&self, delay: Duration) -> Instant {
        deadline_after(self.now(), delay)
    }
}
