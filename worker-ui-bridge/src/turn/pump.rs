//! [`UiBridge::pump`]: one turn, which runs what was queued and the timers.

use std::mem;
#[cfg(feature = "testing")]
use std::sync::Arc;
use std::time::Instant;

use worker_core::blocking::checkpoint;
use worker_core::{StateChanged, WorkerState};

use crate::error::PumpError;
use crate::queue::callback::Callback;
use crate::queue::entry::Entry;
#[cfg(feature = "testing")]
use crate::sync::clock_of;
use crate::time::budget::Budget;
use crate::turn::bridge::{TurnOrder, UiBridge};
use crate::turn::timers::BudgetState;

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
    /// [`PumpError::App`] as soon as a callback or a tick has called
    /// [`fail`](crate::UiHandle::fail); [`PumpError::SourcePanicked`]; [`PumpError::Closed`] after
    /// [`close`](Self::close).
    pub fn pump(&mut self, app: &mut A) -> Result<Pumped, PumpError> {
        self.turn_until(app, None)
    }

    /// One turn, which ends at `until` at the latest.
    pub(super) fn turn_until(&mut self, app: &mut A, until: Option<Instant>) -> Result<Pumped, PumpError> {
        // A callback that blocks is a stall, no loop that does not pump.
        self.overdue.iter().for_each(|alarm| alarm.set(None));
        let turned = self.run_turn(app, until);
        self.update_conditional_timers(app);
        self.announce_deadline();
        turned
    }

    fn run_turn(&mut self, app: &mut A, until: Option<Instant>) -> Result<Pumped, PumpError> {
        if self.is_closed() {
            return Err(PumpError::Closed);
        }
        self.carry_out_or_fail()?;
        let start = self.now();
        self.frames.begin_turn(start, self.changes);
        let end = [start.checked_add(self.budget), until].into_iter().flatten().min();
        let mut budget = Budget::new(start, end);
        // A turn runs a timer and an entry at least, so that neither starves the other. Without a
        // budget it runs one in all, and they take turns.
        let entries_first = mem::replace(&mut self.next_order, TurnOrder::Timers) == TurnOrder::Entries;
        let mut ran = 0;
        let mut budget_state = BudgetState::Left;
        if !entries_first {
            budget_state = self.run_due_timers(app, start, &mut budget, &mut ran)?;
        }
        if budget_state == BudgetState::UsedUp && self.budget.is_zero() && self.pending() > 0 {
            self.next_order = TurnOrder::Entries;
        } else {
            budget_state = self.run_entries(app, &mut budget, &mut ran)?;
        }
        if entries_first && budget_state == BudgetState::Left {
            let _ = self.run_due_timers(app, start, &mut budget, &mut ran)?;
        }
        let more = self.has_entries() || self.next_deadline().is_some_and(|next| next <= start);
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
            self.carry_out_or_fail()?;
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
    ///
    /// What is given the app's state counts as a change before it runs: it may end the loop, or
    /// panic.
    fn run(&mut self, entry: Entry<A>, app: &mut A) -> Result<bool, PumpError> {
        #[cfg(feature = "testing")]
        if self.is_under_test {
            self.check_clock(&entry);
        }
        let enter = |call_site| self.watchdog.as_ref().map(|watchdog| watchdog.enter(call_site));
        match entry {
            Entry::Callback(callback) => {
                return Ok(self.run_callback(callback, app));
            }
            Entry::Latest(key) => {
                let Some(newest) = self.queue.take_latest(&key) else { return Ok(false) };
                return Ok(self.run_callback(newest, app));
            }
            Entry::Event(handler, event) => {
                self.changes += 1;
                let _running = enter(Some(handler.call_site));
                (handler.run)(app, &event);
                exit_on_error(event)?;
            }
            Entry::Progress(handler, notice) => {
                if notice.worker().is_revoked() {
                    return Ok(false);
                }
                self.changes += 1;
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
        }
        Ok(true)
    }

    fn run_callback(&mut self, callback: Callback<A>, app: &mut A) -> bool {
        if callback.is_revoked() {
            return false;
        }
        self.changes += 1;
        let _running = self.watchdog.as_ref().map(|watchdog| watchdog.enter(Some(callback.call_site())));
        callback.run(app);
        true
    }
}

#[cfg(feature = "testing")]
impl<A: 'static> UiBridge<A> {
    /// A manager that runs on another clock than the bridge under test would wait for real time, or
    /// for ever.
    fn check_clock(&self, entry: &Entry<A>) {
        let worker = match entry {
            Entry::Event(_, event) => Some(&event.worker),
            Entry::Callback(callback) => callback.worker(),
            _ => None,
        };
        let Some(worker) = worker else { return };
        let theirs = clock_of(worker);
        assert!(
            Arc::ptr_eq(theirs, self.clock()) || theirs.scheduler().is_some(),
            "the manager of {worker} runs on the clock {theirs:?}, but its bridge on that of a test, {:?}: \
             build the manager with `.clock(scheduler.clock())`",
            self.clock()
        );
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
