//! [`History`]: what was observed in one episode, in one global order.
//!
//! Every observation has a [`Stamp`] from one counter. An operation has two, taken before it began
//! and after it returned; so *A returned before B began* is `a.until < b.since`, and everything
//! else counts as concurrent. Nothing is judged here: that is the [checker](crate::checker)'s work,
//! after the episode.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use worker_core::{CancelReason, Restart, WorkerId, WorkerState};

/// A moment in the global order of an episode.
pub(crate) type Stamp = u64;

/// A worker's number within its episode.
pub(crate) type CaseNumber = usize;

/// The root scope: the manager itself.
pub(crate) const ROOT: usize = 0;

/// How many workers of each concurrency limit run at once.
pub(crate) const LIMITS: [usize; 3] = [1, 2, 3];

/// Where a worker's body runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A blocking body on a thread.
    Thread,
    /// An async body on a thread.
    ThreadAsync,
    /// An async body on the UI's loop.
    Task,
}

/// What was asked for when a worker was started.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub(crate) kind: Kind,
    pub(crate) scope: usize,
    /// `None`: no group was named.
    pub(crate) group: Option<usize>,
    pub(crate) restart: Restart,
    pub(crate) limit: Option<Duration>,
    pub(crate) delay: Duration,
    /// The concurrency limit that it was given.
    pub(crate) concurrency: Option<usize>,
    pub(crate) paused: bool,
    /// The worker whose child it is.
    pub(crate) parent: Option<CaseNumber>,
    pub(crate) exit_on_error: bool,
    /// Something that its body owns panics when it is dropped.
    pub(crate) fragile: bool,
}

impl Spec {
    /// Whether the restart policies of the two meet.
    pub(crate) fn shares_lane(&self, other: &Self) -> bool {
        (self.scope, self.group) == (other.scope, other.group)
    }

    /// Whether its start cancels the others.
    pub(crate) fn supersedes(&self) -> bool {
        matches!(self.restart, Restart::CancelPrevious | Restart::AfterPrevious)
    }
}

/// How a body left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaving {
    Returned,
    Failed,
    Panicking,
    /// Its future was dropped.
    Dropped,
}

/// An error without its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    Failed,
    Panicked,
    Cancelled,
    TimedOut,
    Other,
}

/// What cancelled a worker, as far as the canceller knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// `cancel()` on its own handle.
    Handle,
    Group,
    Scope,
    ScopeDrop,
    Superseded,
    Shutdown,
}

/// How a callback is sent to the UI thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    Post,
    /// A timeout that a handle sets.
    Timer,
    TryPost,
    Latest,
    Call,
    AsyncCall,
}

/// What the sender of a callback was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Done,
    Closed,
    Cancelled,
    Panicked,
    Full,
    UiThread,
    Other,
}

/// Something that was seen of one worker.
#[derive(Clone, Debug)]
pub(crate) enum What {
    StartCalled,
    StartReturned,
    /// `start()` of a worker that was created paused has returned.
    Released {
        since: Stamp,
    },
    /// The event sink was called; `now` is the handle's state inside it.
    Emitted {
        state: WorkerState,
        now: WorkerState,
        has_result: bool,
    },
    /// The subscriber found this in its channel. The stamp means nothing, only the order.
    Subscribed(WorkerState),
    /// The UI's handler was called. `reported`: an error must come out of the loop next.
    Shown {
        state: WorkerState,
        has_result: bool,
        reported: bool,
    },
    /// The loop's turn failed with this worker's error.
    LoopFailed,
    Began,
    Left(Leaving),
    /// A cancel that covers it has returned.
    Cancelled {
        cause: Cause,
        since: Stamp,
        on_ui: bool,
        after: WorkerState,
        is_cancelled: bool,
        is_revoked: bool,
        reason: Option<CancelReason>,
    },
    /// Its body is about to do something in which it may give its slot back.
    Pauses,
    /// That has returned: unless it was cancelled, its body has its slot again.
    GoesOn,
    /// A retry has returned.
    Retried(Retried),
    /// A fan-out has returned.
    FannedOut(FannedOut),
    /// Its body has sent a callback.
    Sent {
        number: usize,
        delivery: Delivery,
        since: Stamp,
        on_ui: bool,
        answer: Answer,
    },
    /// The callback of this number runs on the UI thread.
    Ran {
        number: usize,
        delivery: Delivery,
    },
    /// The UI is to be told of its end, by the callback of this number.
    ToBeTold {
        number: usize,
    },
    /// The UI is told of its end.
    Told {
        number: usize,
        state: WorkerState,
    },
    /// A notice of its progress was shown.
    Progressed,
    /// A look at its handle.
    Seen {
        since: Stamp,
        state: WorkerState,
        has_result: bool,
    },
    /// What it is about to do; shown if it does not come back.
    Step(&'static str),
    /// The handle when the episode was over.
    Final {
        state: WorkerState,
        is_cancelled: bool,
        error: Option<ErrorKind>,
        has_result: bool,
        reason: Option<CancelReason>,
    },
}

/// What a retry did, and what its policy and the attempts were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Retried {
    /// How many attempts the policy allows.
    pub(crate) allowed: u32,
    /// The first that was to succeed.
    pub(crate) succeeds_at: u32,
    pub(crate) attempts: u32,
    /// An attempt was made although the one before had seen the cancel.
    pub(crate) went_on_after_cancel: bool,
    /// An attempt was made before the pause was over.
    pub(crate) was_early: bool,
    pub(crate) end: RetryEnd,
}

