//! [`Backoffs`]: how long the automatic refresh leaves each service alone after failures.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::model::{PerTable, Table};
use crate::source::SourceError;

/// The longest pause that the monitor takes by itself. A service may ask for a longer one.
const MAX_PAUSE: Duration = Duration::from_mins(10);

/// The longest pause that a service is believed.
const MAX_ASKED: Duration = Duration::from_hours(24);

/// How long the automatic refresh leaves each service alone. Tables of one service share its pause.
///
/// A service that says how long is taken at its word. Of one that does not, every failure in a row
/// doubles the time between two refreshes, up to ten minutes.
#[derive(Debug, Default)]
pub struct Backoffs(PerTable<Backoff>);

#[derive(Clone, Copy, Debug, Default)]
struct Backoff {
    /// How many refreshes in a row have failed.
    failures: u32,
    /// When the last of them was counted.
    counted: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Backoffs {
    /// Until when the service of this table is left alone, if it is.
    pub fn until(&self, table: Table, now: Timestamp) -> Option<Timestamp> {
        let of_service = self.0.iter().filter(|(other, _)| service(*other) == service(table));
        of_service.filter_map(|(_, backoff)| backoff.until.filter(|until| *until > now)).max()
    }

    /// A fetch of this table has failed. `refresh` is the time between two refreshes.
    pub fn failed(&mut self, table: Table, error: &SourceError, refresh: Duration, now: Timestamp) {
        let backoff = &mut self.0[table];
        let pause = match (error.retry_after(), error.kind()) {
            (Some(asked), _) => asked.min(MAX_ASKED),
            (None, kind) if kind.may_pass() => {
                // Regions of a table that fail in the same refresh count once.
                let since = |counted| now.duration_since(counted);
                let half = SignedDuration::try_from(refresh / 2).unwrap_or(SignedDuration::MAX);
                if backoff.counted.is_none_or(|counted| since(counted) > half) {
                    backoff.failures = backoff.failures.saturating_add(1);
                    backoff.counted = Some(now);
                }
                let skipped = 2_u32.saturating_pow(backoff.failures - 1) - 1;
                refresh.saturating_mul(skipped).min(MAX_PAUSE)
            }
            (None, _) => return, // waiting does not mend it
        };
        let until = SignedDuration::try_from(pause).ok().and_then(|pause| now.checked_add(pause).ok());
        backoff.until = backoff.until.max(until);
    }

    /// A fetch of this table has succeeded. A pause that is under way goes on: the service may have
    /// asked for it.
    pub fn succeeded(&mut self, table: Table, now: Timestamp) {
        let backoff = &mut self.0[table];
        *backoff = Backoff { until: backoff.until.filter(|until| *until > now), ..Backoff::default() };
    }
}

/// The first table of the service that a table is fetched from.
pub(super) fn service(table: Table) -> Table {
    match table {
        Table::Active | Table::Completed => Table::Active,
        other => other,
    }
}

#[cfg(test)]
mod tests;
