//! [`Batch`]: the rows that one fetch of one table returned, and the parts of the fetch that
//! failed.

use std::collections::HashSet;

use jiff::Timestamp;

use super::error::SourceError;
use crate::model::Row;

/// What one fetch of one table returned.
#[derive(Debug)]
pub struct Batch {
    /// The rows, in the source's order.
    pub rows: Vec<Row>,
    /// The time the rows are as of: when the services were asked. Ages of old rows are counted from
    /// it, and durations of what is still running are printed up to it.
    pub as_of: Timestamp,
    /// The parts of the fetch that failed. The rows that are here are valid.
    pub failed: Vec<PartError>,
}

impl Batch {
    /// A batch in which nothing failed.
    pub fn complete(rows: Vec<Row>, as_of: Timestamp) -> Self {
        Self { rows, as_of, failed: Vec::new() }
    }

    /// All failures as one error; `None` if nothing failed.
    pub fn failure(&self) -> Option<SourceError> {
        combined(&self.failed)
    }

    /// Adds rows of the previous fetch for regions that failed as a whole in this one, and returns
    /// their keys.
    ///
    /// No rows are kept for a region that replied: an old row that its reply omits may have been
    /// deleted.
    #[must_use]
    pub fn retain_failed_regions(&mut self, before: &[Row]) -> Vec<String> {
        if self.failed.is_empty() {
            return Vec::new();
        }
        let answered: HashSet<&str> = self.rows.iter().map(|row| row.key.as_str()).collect();
        let missed = |row: &&Row| {
            let silent = |part: &PartError| {
                part.extent == Extent::Whole && part.region.is_some() && part.region == row.region
            };
            self.failed.iter().any(silent) && !answered.contains(row.key.as_str())
        };
        let missed: Vec<Row> = before.iter().filter(missed).cloned().collect();
        let keys = missed.iter().map(|row| row.key.clone()).collect();
        self.rows.extend(missed);
        keys
    }
}

/// A part of a fetch that failed while other parts succeeded.
#[derive(Clone, Debug)]
pub struct PartError {
    /// The region; `None` if any row may be affected.
    pub region: Option<String>,
    /// How much of the part is missing.
    pub extent: Extent,
    /// What went wrong.
    pub error: SourceError,
}

/// How much of a part is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it: the query failed.
    Whole,
    /// Some of its rows: the reply could not be read in full.
    Some,
}

/// Several failures as one. Regions that failed with the same error are listed together.
fn combined(failed: &[PartError]) -> Option<SourceError> {
    let first = &failed.first()?.error;
    let mut distinct: Vec<(&SourceError, Vec<&str>)> = Vec::new();
    for PartError { region, error, .. } in failed {
        match distinct.iter_mut().find(|(known, _)| *known == error) {
            Some((_, regions)) => regions.extend(region.as_deref()),
            None => distinct.push((error, region.as_deref().into_iter().collect())),
        }
    }
    if let [(only, _)] = distinct.as_slice()
        && failed.iter().all(|part| part.region.is_none())
    {
        return Some((*only).clone());
    }
    let message = |(error, regions): &(&SourceError, Vec<&str>)| match regions.as_slice() {
        [] => error.to_string(),
        regions => format!("{}: {error}", regions.join(", ")),
    };
    let messages: Vec<_> = distinct.iter().map(message).collect();
    Some(SourceError::new(first.kind(), messages.join(" | ")))
}

#[cfg(test)]
mod tests;
