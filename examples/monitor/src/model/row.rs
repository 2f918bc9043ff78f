//! One row of any table.

use jiff::Timestamp;

use super::cell::Cell;
use super::table::Table;

/// Whether what a row speaks of still goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Waiting or at work.
    Active,
    /// Over.
    Ended,
}

/// One row: a cell per column of its table, and what else is known about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What tells this row from the others of its table, so that a selection stays with it when rows come and go.
    pub key: String,
    /// Where it runs. The rows of a region that could not be asked are kept from the time before.
    pub region: Option<String>,
    /// Whether it goes on.
    pub phase: Phase,
    /// When it was made; rows are ordered by it.
    pub created: Option<Timestamp>,
    /// A cell per column.
    pub cells: Vec<Cell>,
    /// What has no column but belongs in the row's popup.
    pub details: Vec<(&'static str, Cell)>,
}

impl Row {
    /// Whether a text of this row changes as time goes by.
    pub fn ticks(&self) -> bool {
        self.cells.iter().any(Cell::ticks)
    }

    /// Every column and every detail with its whole text, not escaped.
    pub fn full_texts(&self, table: Table, now: Timestamp) -> Vec<(&'static str, String)> {
        let columns = table.columns().iter().map(|column| column.name).zip(&self.cells);
        let details = self.details.iter().map(|(name, cell)| (*name, cell));
        columns.chain(details).map(|(name, cell)| (name, cell.full(now))).collect()
    }
}
