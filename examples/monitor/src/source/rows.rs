//! [`Rows`]: what a table shows, from all its regions.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::batch::{Batch, Extent, PartError, combined};
use super::fetcher::Part;
use crate::model::{Arranged, Caps, Row, Table, arrange, widest};

/// What a table shows: of each region the last good rows.
#[derive(Debug)]
pub struct Rows {
    table: Table,
    caps: Caps,
    /// The rows, sorted and capped.
    pub arranged: Arranged,
    /// The width of the widest text per column. Measuring all rows in every frame would be too
    /// slow.
    pub column_widths: Vec<usize>,
    /// What failed when the regions were asked last.
    pub failure: Option<String>,
    revision: u64,
    /// One without a name if the table is not asked for by region.
    regions: BTreeMap<Option<String>, Region>,
}

/// What is known of a region's rows.
#[derive(Debug, Default)]
struct Region {
    /// When those that are shown were fetched.
    as_of: Option<Timestamp>,
    /// How many there were, shown or not.
    count: usize,
    failure: Option<PartError>,
}

impl Region {
    /// Whether its rows are older than its last answer.
    fn is_stale(&self) -> bool {
        self.failure.as_ref().is_some_and(|failure| failure.extent == Extent::Whole)
    }
}

impl Rows {
    /// No rows yet.
    pub fn new(table: Table, caps: Caps) -> Self {
        let (arranged, column_widths, regions) = (Arranged::default(), Vec::new(), BTreeMap::new());
        Self { table, caps, arranged, column_widths, failure: None, revision: 0, regions }
    }

    /// Grows with each change of the rows, so that what is computed from them can be kept until
    /// then.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// What a worker can do of [`land`](Self::land): it leaves out what would not be shown.
    pub fn prepare(table: Table, caps: Caps, part: Part) -> Prepared {
        let failure = part.failure();
        let rows = part.fetched.ok().map(|Batch { rows, as_of, .. }| {
            let count = rows.len();
            (arrange(table, rows, caps).rows, as_of, count)
        });
        Prepared { region: part.region, rows, failure }
    }

    /// Replaces the rows of a region. One that has failed keeps those that it had.
    pub fn land(&mut self, part: Prepared) {
        let region = self.regions.entry(part.region.clone()).or_default();
        region.failure = part.failure;
        if let Some((rows, as_of, count)) = part.rows {
            (region.as_of, region.count) = (Some(as_of), count);
            if part.region.is_none() {
                self.regions.retain(|region, _| region.is_none());
            }
            let mut all = std::mem::take(&mut self.arranged.rows);
            all.retain(|row| part.region.is_some() && row.region != part.region);
            all.extend(rows);
            // Rows of the same time stand in the order of their regions, whichever came first.
            all.sort_by(|one, other| one.region.cmp(&other.region));
            self.arranged = arrange(self.table, all, self.caps);
            self.revision += 1;
            self.column_widths = widest(self.table, &self.arranged.rows, as_of);
        }
        let count: usize = self.regions.values().map(|region| region.count).sum();
        self.arranged.hidden = count - self.arranged.rows.len();
        let failures: Vec<PartError> = self.regions.values().filter_map(|one| one.failure.clone()).collect();
        self.failure = combined(&failures).map(|error| error.to_string());
    }

    /// The time a row is as of, if its region has failed since.
    pub fn stale_since(&self, row: &Row) -> Option<Timestamp> {
        let region = self.regions.get(&row.region).or_else(|| self.regions.get(&None))?;
        region.as_of.filter(|_| region.is_stale())
    }

    /// The time a row is as of.
    pub fn as_of(&self, row: &Row) -> Option<Timestamp> {
        self.regions.get(&row.region).or_else(|| self.regions.get(&None))?.as_of
    }

    /// The time the oldest rows are as of.
    pub fn oldest(&self) -> Option<Timestamp> {
        self.regions.values().filter_map(|region| region.as_of).min()
    }

    /// The time the oldest rows of failed regions are as of.
    pub fn oldest_stale(&self) -> Option<Timestamp> {
        self.regions.values().filter(|region| region.is_stale()).filter_map(|region| region.as_of).min()
    }
}

/// A part of a fetch, without what would not be shown.
#[derive(Clone, Debug)]
pub struct Prepared {
    region: Option<String>,
    /// The rows, the time they are as of, and how many there were.
    rows: Option<(Vec<Row>, Timestamp, usize)>,
    failure: Option<PartError>,
}

#[cfg(test)]
mod tests;
