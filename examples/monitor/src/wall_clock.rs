//! [`WallClock`]: the time of day.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use worker_core::Clock;

/// The system's time of day, or a time that starts at a chosen timestamp and advances with a
/// [`Clock`].
///
/// The demo starts at a fixed time, so that every run shows the same rows. Tests advance the
/// `Clock` by hand.
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

    /// A clock that shows `began` now and advances with `clock`.
    pub fn starting_at(began: Timestamp, clock: Arc<dyn Clock>) -> Self {
        Self(Kind::Since { began, at: clock.now(), clock })
    }

    /// The current time.
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
