//! [`Lifecycle`]: a worker's state, cancel flag and start conditions, packed into one atomic `u16`.
//!
//! # Invariants
//!
//! 1. The state bits move only along `Pending → Running → Settling → terminal` or `Pending →
//!    Settling → terminal`; a terminal state never changes. The thread that moves the word to
//!    `Settling` owns the outcome: it alone stores the result or the error and then calls
//!    [`Lifecycle::finish`].
//! 2. Flags are only ever set, never cleared.
//! 3. A pending worker is handed to its executor exactly once: by the thread that meets the last of
//!    its [start conditions](StartCondition), and only if no cancel came first.
//! 4. Until `Announced` is met no other event of the worker may be emitted, so a cancel that comes
//!    before it only leaves its flag; the creator, who meets the condition, then settles the
//!    worker.

use std::fmt;

use crate::sync::primitives::atomic::{AtomicU16, Ordering};
use crate::worker::cancel_reason::CancelKind;
use crate::worker::state::WorkerState;

const STATE: u16 = 0b111;
const PENDING: u16 = 0;
const RUNNING: u16 = 1;
/// The outcome is decided and being stored. Seen from outside this still is what came before: see
/// [`Lifecycle::state`].
const SETTLING: u16 = 2;
const CANCELLED: u16 = 3;
const ERROR: u16 = 4;
const SUCCESS: u16 = 5;

/// A cancel was requested. May be set in any state, also a terminal one.
const CANCEL: u16 = 1 << 3;
/// The body has begun. Tells what `SETTLING` looks like from outside.
const BEGUN: u16 = 1 << 4;
/// The terminal event has been emitted; nothing more will happen.
const TERMINAL_EVENT_SENT: u16 = 1 << 5;
const ANNOUNCED: u16 = 1 << 6;
const STARTED: u16 = 1 << 7;
const DUE: u16 = 1 << 8;
const RELEASED: u16 = 1 << 9;
const ALL_CONDITIONS: u16 = ANNOUNCED | STARTED | DUE | RELEASED;
/// Why the cancel was requested: four bits, set together with `CANCEL`.
const KIND_SHIFT: u32 = 10;
const KIND: u16 = 0b1111 << KIND_SHIFT;

/// What must have happened before a worker may be queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StartCondition {
    /// Its `Pending` event has been emitted.
    Announced,
    /// The user wants it to run (at once, or by `start()` if it was created paused).
    Started,
    /// Its delay is over, or it has none.
    Due,
    /// Its restart policy no longer holds it back behind a predecessor.
    Released,
}

/// What the thread that met a condition must do now.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ConditionMet {
    /// All conditions are met: queue the worker.
    Launch,
    /// It was cancelled before it was announced: the caller owns the outcome and must settle it as
    /// cancelled.
    Settle,
    /// Nothing: another condition is not met, this one was met before, or the worker is past
    /// pending.
    Nothing,
}

/// What a request to cancel found.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum CancelRequest {
    /// It was pending: the caller owns the outcome and must settle it as cancelled.
    Settle,
    /// It is running, or pending and not announced yet: notify the cancel listeners.
    Notify,
    /// Cancelled before, or finished: nothing to do.
    Nothing,
}

/// What a body that has stopped is allowed to become.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// No cancel came in time: what the body returned counts.
    AsReturned,
    /// A cancel came first: whatever the body returned is dropped.
    Cancelled,
}

/// See the [module](self).
pub(crate) struct Lifecycle(AtomicU16);

impl Lifecycle {
    /// A pending worker with the given conditions already met. One that is `cancelled` from the
    /// beginning is settled by its announcer.
    pub(crate) fn new(met: impl IntoIterator<Item = StartCondition>, cancelled: Option<CancelKind>) -> Self {
        let flags = cancelled.map_or(0, cancel_flags);
        Self(AtomicU16::new(met.into_iter().fold(PENDING | flags, |word, condition| word | bit(condition))))
    }

    pub(crate) fn state(&self) -> WorkerState {
        let word = self.0.load(Ordering::Acquire);
        match word & STATE {
            CANCELLED => WorkerState::Cancelled,
            ERROR => WorkerState::Error,
            SUCCESS => WorkerState::Success,
            _ if word & BEGUN != 0 => WorkerState::Running,
            _ => WorkerState::Pending,
        }
    }

    /// Whether it is pending and its outcome is not decided yet.
    pub(crate) fn is_pending(&self) -> bool {
        self.0.load(Ordering::Acquire) & STATE == PENDING
    }

    /// Whether its outcome is decided: its body has stopped, or will never run.
    pub(crate) fn is_settled(&self) -> bool {
        self.0.load(Ordering::Acquire) & STATE >= SETTLING
    }

    /// Whether its body has begun.
    pub(crate) fn has_begun(&self) -> bool {
        self.0.load(Ordering::Acquire) & BEGUN != 0
    }

