//! The time of day.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use worker_core::Clock;

/// A wall clock: the system's own, or one that began at a chosen time and runs with a [`Clock`].
///
/// The demo's world begins at a fixed time, so that it is the same on every run; a test drives the clock by hand.
#[derive(Clone)]
pub struct WallClock(Kind);

#[derive(Clone)]
enum Kind {
    System,
    Since { began: Timestamp, at: Instant, clock: Arc<dyn Clock> },
}

impl WallClock {
    /// The system's time of day.
    pub const fn system() -> Self {
        Self(Kind::System)
    }

    /// It is `began` now, and goes on with `clock`.
    pub fn starting_at(began: Timestamp, clock: Arc<dyn Clock>) -> Self {
        Self(Kind::Since { began, at: clock.now(), clock })
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Kind::System => Timestamp::now(),
            Kind::Since { began, at, clock } => {
                let passed = clock.now().saturating_duration_since(*at);
                let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
                began.checked_add(passed).unwrap_or(Timestamp::MAX)
            }
        }
    }
}

impl fmt::Debug for WallClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::System => f.write_str("WallClock(system)"),
            Kind::Since { began, .. } => write!(f, "WallClock(since {began})"),
        }
    }
}
