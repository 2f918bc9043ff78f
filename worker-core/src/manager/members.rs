//! [`Members`]: the live workers of a group, and where a restart policy decides about a start.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::manager::restart::{Overlap, Policy, Restart};
use crate::worker::cancel_reason::CancelReason;
use crate::worker::id::WorkerId;
use crate::worker::record::{Decision, Record, StartDecision};

/// The live workers of one group, and where its restart policies are decided.
///
/// *Invariant.* At most one member is queued, and waits for all those ranked below it to leave: a
/// later one supersedes it. At most one is held, and waits for all exclusive ones below it but one:
/// a later exclusive one supersedes it. The same holds for each [`Namesakes`] and those ranked
/// below among them.
#[derive(Default)]
pub(crate) struct Members {
    /// By rank: the order of their starts.
    live: BTreeMap<Rank, Arc<Record>>,
    waiting: Waiting,
    /// Those that were created paused under a policy that is to be decided at their start.
    paused: BTreeMap<WorkerId, Policy>,
    /// The ranks of those that have been started since; the others' are their own numbers.
    started_later: BTreeMap<WorkerId, Rank>,
}

/// The members of one name, kept where policies may count by name: in the default group.
#[derive(Default)]
pub(crate) struct Namesakes {
    /// In rising order. Those that have left may still be here: removing one from the midst would
    /// cost by how many there are.
    ranks: VecDeque<Rank>,
    /// How many of these have not left.
    live: usize,
    waiting: Waiting,
}

impl Namesakes {
    fn add(&mut self, rank: Rank) {
        self.ranks.push_back(rank);
        self.live += 1;
    }

    /// Removes a rank that is no longer in `live`.
    fn remove(&mut self, rank: Rank, live: &BTreeMap<Rank, Arc<Record>>) {
        self.live -= 1;
        self.ranks.pop_front_if(|first| *first == rank);
        if self.ranks.len() > 2 * self.live + FEW {
            self.ranks.retain(|rank| live.contains_key(rank));
        }
    }

    /// Those below `rank`, and some that have left.
    fn below(&self, rank: Rank) -> impl Iterator<Item = &Rank> {
        self.ranks.iter().take_while(move |below| **below < rank)
    }
}

/// So many ranks of members that have left may be kept.
const FEW: usize = 16;

/// The members that wait for others to leave.
#[derive(Default)]
struct Waiting {
    queued: Option<Rank>,
    held: Option<Rank>,
}

impl Waiting {
    fn is_empty(&self) -> bool {
        self.queued.is_none() && self.held.is_none()
    }

    fn forget(&mut self, rank: Rank) {
        self.queued.take_if(|queued| *queued == rank);
        self.held.take_if(|held| *held == rank);
    }
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