/// What a retry returned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum RetryEnd {
    Succeeded,
    /// The error of the attempt of this number.
    Failed(u32),
    #[default]
    Cancelled,
}

/// What a fan-out did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FannedOut {
    pub(crate) parts: usize,
    pub(crate) at_once: usize,
    /// How many ran at the same time.
    pub(crate) most: usize,
    /// The part that was to fail.
    pub(crate) fails: Option<usize>,
    /// Whether the first error was to call off the rest.
    pub(crate) tries: bool,
    /// It was within a part of another, which may have been called off.
    pub(crate) is_within_failing: bool,
    pub(crate) end: FanOutEnd,
}

/// What a fan-out returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FanOutEnd {
    /// Every part's own value, in order; only the one that was to fail has failed.
    AsPlanned,
    /// As planned, but that some parts were cancelled.
    PartlyCancelled,
    /// The planned error.
    Failed,
    Cancelled,
    /// A value of another part, too many or too few.
    Mixed,
}

/// An observation, with its place in the order and its time.
#[derive(Clone, Debug)]
pub(crate) struct Observation {
    pub(crate) stamp: Stamp,
    pub(crate) time: Duration,
    pub(crate) what: What,
}

impl fmt::Display for Observation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>7} {:>9.3}ms ", self.stamp, self.time.as_secs_f64() * 1e3)?;
        match self.what {
            What::Step(what) => write!(f, "about to {what}"),
            ref what => write!(f, "{what:?}"),
        }
    }
}

/// One worker, from the decision to start it.
#[derive(Debug, Default)]
pub(crate) struct Case {
    pub(crate) spec: OnceLock<Spec>,
    pub(crate) id: OnceLock<WorkerId>,
    log: Mutex<Vec<Observation>>,
}

/// An operation on more than one worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    CancelScope(usize),
    CancelGroup(usize, Option<usize>),
    DropScope(usize),
    /// Every paused worker is started.
    StartAll,
    Shutdown,
    CloseBridge,
}

/// A [`Deed`] and when it was done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    pub(crate) deed: Deed,
    pub(crate) since: Stamp,
    pub(crate) until: Stamp,
}

/// How a worker was waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Blocking,
    Limited(Duration),
    Async,
    /// `UiBridge::wait_for`.
    Pumping,
}

/// What a wait gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WaitAnswer {
    Value,
    Ended(ErrorKind),
    Deadlock,
    UiThread,
    NotStarted,
    Timeout,
    /// The waiter was cancelled.
    WaiterCancelled,
    /// Something else ended the loop that pumped.
    LoopEnded,
    /// The future was dropped first.
    Dropped,
    Other,
}

/// A wait that has returned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wait {
    /// The worker in whose body it was.
    pub(crate) waiter: Option<CaseNumber>,
    pub(crate) target: CaseNumber,
    pub(crate) way: Way,
    pub(crate) on_ui: bool,
    pub(crate) answer: WaitAnswer,
    pub(crate) since: Stamp,
    pub(crate) until: Stamp,
    pub(crate) took: Duration,
}

/// How an episode ended, as far as it matters to what may be missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ending {
    /// The UI thread turned until nothing was queued, and then no worker was left.
    pub(crate) is_drained: bool,
}

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct History {
    stamps: AtomicU64,
    began: Instant,
    cases: Box<[Case]>,
    opened: AtomicUsize,
    /// The parent of each scope; the root's is itself.
    scopes: Mutex<Vec<usize>>,
    operations: Mutex<Vec<Operation>>,
    waits: Mutex<Vec<Wait>>,
    /// Waits that have not returned, by their beginning.
    open_waits: Mutex<BTreeMap<Stamp, Wait>>,
    /// Callbacks that no worker has sent.
    outside: Mutex<Vec<Observation>>,
    callbacks: AtomicUsize,
    ending: Mutex<Ending>,
}

