//! [`Row`]: one row of any table.

use jiff::Timestamp;

use super::cell::Cell;
use super::table::Table;

/// Whether a resource is active or has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Queued or running.
    Active,
    /// Ended.
    Ended,
}

/// One row: a cell per column of its table, and details without a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Identifies the row within its table, so that the selection stays on it across refreshes.
    pub key: String,
    /// The region. If a region fails, its rows are kept from the previous fetch.
    pub region: Option<String>,
    /// Whether the resource is active.
    pub phase: Phase,
    /// When the resource was created; the sort key.
    pub created: Option<Timestamp>,
    /// A cell per column.
    pub cells: Vec<Cell>,
    /// Values without a column, shown in the row's popup.
    pub details: Vec<(&'static str, Cell)>,
}

/// The columns and details that are URLs.
const URLS: [&str; 3] = ["logUrl", "log", "url"];

impl Row {
    /// The address of its page or its log, if that is of the web: nothing else is handed to a
    /// browser.
    pub fn url(&self, table: Table) -> Option<&str> {
        let columns = table.columns().iter().map(|column| column.name).zip(&self.cells);
        let details = self.details.iter().map(|(name, cell)| (*name, cell));
        columns.chain(details).filter(|(name, _)| URLS.contains(name)).find_map(|(_, cell)| match cell {
            Cell::Text(url) if is_of_the_web(url) => Some(url.as_str()),
            _ => None,
        })
    }

    /// Whether a text of this row changes as time passes.
    pub fn ticks(&self) -> bool {
        self.cells.iter().any(Cell::ticks)
    }

    /// The name and the full text of every column and detail, not escaped.
    pub fn full_texts(&self, table: Table, now: Timestamp) -> Vec<(&'static str, String)> {
        let columns = table.columns().iter().map(|column| column.name).zip(&self.cells);
        let details = self.details.iter().map(|(name, cell)| (*name, cell));
        columns.chain(details).map(|(name, cell)| (name, cell.full(now))).collect()
    }
}

/// Whether it is a URL of `http` or `https`. It has no spaces, no control characters, and what is
/// not ASCII is encoded in it.
fn is_of_the_web(url: &str) -> bool {
    let starts = ["https://", "http://"];
    starts.iter().any(|start| url.starts_with(start)) && url.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests;
