//! [`Slots`]: how many may be inside at once, and the line of those that wait for a slot.
//!
//! # Invariants
//!
//! 1. A slot is free only while the line is empty: one that is left goes to the first in line, in
//!    one step. So no worker overtakes another, and a wake-up cannot be lost.
//! 2. Those that come back from a pause stand before those that have not begun: they hold a thread.
//!    Within each, first come, first served.
//! 3. What is granted under the lock is carried out by the caller, outside it.

use std::collections::BTreeMap;
use std::fmt;
use std::task::Waker;

use crate::sync::primitives::Mutex;
use crate::worker::id::WorkerId;

/// Slots for workers; `W` is a worker that has not begun.
pub(crate) struct Slots<W> {
    state: Mutex<State<W>>,
}

struct State<W> {
    free: usize,
    line: BTreeMap<Ticket, (WorkerId, Waiting<W>)>,
    tickets: u64,
    standing: BTreeMap<WorkerId, Standing>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ticket {
    Resume(u64),
    Start(u64),
}

enum Waiting<W> {
    Start(W),
    Resume(Waker),
}

/// Where a worker is that has asked for a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    InLine(Ticket),
    Inside,
    /// It has given its slot back for a while.
    Paused,
}

/// Who has been given a slot. The caller starts or wakes it.
#[must_use]
pub(crate) enum Granted<W> {
    Start(W),
    Resume(Waker),
}

/// The worker has no slot.
#[derive(Debug)]
pub(crate) struct NoSlot;

impl<W> Slots<W> {
    pub(crate) fn new(count: usize) -> Self {
        let (line, standing) = (BTreeMap::new(), BTreeMap::new());
        Self { state: Mutex::new(State { free: count, line, tickets: 0, standing }) }
    }

    /// Asks for a slot. Gives the worker back if it has one; else it stands in line.
    pub(crate) fn enter(&self, id: WorkerId, worker: W) -> Option<W> {
        let mut state = self.state.lock();
        if state.take_free(id) {
            return Some(worker);
        }
        let ticket = Ticket::Start(state.next_ticket());
        state.stand_in_line(id, ticket, Waiting::Start(worker));
        None
    }

    /// Gives up the slot, or the place in line, for good. May be called twice, or without either.
    pub(crate) fn leave(&self, id: WorkerId) -> Option<Granted<W>> {
        let (granted, left) = {
            let mut state = self.state.lock();
            match state.standing.remove(&id)? {
                Standing::Inside => (state.grant_next(), None),
                Standing::InLine(ticket) => (None, state.line.remove(&ticket)),
                Standing::Paused => (None, None),
            }
        };
        drop(left);
        granted
    }

    /// Gives the slot back for a while, and says to whom it goes.
    ///
    /// # Errors
    ///
    /// If it has none to give.
    pub(crate) fn pause(&self, id: WorkerId) -> Result<Option<Granted<W>>, NoSlot> {
        let mut state = self.state.lock();
        let standing = state.standing.get_mut(&id).filter(|standing| **standing == Standing::Inside);
        let standing = standing.ok_or(NoSlot)?;
        *standing = Standing::Paused;
        Ok(state.grant_next())
    }

    /// Takes a slot again after a pause. False: not yet, and `waker` is woken when it is the turn.
    pub(crate) fn poll_resume(&self, id: WorkerId, waker: &Waker) -> bool {
        let waker = waker.clone();
        let former = {
            let mut state = self.state.lock();
            match state.standing.get(&id).copied() {
                Some(Standing::Paused) if state.take_free(id) => return true,
                Some(Standing::Paused) => {
                    let ticket = Ticket::Resume(state.next_ticket());
                    state.stand_in_line(id, ticket, Waiting::Resume(waker));
                    None
                }
                Some(Standing::InLine(ticket)) => state.line.insert(ticket, (id, Waiting::Resume(waker))),
                Some(Standing::Inside) | None => return true,
            }
        };
        drop(former);
        false
    }

    /// It no longer waits to resume, and goes on without a slot if it has not been given one.
    pub(crate) fn stop_resuming(&self, id: WorkerId) {
        let left = {
            let mut state = self.state.lock();
            let Some(Standing::InLine(ticket)) = state.standing.get(&id).copied() else { return };
            state.standing.insert(id, Standing::Paused);
            state.line.remove(&ticket)
        };
        drop(left);
    }

