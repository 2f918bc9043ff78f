//! What a start does about those that came before it in its group.

/// What a start does about the other workers of its (scope, group). Decided atomically when the worker is created.
///
/// A start that is skipped or superseded still gives a handle: its worker is `Cancelled` without having run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Restart {
    /// Runs beside the others.
    #[default]
    Parallel,
    /// Cancels the others and starts at once, while a cancelled one may still be on its way out. What
    /// [`exclusive`](crate::WorkerBuilder::exclusive) means: a search field's choice.
    CancelPrevious,
    /// Cancels the others and starts once they have really stopped: for work that must not overlap.
    AfterPrevious,
    /// Is skipped if another is active: a refresh timer's choice. A cancelled one that has not stopped yet no longer
    /// counts as active, nor does a paused one.
    KeepPrevious,
    /// One runs, at most one waits, and that is the newest: a saver's choice.
    KeepLatest,
}
