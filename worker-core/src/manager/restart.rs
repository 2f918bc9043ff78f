//! [`Restart`]: the restart policies, what a start does about the other workers in its way;
//! [`Overlap`]: who these are. `members` decides by them (`decide`).

/// What a start does about the others in its way: the workers of its (scope, group), or, if it
/// names no group, those of its name in its scope. Decided atomically when the
/// worker is created; for one that is created [`paused`](crate::WorkerBuilder::paused), again when
/// it is started. What finished workers have still queued for the UI is revoked by the creation of
/// a superseding worker, not by its later start.
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
    ///
    /// If two that were started so, or by `AfterPrevious`, have not stopped yet, it is held until one
    /// of them has, for 250 ms at most: a fast typist's bodies that are slow to notice their cancel
    /// burn two cores, not all. Of those that are held only the newest is left.
    CancelPrevious,
    /// Cancels the others and starts once they have really stopped: for work that must not overlap.
    AfterPrevious,
    /// Is skipped if another is active: a refresh timer's choice. A cancelled one that has not
    /// stopped yet no longer counts as active, nor does a paused one.
    KeepPrevious,
    /// One runs, at most one waits, and that is the newest: a saver's choice.
    KeepLatest,
}

/// Whom a restart policy counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overlap {
    /// The workers of the same name: the worker names no group.
    Name,
    /// All workers of the group.
    Group,
}

/// What a start does, and about whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(crate) restart: Restart,
    pub(crate) overlap: Overlap,
}

impl Restart {
    /// Whether a start makes the others' answers outdated.
    pub(crate) fn supersedes(self) -> bool {
        matches!(self, Self::CancelPrevious | Self::AfterPrevious)
    }
}
