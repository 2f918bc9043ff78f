//! Why a fetch failed, told to a person.

use worker_core::Cancelled;

/// What kind of trouble it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The worker was cancelled; nobody needs to be told.
    Cancelled,
    /// A program that is needed is not there.
    NotInstalled,
    /// Something must be set before this can work.
    NotConfigured,
    /// Nobody is logged in, or the login has run out.
    NotLoggedIn,
    /// Logged in, but not allowed.
    Denied,
    /// There is no such project, region, job or entity.
    NotFound,
    /// Too many requests, or a quota is used up.
    RateLimited,
    /// No answer in time.
    TimedOut,
    /// The service could not be reached.
    Unreachable,
    /// The service is in trouble itself.
    Unavailable,
    /// An answer came, but not one that makes sense.
    BadReply,
    /// The request was refused as wrong.
    Refused,
}

/// A fetch that failed: what failed, and what to do about it.
///
/// Texts of other programs are in it as they came, so it must be escaped before it is drawn; secrets never are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", advice.as_deref().map(|advice| format!("; {advice}")).unwrap_or_default())]
pub struct SourceError {
    kind: ErrorKind,
    message: String,
    advice: Option<String>,
}

impl SourceError {
    /// A failure of this kind: what failed, with what.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), advice: None }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn with_advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// What kind of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl From<Cancelled> for SourceError {
    fn from(cancelled: Cancelled) -> Self {
        Self::new(ErrorKind::Cancelled, cancelled.to_string())
    }
}