    /// The live workers of one name.
    pub(crate) fn live_namesakes<'a>(
        &'a self,
        namesakes: &'a Namesakes,
    ) -> impl Iterator<Item = &'a Arc<Record>> {
        self.counted(Some(namesakes)).filter(|record| !record.state().is_finished())
    }

    /// Decides about a worker that is about to be created. About a `paused` one it is decided when
    /// it is started; until then it takes no place in the queue and supersedes none there.
    pub(crate) fn decide_new(
        &self,
        policy: Policy,
        paused: bool,
        namesakes: Option<&Namesakes>,
    ) -> StartDecision {
        if policy.restart == Restart::Parallel {
            return StartDecision { decision: Decision::Start, superseded: Vec::new() };
        }
        let mut decided = self.decide(policy, namesakes);
        let skipped = matches!(decided.decision, Decision::Skip(_));
        if paused && !skipped {
            decided.decision = Decision::Defer;
            if !policy.restart.supersedes() {
                decided.superseded.clear();
            }
        }
        decided
    }

    pub(crate) fn add(
        &mut self,
        record: Arc<Record>,
        policy: Policy,
        decided: &StartDecision,
        namesakes: Option<&mut Namesakes>,
    ) {
        let id = record.id;
        if decided.decision == Decision::Defer {
            self.paused.insert(id, policy);
        }
        self.forget_policies(&decided.superseded);
        self.rank_at(id, record, policy.overlap, &decided.decision, namesakes);
    }

    /// A superseded worker is cancelled soon, and must supersede no other when it is started
    /// before.
    fn forget_policies(&mut self, superseded: &[Arc<Record>]) {
        if !self.paused.is_empty() {
            for record in superseded {
                self.paused.remove(&record.id);
            }
        }
    }

    fn rank_at(
        &mut self,
        rank: Rank,
        record: Arc<Record>,
        overlap: Overlap,
        decision: &Decision,
        mut namesakes: Option<&mut Namesakes>,
    ) {
        if let Some(namesakes) = &mut namesakes {
            namesakes.add(rank);
        }
        let waiting = match (overlap, namesakes) {
            (Overlap::Name, Some(namesakes)) => &mut namesakes.waiting,
            _ => &mut self.waiting,
        };
        match decision {
            Decision::Queue => waiting.queued = Some(rank),
            Decision::Hold => waiting.held = Some(rank),
            Decision::Start | Decision::Defer | Decision::Skip(_) => {}
        }
        self.live.insert(rank, record);
    }

    /// Marks a paused member as started, and decides about it as about a new one. `None` if no
    /// decision was put off, or none is needed: one that was cancelled is in no other's way.
    pub(crate) fn start(
        &mut self,
        id: WorkerId,
        mut namesakes: Option<&mut Namesakes>,
    ) -> Option<StartDecision> {
        let policy = self.paused.remove(&id)?;
        if self.live.get(&id)?.is_cancelled() {
            return None;
        }
        let record = self.live.remove(&id)?;
        if let Some(namesakes) = &mut namesakes {
            namesakes.remove(id, &self.live);
        }
        let decided = self.decide(policy, namesakes.as_deref());
        self.forget_policies(&decided.superseded);
        let rank = WorkerId::next();
        self.started_later.insert(id, rank);
        record.mark_started();
        self.rank_at(rank, record, policy.overlap, &decided.decision, namesakes);
        Some(decided)
    }

    /// Removes a member. Gives it, and those that waited for it and for no other.
    pub(crate) fn remove(
        &mut self,
        id: WorkerId,
        mut namesakes: Option<&mut Namesakes>,
    ) -> (Option<Arc<Record>>, Vec<Arc<Record>>) {
        let rank = self.rank(id);
        if rank != id {
            self.started_later.remove(&id);
        } else if !self.paused.is_empty() {
            self.paused.remove(&id);
        }
        self.waiting.forget(rank);
        let removed = self.live.remove(&rank);
        if let Some(namesakes) = &mut namesakes
            && removed.is_some()
        {
            namesakes.remove(rank, &self.live);
            namesakes.waiting.forget(rank);
        }
        (removed, self.release(namesakes))
    }

    /// The members that wait for no other any more; they leave their queues.
    fn release(&mut self, namesakes: Option<&mut Namesakes>) -> Vec<Arc<Record>> {
        if self.waiting.is_empty() && namesakes.as_ref().is_none_or(|namesakes| namesakes.waiting.is_empty())
        {
            return Vec::new(); // as mostly
        }
        let mut released = Vec::new();
        if let Some(namesakes) = namesakes {
            released = self.released(&namesakes.waiting, Some(namesakes));
            for record in &released {
                namesakes.waiting.forget(self.rank(record.id));
            }
        }
        let of_group = self.released(&self.waiting, None);
        for record in &of_group {
            self.waiting.forget(self.rank(record.id));
        }
        released.extend(of_group);
        released
    }

    /// Of those that wait, those that need not any more.
    fn released(&self, waiting: &Waiting, namesakes: Option<&Namesakes>) -> Vec<Arc<Record>> {
        let queued = waiting.queued.filter(|rank| self.before(*rank, namesakes).next().is_none());
        let exclusive = |rank| self.before(rank, namesakes).filter(|record| is_exclusive(record));
        let held = waiting.held.filter(|rank| exclusive(*rank).nth(1).is_none());
        let released = held.into_iter().chain(queued);
        released.filter_map(|rank| self.live.get(&rank).cloned()).collect()
    }

    /// Whether the member waits for all exclusive ones before it but one.
    pub(crate) fn is_held(&self, id: WorkerId, namesakes: Option<&Namesakes>) -> bool {
        let rank = Some(self.rank(id));
        self.waiting.held == rank || namesakes.is_some_and(|namesakes| namesakes.waiting.held == rank)
    }

    /// Lets a held member wait no longer. False if it is not held.
    pub(crate) fn overtake(&mut self, id: WorkerId, namesakes: Option<&mut Namesakes>) -> bool {
        let is_held = self.is_held(id, namesakes.as_deref());
        if is_held {
            let rank = self.rank(id);
            self.waiting.forget(rank);
            if let Some(namesakes) = namesakes {
                namesakes.waiting.forget(rank);
            }
        }
        is_held
    }

    /// What the restart policy makes of the members that are there.
    fn decide(&self, policy: Policy, namesakes: Option<&Namesakes>) -> StartDecision {
        let namesakes = namesakes.filter(|_| policy.overlap == Overlap::Name);
        let counted = || self.counted(namesakes).filter(|record| !record.state().is_finished());
        let all = || counted().cloned().collect();
        // A paused worker may never start, so it is not waited for.
        let must_wait = || self.counted(namesakes).any(|record| record.is_started());
        let in_order = || if must_wait() { Decision::Queue } else { Decision::Start };
        let (decision, superseded) = match policy.restart {
            Restart::CancelPrevious => self.decide_exclusive(namesakes),
            Restart::AfterPrevious => (in_order(), all()),
            Restart::KeepPrevious => match counted().find(|record| record.is_active()) {
                Some(active) => {
                    let under_way = active.label();
                    (Decision::Skip(CancelReason::Skipped { under_way }), Vec::new())
                }
                None => (Decision::Start, Vec::new()),
            },
            Restart::Parallel => (Decision::Start, Vec::new()),
            Restart::KeepLatest => {
                let queued = namesakes.map_or(self.waiting.queued, |namesakes| namesakes.waiting.queued);
                let queued = queued.and_then(|queued| self.live.get(&queued).cloned());
                (in_order(), queued.into_iter().collect())
            }
        };
        StartDecision { decision, superseded }
    }

    /// An exclusive start supersedes all, and is held behind two exclusive ones that have not left. One
    /// pass, because a fast typist makes many such starts.
    fn decide_exclusive(&self, namesakes: Option<&Namesakes>) -> (Decision, Vec<Arc<Record>>) {
        let mut exclusive = 0;
        let unfinished = |record: &&Arc<Record>| {
            exclusive += usize::from(is_exclusive(record));
            !record.state().is_finished()
        };
        let superseded = match namesakes {
            Some(namesakes) => self.at(namesakes.ranks.iter()).filter(unfinished).cloned().collect(),
            None => self.live.values().filter(unfinished).cloned().collect(),
        };
        (if exclusive > 1 { Decision::Hold } else { Decision::Start }, superseded)
    }

    /// The namesakes, or all members.
    fn counted<'a>(&'a self, namesakes: Option<&'a Namesakes>) -> impl Iterator<Item = &'a Arc<Record>> {
        let named = namesakes.map(|namesakes| &namesakes.ranks);
        let all = named.is_none().then(|| self.live.values());
        self.at(named.into_iter().flatten()).chain(all.into_iter().flatten())
    }

    fn at<'a>(&'a self, ranks: impl Iterator<Item = &'a Rank>) -> impl Iterator<Item = &'a Arc<Record>> {
        ranks.filter_map(|rank| self.live.get(rank))
    }

    /// Those that the worker waits for until they leave, if it is queued. If one of these is queued
    /// behind the whole group, those that it waits for are among them. One that is held waits only
    /// for a while.
    pub(crate) fn predecessors(&self, id: WorkerId, namesakes: Option<&Namesakes>) -> Vec<WorkerId> {
        let rank = self.rank(id);
        let named = namesakes.filter(|namesakes| namesakes.waiting.queued == Some(rank));
        let mut before = Vec::new();
        if named.is_some() || self.waiting.queued == Some(rank) {
            before.extend(self.before(rank, named).map(|record| record.id));
        }
        if let (Some(named), Some(queued)) = (named, self.waiting.queued)
            && queued < rank
            && named.ranks.binary_search(&queued).is_ok()
        {
            before.extend(self.before(queued, None).map(|record| record.id));
        }
        before
    }

    /// Those ranked below, among the namesakes or all members, that have been started.
    fn before<'a>(
        &'a self,
        rank: Rank,
        namesakes: Option<&'a Namesakes>,
    ) -> impl Iterator<Item = &'a Arc<Record>> {
        let named = namesakes.map(|namesakes| namesakes.below(rank));
        let all = named.is_none().then(|| self.live.range(..rank).map(|(_, record)| record));
        self.at(named.into_iter().flatten())
            .chain(all.into_iter().flatten())
            .filter(|record| record.is_started())
    }

    fn rank(&self, id: WorkerId) -> Rank {
        self.started_later.get(&id).copied().unwrap_or(id)
    }
}

/// Whether it was started by superseding the others in its way.
fn is_exclusive(record: &Arc<Record>) -> bool {
    record.spec.supersedes && record.is_started()
}
