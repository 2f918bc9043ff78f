//! [`WorkerState`]: the five states of a worker.

use std::fmt;

/// Where a worker is in its life: `Pending → Running →` one of `Cancelled`, `Error`, `Success`.
///
/// A pending worker may also go straight to `Cancelled` (cancelled before it began, so its body
/// never ran) or to `Error` (it could not be started). The last three are terminal: they never
/// change.
///
/// ```
/// use worker_core::WorkerState;
///
/// assert!(!WorkerState::Running.is_finished());
/// assert_eq!(WorkerState::Success.to_string(), "SUCCESS");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WorkerState {
    /// Created and not yet running: not started, waiting for its predecessor, or queued for a
    /// thread.
    Pending,
    /// Its body is running now. A cancelled blocking body stays `Running` until it has really
    /// returned.
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
