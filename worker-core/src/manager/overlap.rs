//! [`Restart`], what a start does about the others of its group, and [`Members`], where it is
//! decided.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::worker::id::WorkerId;
use crate::worker::record::{Admitted, Decision, Record};

/// What a start does about the other workers of its (scope, group). Decided atomically when the
/// worker is created; for one that is created [`paused`](crate::WorkerBuilder::paused), again when
/// it is started.
///
/// A start that is skipped or superseded still gives a handle: its worker is `Cancelled` without
/// having run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Restart {
    /// Runs beside the others.
    #[default]
    Parallel,
    /// Cancels the others and starts at once, while a cancelled one may not have stopped yet.
    /// What [`exclusive`](crate::WorkerBuilder::exclusive) means: a search field's choice.
    CancelPrevious,
    /// Cancels the others and starts once they have really stopped: for work that must not overlap.
    AfterPrevious,
    /// Is skipped if another is active: a refresh timer's choice. A cancelled one that has not
    /// stopped yet no longer counts as active, nor does a paused one.
    KeepPrevious,
    /// One runs, at most one waits, and that is the newest: a saver's choice.
    KeepLatest,
}

impl Restart {
    /// Whether a start makes the others' answers outdated.
    pub(crate) fn supersedes(self) -> bool {
        matches!(self, Self::CancelPrevious | Self::AfterPrevious)
    }
}

/// The live workers of one group, and where its restart policies are decided.
///
/// *Invariant.* `queued` is the one member that waits for all those ranked below it to leave. There
/// is at most one: a later one supersedes it.
#[derive(Default)]
pub(crate) struct Members {
    /// By rank: the order of their starts.
    live: BTreeMap<Rank, Arc<Record>>,
    queued: Option<Rank>,
    /// Those that were created paused under a policy that is to be decided at their start.
    paused: BTreeMap<WorkerId, Restart>,
    /// The ranks of those that have been started since; the others' are their own numbers.
    started_later: BTreeMap<WorkerId, Rank>,
}

/// A number given at the creation of a worker, or at its start if it was created paused.
type Rank = WorkerId;

impl Members {
    /// The live workers, in the order of their starts. One that has finished is no longer live,
    /// though its terminal event may not be out yet.
    pub(crate) fn live(&self) -> impl Iterator<Item = &Arc<Record>> {
        self.live.values().filter(|record| !record.state().is_finished())
    }

    pub(crate) fn get(&self, id: WorkerId) -> Option<&Arc<Record>> {
        self.live.get(&self.rank(id)).filter(|record| !record.state().is_finished())
    }

    /// Decides about a worker that is about to be created. If it is `paused` it takes no place in
    /// the queue: that is decided when it is started.
    pub(crate) fn decide_new(&self, restart: Restart, paused: bool) -> Admitted {
        let mut admitted = self.decide(restart);
        if paused && admitted.decision == Decision::Queue {
            admitted.decision = Decision::Start;
        }
        if paused && restart == Restart::KeepLatest {
            admitted.superseded.clear();
        }
        admitted
    }

    pub(crate) fn add(&mut self, id: Rank, record: Arc<Record>, decision: Decision) {
        if decision == Decision::Queue {
            self.queued = Some(id);
        }
        self.live.insert(id, record);
    }

    /// As [`add`](Self::add), for a worker whose policy will be decided when it is started.
    pub(crate) fn add_paused(&mut self, id: WorkerId, record: Arc<Record>, restart: Restart) {
        self.paused.insert(id, restart);
        self.live.insert(id, record);
    }

    /// Marks a paused member as started, and decides about it as about a new one. `None` if no
    /// decision was put off.
    pub(crate) fn start(&mut self, id: WorkerId) -> Option<Admitted> {
        let restart = self.paused.remove(&id)?;
        let record = self.live.remove(&id)?;
        let admitted = self.decide(restart);
        let rank = WorkerId::next();
        self.started_later.insert(id, rank);
        record.mark_started();
        self.add(rank, record, admitted.decision);
        Some(admitted)
    }

    pub(crate) fn remove(&mut self, id: WorkerId) -> Option<Arc<Record>> {
        let rank = self.rank(id);
        self.paused.remove(&id);
        self.started_later.remove(&id);
        if self.queued == Some(rank) {
            self.queued = None;
        }
        self.live.remove(&rank)
    }

    /// What the restart policy makes of the members that are there.
    fn decide(&self, restart: Restart) -> Admitted {
        let all = || self.live().cloned().collect();
        let in_order = || if self.must_wait() { Decision::Queue } else { Decision::Start };
        let (decision, superseded) = match restart {
            Restart::CancelPrevious => (Decision::Start, all()),
            Restart::AfterPrevious => (in_order(), all()),
            Restart::KeepPrevious if self.live.values().any(|record| record.is_active()) => {
                (Decision::Skip, Vec::new())
            }
            Restart::Parallel | Restart::KeepPrevious => (Decision::Start, Vec::new()),
            Restart::KeepLatest => {
                let queued = self.queued.and_then(|queued| self.live.get(&queued).cloned());
                (in_order(), queued.into_iter().collect())
            }
        };
        Admitted { decision, superseded }
    }

    /// Whether a new worker that must not overlap has to wait for another. A paused worker may
    /// never start, so it is not waited for.
    fn must_wait(&self) -> bool {
        self.live.values().any(|record| record.is_started())
    }

    /// Those that the worker waits for, if it is queued.
    pub(crate) fn predecessors(&self, id: WorkerId) -> impl Iterator<Item = &Arc<Record>> {
        self.before(self.rank(id))
    }

    fn before(&self, rank: Rank) -> impl Iterator<Item = &Arc<Record>> {
        self.live.range(..rank).map(|(_, record)| record).filter(|record| record.is_started())
    }

    /// The queued worker, if none is left that it waits for.
    pub(crate) fn release(&mut self) -> Option<Arc<Record>> {
        let queued = self.queued?;
        if self.before(queued).next().is_some() {
            return None;
        }
        self.queued = None;
        self.live.get(&queued).cloned()
    }

    fn rank(&self, id: WorkerId) -> Rank {
        self.started_later.get(&id).copied().unwrap_or(id)
    }
}
