//! The waits of a UI loop: park until there is something to do, then run one turn.

use std::time::{Duration, Instant};

use crate::error::PumpError;
use crate::queue::state::ParkResult;
use crate::sync::keep_hook_in_front;
use crate::turn::bridge::UiBridge;
use crate::turn::flood_pacing::FloodPacing;
use crate::turn::pump::Pumped;

impl<A: 'static> UiBridge<A> {
    /// Parks until there is something to do, then runs one turn as [`pump`](Self::pump) does.
    ///
    /// Nothing is polled: an idle loop makes no wake-ups.
    ///
    /// # Errors
    ///
    /// Those of [`pump`](Self::pump).
    pub fn wait(&mut self, app: &mut A) -> Result<Pumped, PumpError> {
        self.wait_until(app, None)
    }

    /// As [`wait`](Self::wait), but for at most `limit`. When it has passed, a wait ends without
    /// having run anything, and a turn ends as if its budget were used up. A loop that draws at
    /// fixed times waits until the next one.
    ///
    /// # Errors
    ///
    /// Those of [`pump`](Self::pump).
    pub fn wait_timeout(&mut self, app: &mut A, limit: Duration) -> Result<Pumped, PumpError> {
        let deadline = self.now().checked_add(limit);
        self.wait_until(app, deadline)
    }

    pub(super) fn wait_until(&mut self, app: &mut A, deadline: Option<Instant>) -> Result<Pumped, PumpError> {
        self.pacing.before_wait();
        self.update_conditional_timers(app);
        let mut parked = false;
        loop {
            self.before_park();
            if !self.park_once(deadline) {
                break;
            }
            parked = true;
        }
        let taken_before = self.taken;
        let turned = self.turn_until(app, deadline);
        self.pacing = FloodPacing::after_turn(self.taken - taken_before, parked);
        turned
    }

    /// What runs foreign code or takes the locks of others is done here: nothing of the kind may
    /// run between registering for a wake-up and parking, because it might park and use up the
    /// unpark.
    pub(super) fn before_park(&mut self) {
        self.carry_out_requests();
        keep_hook_in_front();
    }

    /// Parks once, if there is nothing to do before `deadline`. False if there is.
    pub(super) fn park_once(&mut self, deadline: Option<Instant>) -> bool {
        if self.is_due(deadline) {
            return false;
        }
        let next = [self.timers.next_deadline(), deadline].into_iter().flatten().min();
        let clock = self.clock().clone();
        self.park_with(|| {
            clock.park_until(next);
            true
        })
    }

    /// Whether a turn would do something, or `deadline` has come.
    pub(super) fn is_due(&self, deadline: Option<Instant>) -> bool {
        let next = [self.timers.next_deadline(), deadline].into_iter().flatten().min();
        next.is_some_and(|next| next <= self.now()) || self.has_entries() || self.failure.is_some()
    }

    /// Calls `park`, which may park the thread, and returns what that returns. If entries wait or
    /// the bridge is closed, returns false instead; if requests wait, true.
    pub(crate) fn park_with(&mut self, park: impl FnOnce() -> bool) -> bool {
        if !self.batch.is_empty() {
            return false;
        }
        match self.queue.begin_park(None) {
            ParkResult::Refused => false,
            ParkResult::Requests => true,
            ParkResult::Parked => {
                let parked = park();
                self.queue.end_park();
                parked
            }
        }
    }
}