impl History {
    /// Room for `capacity` workers.
    pub(crate) fn new(capacity: usize, began: Instant) -> Self {
        Self {
            stamps: AtomicU64::new(1),
            began,
            cases: (0..capacity).map(|_| Case::default()).collect(),
            opened: AtomicUsize::new(0),
            scopes: Mutex::new(vec![ROOT]),
            operations: Mutex::default(),
            waits: Mutex::default(),
            open_waits: Mutex::default(),
            outside: Mutex::default(),
            callbacks: AtomicUsize::new(0),
            ending: Mutex::default(),
        }
    }

    /// The present moment.
    pub(crate) fn stamp(&self) -> Stamp {
        self.stamps.fetch_add(1, Ordering::SeqCst)
    }

    /// A number for the next worker; `None` if the room is used up.
    pub(crate) fn open(&self, spec: Spec) -> Option<CaseNumber> {
        let number = self.opened.fetch_add(1, Ordering::Relaxed);
        let case = self.cases.get(number)?;
        let _ = case.spec.set(spec);
        Some(number)
    }

    /// Whether there is no room for another worker.
    pub(crate) fn is_full(&self) -> bool {
        self.opened.load(Ordering::Relaxed) >= self.cases.len()
    }

    /// How many workers were started.
    pub(crate) fn count(&self) -> usize {
        self.opened.load(Ordering::Relaxed).min(self.cases.len())
    }

    /// The worker of this number.
    pub(crate) fn case(&self, number: CaseNumber) -> &Case {
        &self.cases[number]
    }

    /// Adds an observation of a worker, or of none.
    pub(crate) fn observe(&self, case: Option<CaseNumber>, time: Instant, what: What) {
        let time = time.saturating_duration_since(self.began);
        let log = case.map_or(&self.outside, |case| &self.cases[case].log);
        let mut log = log.lock();
        let stamp = self.stamp();
        log.push(Observation { stamp, time, what });
    }

    /// A number for a callback.
    pub(crate) fn next_callback(&self) -> usize {
        self.callbacks.fetch_add(1, Ordering::Relaxed)
    }

    /// Adds an operation that has just returned.
    pub(crate) fn add_operation(&self, deed: Deed, since: Stamp) {
        let until = self.stamp();
        self.operations.lock().push(Operation { deed, since, until });
    }

    /// A wait begins.
    pub(crate) fn open_wait(&self, wait: Wait) {
        self.open_waits.lock().insert(wait.since, wait);
    }

    /// Adds a wait that has returned.
    pub(crate) fn add_wait(&self, wait: Wait) {
        self.open_waits.lock().remove(&wait.since);
        self.waits.lock().push(wait);
    }

    /// A number for a scope within `parent`.
    pub(crate) fn add_scope(&self, parent: usize) -> usize {
        let mut scopes = self.scopes.lock();
        scopes.push(parent);
        scopes.len() - 1
    }

    /// Whether `scope` is `above` or within it.
    pub(crate) fn is_within(&self, scope: usize, above: usize) -> bool {
        let scopes = self.scopes.lock();
        let mut at = scope;
        while at != above && at != ROOT {
            at = scopes[at];
        }
        at == above
    }

    /// Says how the episode ended.
    pub(crate) fn set_ending(&self, ending: Ending) {
        *self.ending.lock() = ending;
    }

    /// How the episode ended.
    pub(crate) fn ending(&self) -> Ending {
        *self.ending.lock()
    }

    /// What was seen of a worker, in order.
    pub(crate) fn log(&self, case: CaseNumber) -> Vec<Observation> {
        self.cases[case].log.lock().clone()
    }

    /// What was seen of callbacks that no worker has sent.
    pub(crate) fn outside(&self) -> Vec<Observation> {
        self.outside.lock().clone()
    }

    /// All operations, in the order in which they returned.
    pub(crate) fn operations(&self) -> Vec<Operation> {
        self.operations.lock().clone()
    }

    /// The waits that have not returned.
    pub(crate) fn open_waits(&self) -> Vec<Wait> {
        self.open_waits.lock().values().copied().collect()
    }

    /// All waits, in the order in which they returned.
    pub(crate) fn waits(&self) -> Vec<Wait> {
        self.waits.lock().clone()
    }
}
