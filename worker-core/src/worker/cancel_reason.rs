//! [`CancelReason`]: why a worker was cancelled, in words that a UI can show.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::worker::id::WorkerId;

/// Why a worker was cancelled. The first reason stays.
///
/// A UI is silent about what the user has caused by going on, and says the rest:
///
/// ```
/// use worker_core::{CancelReason, WorkerManager};
///
/// let workers = WorkerManager::new();
/// let search = || workers.worker("search").exclusive().paused().thread(|_| Ok(()));
/// let (old, _new) = (search(), search());
///
/// let reason = old.cancel_reason().unwrap();
/// assert!(matches!(reason, CancelReason::Superseded { .. }));
/// assert!(reason.to_string().starts_with("superseded by worker \"search\" (#"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CancelReason {
    /// Somebody called `cancel`, on it, its group, its scope or on all.
    Requested,
    /// A newer start took its place, as its [restart policy](crate::Restart) says.
    #[non_exhaustive]
    Superseded {
        /// The newer worker.
        by: WorkerLabel,
    },
    /// It never ran: its own restart policy found another worker under way.
    #[non_exhaustive]
    Skipped {
        /// The worker that is under way.
        under_way: WorkerLabel,
    },
    /// Its scope was dropped, or had been dropped before it was started.
    ScopeDropped,
    /// The worker that it is a [child](crate::WorkerBuilder::child) of was cancelled.
    Parent,
    /// Its own [time limit](crate::WorkerBuilder::timeout) ran out.
    TimedOut,
    /// The manager was shut down, or had been before it was started.
    Shutdown,
    /// The UI's loop, which ran it, is gone.
    LoopClosed,
    /// It is a part of a [fan-out](crate::WorkerContext::try_map), and another part of it failed.
    PartFailed,
}

/// `superseded by worker "search" (#8)`
impl fmt::Display for CancelReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requested => f.write_str("by request"),
            Self::Superseded { by } => write!(f, "superseded by {by}"),
            Self::Skipped { under_way } => write!(f, "skipped: {under_way} is under way"),
            Self::ScopeDropped => f.write_str("its scope is gone"),
            Self::Parent => f.write_str("its parent was cancelled"),
            Self::TimedOut => f.write_str("its time limit ran out"),
            Self::Shutdown => f.write_str("its manager is shut down"),
            Self::LoopClosed => f.write_str("the UI's loop is gone"),
            Self::PartFailed => f.write_str("another part failed"),
        }
    }
}

/// A worker's name and number: what is said of a worker that may be gone. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WorkerLabel(Arc<(Cow<'static, str>, WorkerId)>);

impl WorkerLabel {
    pub(crate) fn new(name: Cow<'static, str>, id: WorkerId) -> Self {
        Self(Arc::new((name, id)))
    }

    /// The name it was started under.
    pub fn name(&self) -> &str {
        &self.0.0
    }

    /// Its number.
    pub fn id(&self) -> WorkerId {
        self.0.1
    }
}

/// `worker "builds" (#7)`, with control characters of the name escaped.
impl fmt::Display for WorkerLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "worker {:?} ({})", self.name(), self.id())
    }
}

/// A [`CancelReason`] without the other worker, as the lifecycle word holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(crate) enum CancelKind {
    Requested,
    Superseded,
    Skipped,
    ScopeDropped,
    Parent,
    TimedOut,
    Shutdown,
    LoopClosed,
    PartFailed,
}

impl CancelKind {
    const ALL: [Self; 9] = [
        Self::Requested,
        Self::Superseded,
        Self::Skipped,
        Self::ScopeDropped,
        Self::Parent,
        Self::TimedOut,
        Self::Shutdown,
        Self::LoopClosed,
        Self::PartFailed,
    ];

    /// The kind of this number.
    pub(crate) fn numbered(number: u16) -> Self {
        Self::ALL[usize::from(number)]
    }

    /// The reason, with the other worker that it names. Those that name one are never without.
    pub(crate) fn with(self, other: Option<&WorkerLabel>) -> CancelReason {
        match (self, other) {
            (Self::Superseded, Some(by)) => CancelReason::Superseded { by: by.clone() },
            (Self::Skipped, Some(under_way)) => CancelReason::Skipped { under_way: under_way.clone() },
            (Self::Superseded | Self::Skipped | Self::Requested, _) => CancelReason::Requested,
            (Self::ScopeDropped, _) => CancelReason::ScopeDropped,
            (Self::Parent, _) => CancelReason::Parent,
            (Self::TimedOut, _) => CancelReason::TimedOut,
            (Self::Shutdown, _) => CancelReason::Shutdown,
            (Self::LoopClosed, _) => CancelReason::LoopClosed,
            (Self::PartFailed, _) => CancelReason::PartFailed,
        }
    }
}

impl CancelReason {
    /// Takes the other worker out of it.
    pub(crate) fn into_parts(self) -> (CancelKind, Option<WorkerLabel>) {
        match self {
            Self::Requested => (CancelKind::Requested, None),
            Self::Superseded { by } => (CancelKind::Superseded, Some(by)),
            Self::Skipped { under_way } => (CancelKind::Skipped, Some(under_way)),
            Self::ScopeDropped => (CancelKind::ScopeDropped, None),
            Self::Parent => (CancelKind::Parent, None),
            Self::TimedOut => (CancelKind::TimedOut, None),
            Self::Shutdown => (CancelKind::Shutdown, None),
            Self::LoopClosed => (CancelKind::LoopClosed, None),
            Self::PartFailed => (CancelKind::PartFailed, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p32_a_reason_comes_out_of_its_parts_as_it_went_in() {
        let label = WorkerLabel::new("w".into(), WorkerId::next());
        for kind in CancelKind::ALL {
            assert_eq!(CancelKind::numbered(kind as u16), kind);
            let (parts_kind, other) = kind.with(Some(&label)).into_parts();
            assert_eq!(parts_kind, kind);
            assert_eq!(other.is_some(), matches!(kind, CancelKind::Superseded | CancelKind::Skipped));
        }
    }
}
