//! [`Life`]: the moments of one worker that the promises speak of, found in its log.

use std::collections::BTreeMap;
use std::time::Duration;

use worker_core::{Restart, WorkerId, WorkerState};

use crate::history::{
    Case, CaseNumber, Deed, Ending, ErrorKind, History, Kind, Leaving, Observation, Operation, Spec, Stamp,
    Wait, What,
};

/// The last look at a handle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Final {
    pub(crate) state: WorkerState,
    pub(crate) is_cancelled: bool,
    pub(crate) error: Option<ErrorKind>,
}

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Life {
    pub(crate) number: CaseNumber,
    pub(crate) spec: Spec,
    pub(crate) id: Option<WorkerId>,
    pub(crate) log: Vec<Observation>,
    pub(crate) start_called: Stamp,
    pub(crate) start_returned: Option<Stamp>,
    /// Its restart policy was not decided about before this.
    pub(crate) decided_from: Stamp,
    /// If it was started at all, it counted as started from here on at the latest.
    pub(crate) started_by: Option<Stamp>,
    pub(crate) began: Option<Stamp>,
    pub(crate) left: Option<(Stamp, Leaving)>,
    pub(crate) running: Option<(Stamp, Duration)>,
    pub(crate) terminal: Option<(Stamp, Duration, WorkerState)>,
    /// The beginnings and ends of the cancels that cover it for sure.
    pub(crate) cancels: Vec<(Stamp, Stamp)>,
    pub(crate) last: Option<Final>,
}

impl Life {
    fn new(number: CaseNumber, case: &Case, log: Vec<Observation>, operations: &[Operation]) -> Option<Self> {
        let mut life = Self {
            number,
            spec: case.spec.get()?.clone(),
            id: case.id.get().copied(),
            log: Vec::new(),
            start_called: 0,
            start_returned: None,
            decided_from: 0,
            started_by: None,
            began: None,
            left: None,
            running: None,
            terminal: None,
            cancels: Vec::new(),
            last: None,
        };
        let mut released: Option<(Stamp, Stamp)> = None;
        for Observation { stamp, time, what } in &log {
            match what {
                What::StartCalled => life.start_called = *stamp,
                What::StartReturned => life.start_returned = Some(*stamp),
                What::Released { since } => {
                    let (first, by) = released.unwrap_or((*since, *stamp));
                    released = Some((first.min(*since), by.min(*stamp)));
                }
                What::Began => life.began = Some(*stamp),
                What::Left(leaving) => life.left = Some((*stamp, *leaving)),
                What::Emitted { state: WorkerState::Running, .. } => life.running = Some((*stamp, *time)),
                What::Emitted { state, .. } if state.is_finished() => {
                    life.terminal.get_or_insert((*stamp, *time, *state));
                }
                What::Cancelled { since, .. } => life.cancels.push((*since, *stamp)),
                What::Final { state, is_cancelled, error, .. } => {
                    life.last = Some(Final { state: *state, is_cancelled: *is_cancelled, error: *error });
                }
                _ => {}
            }
        }
        (life.decided_from, life.started_by) = if life.spec.paused {
            // Others may start it before its creator has its handle.
            let called = life.start_called;
            let by_all = operations
                .iter()
                .filter(|operation| operation.deed == Deed::StartAll && operation.until > called)
                .map(|operation| operation.since.max(called));
            let from = by_all.chain(released.map(|(from, _)| from)).min();
            (from.unwrap_or(Stamp::MAX), released.map(|(_, by)| by))
        } else {
            (life.start_called, life.start_returned)
        };
        life.log = log;
        Some(life)
    }

    /// When its state was final at the latest.
    pub(crate) fn ended_by(&self) -> Stamp {
        self.terminal.map_or(Stamp::MAX, |(stamp, ..)| stamp)
    }

    /// When its body left.
    pub(crate) fn left_at(&self) -> Option<Stamp> {
        self.left.map(|(stamp, _)| stamp)
    }

    /// Whether its body was not left before `stamp`, and no cancel of it had begun by then.
    pub(crate) fn was_surely_active_at(&self, lives: &Lives, stamp: Stamp) -> bool {
        self.left_at().is_some_and(|left| left > stamp)
            && self.spec.limit.is_none()
            && lives.first_cancel(self) > stamp
    }
}

/// All workers of an episode, and what happened beside them.
#[derive(Debug)]
pub(crate) struct Lives<'h> {
    pub(crate) history: &'h History,
    pub(crate) all: Vec<Life>,
    pub(crate) operations: Vec<Operation>,
    pub(crate) waits: Vec<Wait>,
    pub(crate) ending: Ending,
    /// The closing of the bridge.
    pub(crate) closed: Option<Operation>,
    places: BTreeMap<CaseNumber, usize>,
    /// For each worker, when the first cancel of it may have begun.
    first_cancels: Vec<Stamp>,
}

