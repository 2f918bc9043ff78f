//! [`State`] and [`Status`]: the states of builds, executions, jobs and runs in one vocabulary.

/// The meaning of a status, independent of the service. Each has one icon here and one colour in
/// the theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Running.
    Running,
    /// Queued.
    Queued,
    /// Accepted, but not yet queued or still being set up.
    Pending,
    /// Succeeded.
    Success,
    /// Failed.
    Failed,
    /// Ended by a time limit.
    TimedOut,
    /// Cancelled by a user.
    Cancelled,
    /// Ended without reporting a result.
    Crashed,
    /// Preempted: its machine is being, or has been, taken away.
    Preempting,
    /// A status that the monitor does not know.
    Unknown,
}

impl State {
    /// The icon before the status.
    pub const fn icon(self) -> &'static str {
        match self {
            Self::Running => "▶",
            Self::Queued => "◆",
            Self::Pending => "⏳",
            Self::Success => "✓",
            Self::Failed => "✗",
            Self::TimedOut => "⏱",
            Self::Cancelled => "⊗",
            Self::Crashed => "💥",
            Self::Preempting => "⚠",
            Self::Unknown => "?",
        }
    }
}

/// A status: its meaning, and the text the service uses for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The meaning.
    pub state: State,
    /// The service's own text, not escaped.
    pub raw: String,
}

impl Status {
    fn new(state: State, raw: &str) -> Self {
        Self { state, raw: raw.to_owned() }
    }

    /// From a Cloud Build status.
    pub fn of_build(raw: &str) -> Self {
        let state = match raw {
            "PENDING" => State::Pending,
            "QUEUED" => State::Queued,
            "WORKING" => State::Running,
            "SUCCESS" => State::Success,
            "FAILURE" | "INTERNAL_ERROR" => State::Failed,
            "TIMEOUT" | "EXPIRED" => State::TimedOut,
            "CANCELLED" => State::Cancelled,
            _ => State::Unknown,
        };
        Self::new(state, raw)
    }

    /// From a Vertex AI job state, with or without the prefix `JOB_STATE_`.
    pub fn of_job(raw: &str) -> Self {
        let raw = raw.strip_prefix("JOB_STATE_").unwrap_or(raw);
        let state = match raw {
            "PENDING" => State::Pending,
            "QUEUED" | "PAUSED" => State::Queued,
            "RUNNING" | "UPDATING" => State::Running,
            "SUCCEEDED" => State::Success,
            "FAILED" | "PARTIALLY_SUCCEEDED" => State::Failed,
            "EXPIRED" => State::TimedOut,
            "CANCELLING" | "CANCELLED" => State::Cancelled,
            _ => State::Unknown,
        };
        Self::new(state, raw)
    }

    /// From a Weights & Biases run state.
    pub fn of_run(raw: &str) -> Self {
        let state = match raw {
            "running" => State::Running,
            "pending" => State::Pending,
            "preempting" | "preempted" => State::Preempting,
            "finished" => State::Success,
            "failed" => State::Failed,
            "crashed" => State::Crashed,
            "killed" => State::Cancelled,
            _ => State::Unknown,
        };
        Self::new(state, raw)
    }

    /// From the status and reason of a Cloud Run execution's `Completed` condition, and whether the
    /// execution has started.
    pub fn of_execution(completed: Option<&str>, reason: &str, started: bool) -> Self {
        match (completed, reason) {
            (Some("True"), _) => Self::new(State::Success, "Succeeded"),
            (Some("False"), "Cancelled") => Self::new(State::Cancelled, "Cancelled"),
            (Some("False"), "Timeout" | "TimedOut" | "DeadlineExceeded") => {
                Self::new(State::TimedOut, "Timed out")
            }
            (Some("False"), _) => Self::new(State::Failed, "Failed"),
            (_, _) if started => Self::new(State::Running, "Running"),
            _ => Self::new(State::Pending, "Pending"),
        }
    }
}

#[cfg(test)]
mod tests;
