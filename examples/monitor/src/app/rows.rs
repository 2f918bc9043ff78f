//! [`Rows`]: what a table shows of its last good fetch.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::model::{Arranged, Caps, Row, Table, arrange, widest};
use crate::source::Batch;

/// What a table shows of its last good fetch. The worker that fetched it sorts and measures it, so
/// that the UI thread only draws.
#[derive(Debug)]
pub struct Rows {
    /// The rows, sorted and capped.
    pub arranged: Arranged,
    /// The width of the widest text per column. Measuring all rows in every frame would be too slow.
    pub column_widths: Vec<usize>,
    /// The time the rows are as of.
    pub as_of: Timestamp,
    /// Which parts of the fetch failed, and why. The rows of regions that failed as a whole are kept
    /// from an earlier fetch.
    pub failure: Option<String>,
    /// The keys of the rows that were kept, with the time they are as of.
    stale: HashMap<String, Timestamp>,
}

impl Rows {
    /// Prepares what a fetch returned. `before` is what the table has shown until now.
    pub fn new(table: Table, caps: Caps, mut batch: Batch, before: Option<&Self>) -> Self {
        let failure = batch.failure().map(|error| error.to_string());
        let mut kept = HashMap::new();
        if let Some(before) = before {
            let keys = batch.retain_failed_regions(&before.arranged.rows);
            let with_time = |key: String| {
                let as_of = before.stale.get(&key).copied().unwrap_or(before.as_of);
                (key, as_of)
            };
            kept.extend(keys.into_iter().map(with_time));
        }
        let arranged = arrange(table, batch.rows, caps);
        // The caps may have removed some of them.
        let stale = arranged.rows.iter().filter_map(|row| kept.remove_entry(&row.key)).collect();
        let column_widths = widest(table, &arranged.rows, batch.as_of);
        Self { arranged, column_widths, as_of: batch.as_of, failure, stale }
    }

    /// The time a row is as of, if it is older than the others because its region failed since.
    pub fn stale_since(&self, row: &Row) -> Option<Timestamp> {
        self.stale.get(&row.key).copied()
    }

    /// The time the oldest row is as of, if any row was kept.
    pub fn oldest_stale(&self) -> Option<Timestamp> {
        self.stale.values().min().copied()
    }
}

#[cfg(test)]
mod tests;
