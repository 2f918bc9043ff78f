//! The states a worker goes through, and the one atomic word that holds them.
//!
//! # Invariants
//!
//! 1. The state bits move only along `Pending → Running → Settling → terminal` or `Pending → Settling → terminal`;
//!    a terminal state never changes. Whoever moves the word to `Settling` owns the outcome: it alone stores the
//!    result or the error and then calls [`Lifecycle::finish`].
//! 2. Flags are only ever set, never cleared.
//! 3. A pending worker is handed to its executor exactly once: by whoever opens the last of its [gates](Gate), and only
//!    if no cancel came first.
//! 4. Until the `Announced` gate is open no other event of the worker may be emitted, so a cancel that comes before it
//!    only leaves its flag; the creator, who opens the gate, then settles the worker.

use std::fmt;
use std::sync::atomic::{AtomicU16, Ordering};

/// Where a worker is in its life: `Pending → Running →` one of `Cancelled`, `Error`, `Success`.
///
/// A pending worker may also go straight to `Cancelled` (cancelled before it began, so its body never ran) or to
/// `Error` (it could not be started). The last three are terminal: they never change.
///
/// ```
/// use worker_core::WorkerState;
///
/// assert!(!WorkerState::Running.is_finished());
/// assert_eq!(WorkerState::Success.to_string(), "SUCCESS");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WorkerState {
    /// Created and not yet running: not started, waiting for its predecessor, or queued for a thread.
    Pending,
    /// Its body is running now. A cancelled blocking body stays `Running` until it has really returned.
    Running,
    /// It was cancelled and its body has stopped, or never ran.
    Cancelled,
    /// Its body failed, panicked or ran out of time, or it could not be started.
    Error,
    /// Its body returned `Ok`, and the result is stored.
    Success,
}

impl WorkerState {
    /// Whether the state is terminal: `Cancelled`, `Error` or `Success`.
    pub fn is_finished(self) -> bool {
        matches!(self, Self::Cancelled | Self::Error | Self::Success)
    }
}

/// Textual's spelling: `PENDING`, `RUNNING`, `CANCELLED`, `ERROR`, `SUCCESS`.
impl fmt::Display for WorkerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pending => "PENDING",
            Self::Running => "RUNNING",
            Self::Cancelled => "CANCELLED",
            Self::Error => "ERROR",
            Self::Success => "SUCCESS",
        })
    }
}

const STATE: u16 = 0b111;
const PENDING: u16 = 0;
const RUNNING: u16 = 1;
/// The outcome is decided and being stored. Seen from outside this still is what came before: see [`Lifecycle::state`].
const SETTLING: u16 = 2;
const CANCELLED: u16 = 3;
const ERROR: u16 = 4;
const SUCCESS: u16 = 5;

/// A cancel was requested. May be set in any state, also a terminal one.
const CANCEL: u16 = 1 << 3;
/// The cancel came from the worker's own timeout. Set together with `CANCEL`, never after it.
const TIMED_OUT: u16 = 1 << 4;
/// The body has begun. Tells what `SETTLING` looks like from outside.
const BEGUN: u16 = 1 << 5;
/// The terminal event has been emitted; nothing more will happen.
const DONE: u16 = 1 << 6;
const ANNOUNCED: u16 = 1 << 7;
const STARTED: u16 = 1 << 8;
const RELEASED: u16 = 1 << 9;
const ALL_GATES: u16 = ANNOUNCED | STARTED | RELEASED;

/// What must have happened before a worker may be queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gate {
    /// Its `Pending` event has been emitted.
    Announced,
    /// The user wants it to run (at once, or by `start()` if it was created paused).
    Started,
    /// Its restart policy no longer holds it back behind a predecessor.
    Released,
}

/// What the opener of a gate must do now.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    /// All gates are open: queue it.
    Launch,
    /// It was cancelled before it was announced: the caller owns the outcome and must settle it as cancelled.
    Settle(CancelReason),
    /// Nothing: another gate is shut, this one was open already, or the worker is past it.
    Nothing,
}