    /// How many stand in line.
    pub(crate) fn waiting(&self) -> usize {
        self.state.lock().line.len()
    }
}

impl<W> State<W> {
    fn take_free(&mut self, id: WorkerId) -> bool {
        if self.free == 0 {
            return false;
        }
        self.free -= 1;
        self.standing.insert(id, Standing::Inside);
        true
    }

    fn next_ticket(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }

    fn stand_in_line(&mut self, id: WorkerId, ticket: Ticket, waiting: Waiting<W>) {
        self.standing.insert(id, Standing::InLine(ticket));
        self.line.insert(ticket, (id, waiting));
    }

    /// A slot has been left.
    fn grant_next(&mut self) -> Option<Granted<W>> {
        let Some((_, (id, waiting))) = self.line.pop_first() else {
            self.free += 1;
            return None;
        };
        self.standing.insert(id, Standing::Inside);
        Some(match waiting {
            Waiting::Start(worker) => Granted::Start(worker),
            Waiting::Resume(waker) => Granted::Resume(waker),
        })
    }
}

impl<W> fmt::Debug for Slots<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (free, waiting) = {
            let state = self.state.lock();
            (state.free, state.line.len())
        };
        f.debug_struct("Slots").field("free", &free).field("waiting", &waiting).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids<const N: usize>() -> [WorkerId; N] {
        [(); N].map(|()| WorkerId::next())
    }

    fn start(granted: Option<Granted<char>>) -> Option<char> {
        granted.and_then(|granted| match granted {
            Granted::Start(worker) => Some(worker),
            Granted::Resume(_) => None,
        })
    }

    #[test]
    fn p33_first_come_first_served() {
        let slots = Slots::new(1);
        let [a, b, c] = ids();
        assert_eq!(slots.enter(a, 'a'), Some('a'));
        assert_eq!([slots.enter(b, 'b'), slots.enter(c, 'c')], [None, None]);
        assert_eq!(start(slots.leave(a)), Some('b'));
        assert!(slots.leave(a).is_none(), "leaving twice frees nothing");
        assert_eq!(start(slots.leave(b)), Some('c'));
        assert!(slots.leave(c).is_none());
        assert_eq!(slots.enter(a, 'a'), Some('a'), "the slot is free again");
    }

    #[test]
    fn p33_one_that_leaves_the_line_leaves_nothing_there() {
        let slots = Slots::new(1);
        let [a, b, c] = ids();
        _ = (slots.enter(a, 'a'), slots.enter(b, 'b'), slots.enter(c, 'c'));
        assert!(slots.leave(b).is_none());
        assert_eq!(slots.waiting(), 1);
        assert_eq!(start(slots.leave(a)), Some('c'));
        assert!(slots.leave(c).is_none());
        assert!(slots.state.lock().standing.is_empty());
    }

    #[test]
    fn p33_one_that_comes_back_goes_before_those_that_have_not_begun() {
        let slots = Slots::new(1);
        let [a, b, c] = ids();
        _ = (slots.enter(a, 'a'), slots.enter(b, 'b'), slots.enter(c, 'c'));
        assert_eq!(start(slots.pause(a).unwrap()), Some('b'), "its slot goes to the next");
        assert!(slots.pause(a).is_err(), "it has none to give");
        assert!(!slots.poll_resume(a, Waker::noop()) && !slots.poll_resume(a, Waker::noop()));
        assert_eq!(slots.waiting(), 2, "asking twice is standing in line once");
        assert!(matches!(slots.leave(b), Some(Granted::Resume(_))));
        assert!(slots.poll_resume(a, Waker::noop()));
        assert_eq!(start(slots.leave(a)), Some('c'));
    }

    #[test]
    fn p33_one_that_stops_resuming_goes_on_without_a_slot() {
        let slots = Slots::new(1);
        let [a, b] = ids();
        _ = (slots.enter(a, 'a'), slots.enter(b, 'b'));
        _ = slots.pause(a);
        assert!(!slots.poll_resume(a, Waker::noop()));
        slots.stop_resuming(a);
        assert!(slots.leave(a).is_none(), "it gives no slot away that is b's");
        assert!(slots.leave(b).is_none());
        assert_eq!(slots.enter(a, 'a'), Some('a'));
        slots.stop_resuming(a);
        assert_eq!(slots.enter(b, 'b'), None, "a is still inside");
    }
}
