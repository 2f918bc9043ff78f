//! Why a fetch failed, told to a person.

use worker_core::Cancelled;

use super::PartError;

/// What kind of trouble it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Problem {
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
#[error("{what}{}", advice.as_deref().map(|advice| format!("; {advice}")).unwrap_or_default())]
pub struct SourceError {
    problem: Problem,
    what: String,
    advice: Option<String>,
}

impl SourceError {
    /// A failure of this kind: what failed, with what.
    pub fn new(problem: Problem, what: impl Into<String>) -> Self {
        Self { problem, what: what.into(), advice: None }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// What kind of trouble it is.
    pub fn problem(&self) -> Problem {
        self.problem
    }

    /// Several failures as one. Regions that failed alike are told of together.
    pub(super) fn of_parts(failed: &[PartError]) -> Option<Self> {
        let first = &failed.first()?.error;
        let mut told: Vec<(&SourceError, Vec<&str>)> = Vec::new();
        for PartError { region, error, .. } in failed {
            match told.iter_mut().find(|(known, _)| *known == error) {
                Some((_, regions)) => regions.extend(region.as_deref()),
                None => told.push((error, region.as_deref().into_iter().collect())),
            }
        }
        if let [(only, _)] = told.as_slice()
            && failed.iter().all(|part| part.region.is_none())
        {
            return Some((*only).clone());
        }
        let story = |(error, regions): &(&SourceError, Vec<&str>)| match regions.as_slice() {
            [] => error.to_string(),
            regions => format!("{}: {error}", regions.join(", ")),
        };
        let stories: Vec<_> = told.iter().map(story).collect();
        Some(Self::new(first.problem, stories.join(" | ")))
    }
}

impl From<Cancelled> for SourceError {
    fn from(cancelled: Cancelled) -> Self {
        Self::new(Problem::Cancelled, cancelled.to_string())
    }
}
