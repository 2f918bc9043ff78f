//! [`SourceError`]: why a fetch failed, and what to do about it.

use std::time::Duration;

use worker_core::Cancelled;

/// The kind of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The worker was cancelled. Not reported to the user.
    Cancelled,
    /// A required program is not installed.
    NotInstalled,
    /// A required setting is missing.
    NotConfigured,
    /// Not logged in, or the login has expired.
    NotLoggedIn,
    /// Logged in, but without permission.
    Denied,
    /// The project, region, job or entity does not exist.
    NotFound,
    /// Too many requests, or a quota is exhausted.
    RateLimited,
    /// No reply in time.
    TimedOut,
    /// The service could not be reached.
    Unreachable,
    /// The service reported an internal failure.
    Unavailable,
    /// The reply could not be understood.
    BadReply,
    /// The reply is larger than what is read of one.
    TooLarge,
    /// The service rejected the request as invalid.
    Refused,
}

impl ErrorKind {
    /// Whether it may be over if one waits.
    pub fn may_pass(self) -> bool {
        matches!(self, Self::RateLimited | Self::TimedOut | Self::Unreachable | Self::Unavailable)
    }
}

/// The failure of a fetch: what failed, and what to do about it.
///
/// It may contain text of other programs, so it must be escaped before it is drawn. It never
/// contains secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", advice.as_deref().map(|advice| format!("; {advice}")).unwrap_or_default())]
pub struct SourceError {
    kind: ErrorKind,
    message: String,
    advice: Option<String>,
    retry_after: Option<Duration>,
}

impl SourceError {
    /// Creates an error: its kind, and what failed.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), advice: None, retry_after: None }
    }

    /// Adds what the user can do about it.
    #[must_use]
    pub fn with_advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// Says, before what failed, what came of it or when it happened.
    #[must_use]
    pub fn with_context(mut self, context: &str) -> Self {
        self.message = format!("{context}: {}", self.message);
        self
    }

    /// Adds how long the service said to wait before the next request.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// How long the service said to wait before the next request, counted from the failure.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The kind of the failure.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl From<Cancelled> for SourceError {
    fn from(cancelled: Cancelled) -> Self {
        Self::new(ErrorKind::Cancelled, cancelled.to_string())
    }
}