    /// Whether it is pending and has been started, but is not due or not released.
    pub(crate) fn awaits_time(&self) -> bool {
        let word = self.0.load(Ordering::Acquire);
        word & (STATE | STARTED) == PENDING | STARTED && word & (DUE | RELEASED) != DUE | RELEASED
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire) & CANCEL != 0
    }

    /// Why a cancel was requested, if one was.
    pub(crate) fn cancel_kind(&self) -> Option<CancelKind> {
        let word = self.0.load(Ordering::Acquire);
        (word & CANCEL != 0).then(|| CancelKind::numbered((word & KIND) >> KIND_SHIFT))
    }

    pub(crate) fn is_started(&self) -> bool {
        self.0.load(Ordering::Acquire) & STARTED != 0
    }

    pub(crate) fn is_due(&self) -> bool {
        self.0.load(Ordering::Acquire) & DUE != 0
    }

    pub(crate) fn is_released(&self) -> bool {
        self.0.load(Ordering::Acquire) & RELEASED != 0
    }

    /// Whether the terminal event has been emitted.
    pub(crate) fn terminal_event_sent(&self) -> bool {
        self.0.load(Ordering::Acquire) & TERMINAL_EVENT_SENT != 0
    }

    pub(crate) fn meet(&self, condition: StartCondition) -> ConditionMet {
        let before = self.0.fetch_or(bit(condition), Ordering::AcqRel);
        if before & bit(condition) != 0 || before & STATE != PENDING {
            return ConditionMet::Nothing;
        }
        match (before & CANCEL != 0, condition) {
            // The cancel came before the announcement and left the outcome to the announcer.
            (true, StartCondition::Announced) if self.claim_pending() => ConditionMet::Settle,
            (false, _) if (before | bit(condition)) & ALL_CONDITIONS == ALL_CONDITIONS => {
                ConditionMet::Launch
            }
            _ => ConditionMet::Nothing,
        }
    }

    pub(crate) fn request_cancel(&self, kind: CancelKind) -> CancelRequest {
        let flags = cancel_flags(kind);
        let mut word = self.0.load(Ordering::Acquire);
        loop {
            if word & CANCEL != 0 {
                return CancelRequest::Nothing;
            }
            let (next, found) = match word & STATE {
                PENDING if word & ANNOUNCED != 0 => {
                    ((word & !STATE) | SETTLING | flags, CancelRequest::Settle)
                }
                PENDING | RUNNING => (word | flags, CancelRequest::Notify),
                // The outcome stands. A limit that comes too late means nothing; a request still
                // tells a bridge to drop what the worker has queued.
                _ if kind == CancelKind::TimedOut => return CancelRequest::Nothing,
                _ => (word | flags, CancelRequest::Nothing),
            };
            match self.0.compare_exchange_weak(word, next, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return found,
                Err(actual) => word = actual,
            }
        }
    }

    /// `Pending → Running`. False if the worker was settled before: its body must not run.
    #[must_use]
    pub(crate) fn begin(&self) -> bool {
        self.0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |word| {
                (word & STATE == PENDING).then_some((word & !STATE) | RUNNING | BEGUN)
            })
            .is_ok()
    }

    /// `Pending → Settling`, for a worker that cannot be started. False if it is past pending.
    #[must_use]
    pub(crate) fn fail_to_start(&self) -> bool {
        self.claim_pending()
    }

    /// `Running → Settling`. Called once, by the code that ran the body.
    pub(crate) fn settle(&self) -> Settled {
        let before = self.0.fetch_xor(RUNNING ^ SETTLING, Ordering::AcqRel);
        debug_assert_eq!(before & STATE, RUNNING, "only a running worker settles");
        if before & CANCEL == 0 { Settled::AsReturned } else { Settled::Cancelled }
    }

    /// `Settling → terminal`. Called once, by the owner of the outcome, after storing it.
    pub(crate) fn finish(&self, terminal: WorkerState) {
        let bits = match terminal {
            WorkerState::Cancelled => CANCELLED,
            WorkerState::Error => ERROR,
            WorkerState::Success => SUCCESS,
            WorkerState::Pending | WorkerState::Running => unreachable!("not a terminal state"),
        };
        let before = self.0.fetch_xor(SETTLING ^ bits, Ordering::AcqRel);
        debug_assert_eq!(before & STATE, SETTLING, "only a settling worker finishes");
    }

    /// Says that the terminal event is out.
    pub(crate) fn mark_terminal_event_sent(&self) {
        self.0.fetch_or(TERMINAL_EVENT_SENT, Ordering::AcqRel);
    }

    fn claim_pending(&self) -> bool {
        self.0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |word| {
                (word & STATE == PENDING).then_some((word & !STATE) | SETTLING)
            })
            .is_ok()
    }
}

fn cancel_flags(kind: CancelKind) -> u16 {
    CANCEL | (kind as u16) << KIND_SHIFT
}

fn bit(condition: StartCondition) -> u16 {
    match condition {
        StartCondition::Announced => ANNOUNCED,
        StartCondition::Started => STARTED,
        StartCondition::Due => DUE,
        StartCondition::Released => RELEASED,
    }
}

impl fmt::Debug for Lifecycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = self.0.load(Ordering::Acquire);
        f.debug_struct("Lifecycle")
            .field("state", &self.state())
            .field("cancelled", &self.cancel_kind())
            .field(
                "conditions",
                &format_args!("{:04b}", (word & ALL_CONDITIONS) >> ANNOUNCED.trailing_zeros()),
            )
            .finish()
    }
}

#[cfg(test)]
mod tests;
