//! [`Restart`], what a start does about the others of its group, and [`Members`], where it is
//! decided.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::worker::id::WorkerId;
use crate::worker::record::Record;

/// What a start does about the other workers of its (scope, group). Decided atomically when the
/// worker is created.
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

/// What a restart policy decided about a new worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Start,
    /// It starts once those before it have left.
    Queue,
    /// It must be cancelled without having run.
    Skip,
}

/// The live workers of one group.
#[derive(Default)]
pub(crate) struct Members {
    live: BTreeMap<WorkerId, Arc<Record>>,
    /// The one member that waits for those before it to leave. There is at most one: a later one
    /// supersedes it.
    queued: Option<WorkerId>,
}

impl Members {
    /// The live workers, oldest first.
    pub(crate) fn live(&self) -> impl Iterator<Item = &Arc<Record>> {
        self.live.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.live.len()
    }

    pub(crate) fn get(&self, id: WorkerId) -> Option<&Arc<Record>> {
        self.live.get(&id)
    }

    pub(crate) fn add(&mut self, id: WorkerId, record: Arc<Record>, decision: Decision) {
        if decision == Decision::Queue {
            self.queued = Some(id);
        }
        self.live.insert(id, record);
    }

    pub(crate) fn remove(&mut self, id: WorkerId) -> Option<Arc<Record>> {
        if self.queued == Some(id) {
            self.queued = None;
        }
        self.live.remove(&id)
    }

    /// What the restart policy makes of the members that are there.
    pub(crate) fn decide(&self, restart: Restart) -> (Decision, Vec<Arc<Record>>) {
        let everyone = || self.live.values().cloned().collect::<Vec<_>>();
        let active = |record: &&Arc<Record>| record.is_started() && !record.is_cancelled();
        match restart {
            Restart::CancelPrevious => (Decision::Start, everyone()),
            Restart::AfterPrevious => {
                let decision = if self.must_wait() { Decision::Queue } else { Decision::Start };
                (decision, everyone())
            }
            Restart::KeepPrevious if self.live.values().any(|record| active(&record)) => {
                (Decision::Skip, Vec::new())
            }
            Restart::Parallel | Restart::KeepPrevious => (Decision::Start, Vec::new()),
            Restart::KeepLatest => {
                let waiting = self.queued.and_then(|queued| self.live.get(&queued).cloned());
                let decision = if self.must_wait() { Decision::Queue } else { Decision::Start };
                (decision, waiting.into_iter().collect())
            }
        }
    }

    /// Whether a new worker that must not overlap has to wait for another. A paused worker may
    /// never start, so it is not waited for.
    fn must_wait(&self) -> bool {
        self.live.values().any(|record| record.is_started())
    }

    /// Those that the queued worker waits for.
    pub(crate) fn predecessors(&self, id: WorkerId) -> impl Iterator<Item = &Arc<Record>> {
        self.live.range(..id).map(|(_, record)| record).filter(|record| record.is_started())
    }

    /// The queued worker, if none is left that it waits for.
    pub(crate) fn release(&mut self) -> Option<Arc<Record>> {
        let queued = self.queued?;
        if self.predecessors(queued).next().is_some() {
            return None;
        }
        self.queued = None;
        self.live.get(&queued).cloned()
    }
}
