//! Order, caps and the divider.

use std::cmp::Reverse;

use super::row::{Phase, Row};
use super::table::Table;

/// At most this many builds that wait or work are shown; one screen of a large terminal.
pub const MAX_ACTIVE_BUILDS: usize = 10;
/// At most this many ended builds are shown.
pub const MAX_COMPLETED_BUILDS: usize = 10;
/// At most this many executions of the launch agent are shown.
pub const MAX_EXECUTIONS: usize = 20;
/// At most this many Vertex AI jobs are shown.
pub const MAX_VERTEX_JOBS: usize = 20;
/// At most this many W&B runs that go on are shown.
pub const MAX_ACTIVE_RUNS: usize = 20;
/// At most this many ended W&B runs are shown.
pub const MAX_COMPLETED_RUNS: usize = 20;

/// A table's rows as they are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arranged {
    /// The rows, in order, capped.
    pub rows: Vec<Row>,
    /// A divider line stands in front of the row with this index.
    pub divider: Option<usize>,
    /// How many rows the caps left out.
    pub hidden: usize,
}

/// Orders a table's rows, newest first, and caps them. Builds that go on stand before those that have ended, with a
/// divider between the two kinds if there are both.
pub fn arrange(table: Table, mut rows: Vec<Row>) -> Arranged {
    let all = rows.len();
    // Rows without a time come last; rows of one moment keep the order in which the source gave them.
    rows.sort_by_key(|row| Reverse(row.created));
    let cap = match table {
        Table::Builds => return arrange_builds(rows, all),
        Table::Runner => MAX_EXECUTIONS,
        Table::Vertex => MAX_VERTEX_JOBS,
        Table::Active => MAX_ACTIVE_RUNS,
        Table::Completed => MAX_COMPLETED_RUNS,
    };
    rows.truncate(cap);
    let hidden = all - rows.len();
    Arranged { rows, divider: None, hidden }
}

fn arrange_builds(rows: Vec<Row>, all: usize) -> Arranged {
    let (mut active, mut ended): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.phase == Phase::Active);
    active.truncate(MAX_ACTIVE_BUILDS);
    ended.truncate(MAX_COMPLETED_BUILDS);
    let divider = (!active.is_empty() && !ended.is_empty()).then_some(active.len());
    active.append(&mut ended);
    Arranged { hidden: all - active.len(), rows: active, divider }
}

#[cfg(test)]
mod tests;
