//! [`Members`]: the live workers of a group, and where a restart policy decides about a start.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::manager::restart::Restart;
use crate::worker::id::WorkerId;
use crate::worker::record::{Decision, Record, StartDecision};

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

    /// Decides about a worker that is about to be created. About a `paused` one it is decided when
    /// it is started; until then it takes no place in the queue and supersedes none there.
    pub(crate) fn decide_new(&self, restart: Restart, paused: bool) -> StartDecision {
        let mut decided = self.decide(restart);
        if paused && restart != Restart::Parallel && decided.decision != Decision::Skip {
            decided.decision = Decision::Defer;
            if !restart.supersedes() {
                decided.superseded.clear();
            }
        }
        decided
    }

    pub(crate) fn add(&mut self, id: WorkerId, record: Arc<Record>, restart: Restart, decision: Decision) {
        if decision == Decision::Defer {
            self.paused.insert(id, restart);
        }
        self.rank_at(id, record, decision);
    }

    fn rank_at(&mut self, rank: Rank, record: Arc<Record>, decision: Decision) {
        if decision == Decision::Queue {
            self.queued = Some(rank);
        }
        self.live.insert(rank, record);
    }

    /// Marks a paused member as started, and decides about it as about a new one. `None` if no
    /// decision was put off, or none is needed: one that was cancelled is in no other's way.
    pub(crate) fn start(&mut self, id: WorkerId) -> Option<StartDecision> {
        let restart = self.paused.remove(&id)?;
        if self.live.get(&id)?.is_cancelled() {
            return None;
        }
        let record = self.live.remove(&id)?;
        let decided = self.decide(restart);
        let rank = WorkerId::next();
        self.started_later.insert(id, rank);
        record.mark_started();
        self.rank_at(rank, record, decided.decision);
        Some(decided)
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
    fn decide(&self, restart: Restart) -> StartDecision {
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
        StartDecision { decision, superseded }
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