/// What a cancel found.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum CancelRequest {
    /// It was pending: the caller owns the outcome and must settle it as cancelled.
    Settle,
    /// The body is running (or about to be announced): tell those who watch for a cancel.
    Notify,
    /// Cancelled before, or finished: nothing to do.
    Nothing,
}

/// Why a worker was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CancelReason {
    Requested,
    TimedOut,
}

/// What a body that has stopped is allowed to become.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// No cancel came in time: what the body returned counts.
    AsReturned,
    /// A cancel came first: whatever the body returned is dropped.
    Cancelled(CancelReason),
}

/// The word.
pub(crate) struct Lifecycle(AtomicU16);

impl Lifecycle {
    /// A pending worker with the given gates already open.
    pub(crate) fn new(open: impl IntoIterator<Item = Gate>) -> Self {
        Self(AtomicU16::new(open.into_iter().fold(PENDING, |word, gate| word | bit(gate))))
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

    pub(crate) fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire) & CANCEL != 0
    }

    pub(crate) fn is_started(&self) -> bool {
        self.0.load(Ordering::Acquire) & STARTED != 0
    }

    pub(crate) fn is_released(&self) -> bool {
        self.0.load(Ordering::Acquire) & RELEASED != 0
    }

    /// Whether the terminal event has been emitted.
    pub(crate) fn is_done(&self) -> bool {
        self.0.load(Ordering::Acquire) & DONE != 0
    }

    pub(crate) fn open(&self, gate: Gate) -> Opened {
        let before = self.0.fetch_or(bit(gate), Ordering::AcqRel);
        if before & bit(gate) != 0 || before & STATE != PENDING {
            return Opened::Nothing;
        }
        match (before & CANCEL != 0, gate) {
            // The canceller saw no announcement and left the outcome to the announcer.
            (true, Gate::Announced) if self.claim_pending() => Opened::Settle(reason_in(before)),
            (false, _) if (before | bit(gate)) & ALL_GATES == ALL_GATES => Opened::Launch,
            _ => Opened::Nothing,
        }
    }

    pub(crate) fn request_cancel(&self, reason: CancelReason) -> CancelRequest {
        let flags = match reason {
            CancelReason::Requested => CANCEL,
            CancelReason::TimedOut => CANCEL | TIMED_OUT,
        };
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
                // The outcome stands. A limit that comes too late means nothing; a request still tells a bridge to drop
                // what the worker has queued.
                _ if reason == CancelReason::TimedOut => return CancelRequest::Nothing,
                _ => (word | CANCEL, CancelRequest::Nothing),
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
    pub(crate) fn give_up(&self) -> bool {
        self.claim_pending()
    }

    /// `Running → Settling`. Called once, by whoever ran the body.
    pub(crate) fn settle(&self) -> Settled {
        let before = self.0.fetch_xor(RUNNING ^ SETTLING, Ordering::AcqRel);
        debug_assert_eq!(before & STATE, RUNNING, "only a running worker settles");
        if before & CANCEL == 0 { Settled::AsReturned } else { Settled::Cancelled(reason_in(before)) }
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
    pub(crate) fn done(&self) {
        self.0.fetch_or(DONE, Ordering::AcqRel);
    }

    fn claim_pending(&self) -> bool {
        self.0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |word| {
                (word & STATE == PENDING).then_some((word & !STATE) | SETTLING)
            })
            .is_ok()
    }
}

/// The reason in a word that has `CANCEL` set.
fn reason_in(word: u16) -> CancelReason {
    if word & TIMED_OUT == 0 { CancelReason::Requested } else { CancelReason::TimedOut }
}

fn bit(gate: Gate) -> u16 {
    match gate {
        Gate::Announced => ANNOUNCED,
        Gate::Started => STARTED,
        Gate::Released => RELEASED,
    }
}

impl fmt::Debug for Lifecycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = self.0.load(Ordering::Acquire);
        f.debug_struct("Lifecycle")
            .field("state", &self.state())
            .field("cancelled", &(word & CANCEL != 0))
            .field("gates", &format_args!("{:03b}", (word & ALL_GATES) >> ANNOUNCED.trailing_zeros()))
            .finish()
    }
}

#[cfg(test)]
mod tests;
