//! [`FailureWatch`]: notices that something which was seen active has failed.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::backoff::service;
use crate::model::{Cell, Phase, Row, State, Table};

/// What has not been seen for so long is forgotten: it may have been deleted.
const FORGET_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// A resource: the first table of its service, because a run goes from one table to another, and
/// its key.
type Resource = (Table, String);

/// What was seen active, and what has failed since the refresh started.
#[derive(Debug, Default)]
pub(super) struct FailureWatch {
    /// When each was seen active last.
    active: HashMap<Resource, Timestamp>,
    /// Another table of the same refresh, asked a little earlier, may still show them as active.
    failed: HashSet<Resource>,
    has_told: bool,
}

impl FailureWatch {
    /// A refresh starts.
    pub(super) fn start_refresh(&mut self) {
        self.failed.clear();
        self.has_told = false;
    }

    /// Gives the keys of the rows that have failed since they were seen active.
    pub(super) fn newly_failed(&mut self, table: Table, rows: &[Row], now: Timestamp) -> Vec<String> {
        let mut newly_failed = Vec::new();
        for row in rows {
            let resource = (service(table), row.key.clone());
            match row.phase {
                Phase::Active if self.failed.contains(&resource) => {}
                Phase::Active => {
                    self.active.insert(resource, now);
                }
                Phase::Ended => {
                    let was_active = self.active.remove(&resource).is_some();
                    if was_active && has_failed(row) {
                        newly_failed.push(row.key.clone());
                        self.failed.insert(resource);
                    }
                }
            }
        }
        self.active.retain(|_, seen| now.duration_since(*seen) < FORGET_AFTER);
        newly_failed
    }

    /// Whether the bell has not been rung since the refresh started. It is taken to be rung now.
    pub(super) fn is_first_of_refresh(&mut self) -> bool {
        !std::mem::replace(&mut self.has_told, true)
    }
}

fn has_failed(row: &Row) -> bool {
    let is_failure = |cell: &Cell| match cell {
        Cell::Status(status) => matches!(status.state, State::Failed | State::TimedOut | State::Crashed),
        _ => false,
    };
    row.cells.iter().any(is_failure)
}

#[cfg(test)]
mod tests;
