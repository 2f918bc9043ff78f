//! The timers of a [`UiBridge`]: set, cleared, and run in its turns.

use std::panic::Location;
use std::time::{Duration, Instant};

use crate::error::PumpError;
use crate::sync::drop_quietly;
use crate::time::budget::Budget;
use crate::time::timers::{Origin, Timer, TimerId, deadline_after, interval, once};
use crate::turn::bridge::UiBridge;
use crate::turn::deadlines::{LoopDeadlines, OVERDUE};

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
    ) -> Result<BudgetState, PumpError> {
        loop {
            self.carry_out_or_fail()?;
            let Some(timer) = self.timers.pop_due(now) else { return Ok(BudgetState::Left) };
            if timer.wanted.is_some_and(|wanted| !wanted(app)) {
                self.timers.set_wanted(timer.id, false, now);
                continue;
            }
            if timer.origin.worker.is_some_and(|worker| worker.is_revoked()) {
                drop_quietly((self.timers.remove(timer.id), timer.action), "dropping a revoked timer");
                continue;
            }
            self.changes += u64::from(timer.origin.call_site.is_some());
            let running = self.watchdog.as_ref().map(|watchdog| watchdog.enter(timer.origin.call_site));
            timer.action.borrow_mut()(app);
            drop(running);
            *ran += 1;
            if budget.is_used_up(|| self.now()) {
                return Ok(BudgetState::UsedUp);
            }
        }
    }

    /// Starts and stops the intervals that tick only while they are wanted. Calls foreign code.
    pub(crate) fn update_conditional_timers(&mut self, app: &A) {
        if self.timers.has_conditions() {
            let now = self.now();
            for (timer, wanted) in self.timers.conditions() {
                self.timers.set_wanted(timer, wanted(app), now);
            }
        }
    }

    /// Tells a foreign loop's alarms when the next timer is due.
    pub(super) fn announce_deadline(&self) {
        let next = self.timers.next_deadline();
        match self.deadlines {
            LoopDeadlines::Asked => {}
            LoopDeadlines::Woken => self.alarm.set(next),
            LoopDeadlines::Reported => {
                let overdue = next.and_then(|next| next.checked_add(OVERDUE));
                self.overdue.iter().for_each(|alarm| alarm.set(overdue));
            }
        }
    }

    fn add_timer(&mut self, timer: Timer<A>) -> TimerId {
        let id = self.queue.next_timer();
        self.timers.add(id, timer);
        self.announce_deadline();
        id
    }

    /// Runs `action` once, `delay` from now.
    #[track_caller]
    pub fn set_timeout(&mut self, delay: Duration, action: impl FnOnce(&mut A) + 'static) -> TimerId {
        let origin = Origin { call_site: Some(Location::caller()), worker: None };
        self.add_timer(Timer::new(self.deadline_after(delay), None, origin, once(action)))
    }

    /// Runs `action` every `period`, first one period from now. A period below one millisecond
    /// counts as one millisecond.
    ///
    /// Ticks that were missed because the UI thread was busy are skipped, not made up. The others
    /// keep to the grid, so nothing drifts.
    #[track_caller]
    pub fn set_interval(&mut self, period: Duration, action: impl FnMut(&mut A) + 'static) -> TimerId {
        let origin = Origin { call_site: Some(Location::caller()), worker: None };
        let (first, period) = interval(self.now(), period);
        self.add_timer(Timer::new(first, Some(period), origin, action))
    }

    /// As [`set_interval`](Self::set_interval), but ticks only while `wanted` says so, and makes no
    /// wake-ups otherwise: a spinner's timer.
    ///
    /// `wanted` is asked after each turn, before a wait and before a tick, so it should be cheap.
    /// The first tick is one period after it has become true.
    ///
    /// ```
    /// use std::time::Duration;
    /// use worker_ui_bridge::UiBridge;
    ///
    /// struct App {
    ///     loading: bool,
    ///     spinner: usize,
    /// }
    ///
    /// let mut bridge = UiBridge::new();
    /// let frame = Duration::from_millis(2);
    /// bridge.set_interval_while(frame, |app: &App| app.loading, |app| {
    ///     app.spinner += 1;
    ///     app.loading = app.spinner < 3; // the data has come
    /// });
    /// let mut app = App { loading: true, spinner: 0 };
    /// while app.loading {
    ///     bridge.wait(&mut app)?;
    /// }
    /// assert_eq!((app.spinner, bridge.next_deadline()), (3, None));
    /// # Ok::<(), worker_ui_bridge::PumpError>(())
    /// ```
    #[track_caller]
    pub fn set_interval_while(
        &mut self,
        period: Duration,
        wanted: impl Fn(&A) -> bool + 'static,
        tick: impl FnMut(&mut A) + 'static,
    ) -> TimerId {
        self.add_timer(Timer::conditional(period, Location::caller(), wanted, tick))
    }

    /// Stops a timer. False if it was stopped before or has run for the last time.
    pub fn clear(&mut self, timer: TimerId) -> bool {
        self.carry_out_requests();
        self.timers.remove(timer).is_some()
    }

    /// When the next timer is due. A loop that is [not the bridge's
    /// own](crate::BridgeBuilder::waker) must pump then.
    pub fn next_deadline(&mut self) -> Option<Instant> {
        self.carry_out_requests();
        self.timers.next_deadline()
    }

    /// The time `delay` from now.
    pub(super) fn deadline_after(&self, delay: Duration) -> Instant {
        deadline_after(self.now(), delay)
    }
}