impl<'h> Lives<'h> {
    /// Reads a history.
    pub(crate) fn new(history: &'h History) -> Self {
        let operations = history.operations();
        let life = |number| Life::new(number, history.case(number), history.log(number), &operations);
        let all: Vec<Life> = (0..history.count()).filter_map(life).collect();
        let closed = operations
            .iter()
            .filter(|operation| operation.deed == Deed::CloseBridge)
            .min_by_key(|operation| operation.until)
            .copied();
        let places = all.iter().enumerate().map(|(place, life)| (life.number, place)).collect();
        let waits = history.waits();
        let ending = history.ending();
        let first_cancels = Vec::new();
        let mut lives = Self { history, all, operations, waits, ending, closed, places, first_cancels };
        lives.first_cancels = lives.all.iter().map(|life| lives.find_first_cancel(life, 0)).collect();
        lives
    }

    /// The worker of this number.
    pub(crate) fn get(&self, number: CaseNumber) -> Option<&Life> {
        self.places.get(&number).map(|place| &self.all[*place])
    }

    /// When the first cancel that may have reached it began; `Stamp::MAX` if there was none. Its
    /// own start's being skipped does not count, nor does its own time limit.
    pub(crate) fn first_cancel(&self, life: &Life) -> Stamp {
        self.places.get(&life.number).map_or(Stamp::MAX, |place| self.first_cancels[*place])
    }

    fn find_first_cancel(&self, life: &Life, depth: usize) -> Stamp {
        let own = life.cancels.iter().map(|(since, _)| *since);
        let by_operations = self.operations.iter().filter_map(|operation| self.reached(life, operation));
        let by_starts = self.all.iter().filter_map(|other| superseded_from(life, other));
        let by_parent = life.spec.parent.and_then(|parent| self.get(parent)).map(|parent| {
            // A limit of the parent's may cancel it at any time.
            let limited = if parent.spec.limit.is_some() { 0 } else { Stamp::MAX };
            let above = if depth < 64 { self.find_first_cancel(parent, depth + 1) } else { 0 };
            limited.min(above).max(life.start_called)
        });
        own.chain(by_operations).chain(by_starts).chain(by_parent).min().unwrap_or(Stamp::MAX)
    }

    /// Whether anything may have revoked what a worker has queued, even after its end.
    pub(crate) fn may_be_revoked(&self, life: &Life) -> bool {
        let by_start = |other: &Life| other.spec.supersedes() && other.spec.shares_lane(&life.spec);
        life.last.is_none_or(|last| last.is_cancelled)
            || self.first_cancel(life) < Stamp::MAX
            || self.all.iter().any(|other| other.number != life.number && by_start(other))
            || self.operations.iter().any(|operation| self.covers(life, operation.deed).0)
    }

    /// From when on an operation may have cancelled a worker.
    fn reached(&self, life: &Life, operation: &Operation) -> Option<Stamp> {
        let Operation { deed, since, until } = *operation;
        let (covers, is_for_good) = self.covers(life, deed);
        (covers && since < life.ended_by() && (is_for_good || until > life.start_called))
            .then(|| since.max(life.start_called))
    }

    /// Whether a deed is about a worker, and whether about those that are started later, too.
    pub(crate) fn covers(&self, life: &Life, deed: Deed) -> (bool, bool) {
        let is_within = |scope| self.history.is_within(life.spec.scope, scope);
        match deed {
            Deed::CancelScope(scope) => (is_within(scope), false),
            Deed::CancelGroup(scope, group) => ((life.spec.scope, life.spec.group) == (scope, group), false),
            Deed::DropScope(scope) => (is_within(scope), true),
            Deed::Shutdown => (true, true),
            Deed::CloseBridge => (life.spec.kind == Kind::Task, true),
            Deed::StartAll => (false, false),
        }
    }
}

/// From when on the start of `other` may have superseded `life`.
fn superseded_from(life: &Life, other: &Life) -> Option<Stamp> {
    if other.number == life.number || !other.spec.shares_lane(&life.spec) {
        return None;
    }
    // Only one that waits its turn is superseded by a `KeepLatest`.
    let waits = matches!(life.spec.restart, Restart::KeepLatest | Restart::AfterPrevious);
    let by_queue = other.spec.restart == Restart::KeepLatest && waits && life.began.is_none();
    if !other.spec.supersedes() && !by_queue {
        return None;
    }
    // One that was created paused is decided about again when it is started, before its body
    // begins.
    let until = if other.spec.paused {
        other.began.unwrap_or(Stamp::MAX)
    } else {
        other.start_returned.unwrap_or(Stamp::MAX)
    };
    let is_later = other.spec.paused || life.spec.paused || other.id > life.id;
    (is_later && other.start_called < life.ended_by() && until > life.start_called)
        .then(|| other.start_called.max(life.start_called))
}
