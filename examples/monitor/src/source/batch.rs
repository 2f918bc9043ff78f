//! [`Batch`]: the rows that a source returned; [`PartError`]: what failed of a fetch, and
//! [`combined`]: several of them as one.

use jiff::Timestamp;

use super::error::SourceError;
use crate::model::Row;

/// The rows of a table, of one region or of all.
#[derive(Clone, Debug)]
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
    /// Some of its rows or cells: the reply was incomplete or could not be read in full.
    Some,
}

/// Several failures as one; `None` if there are none. Regions that failed with the same error are
/// listed together.
pub fn combined(failed: &[PartError]) -> Option<SourceError> {
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
    // If waiting helps with any of them, it is worth it.
    let passing = failed.iter().map(|part| part.error.kind()).find(|kind| kind.may_pass());
    let all = SourceError::new(passing.unwrap_or(first.kind()), messages.join(" | "));
    // The next request asks all parts again, so it waits for the last of them.
    let wait = failed.iter().filter_map(|part| part.error.retry_after()).max();
    Some(match wait {
        Some(wait) => all.with_retry_after(wait),
        None => all,
    })
}

#[cfg(test)]
mod tests;
