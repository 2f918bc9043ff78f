//! Order, caps, the divider, and how wide the columns are.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::row::{Phase, Row};
use super::table::Table;
use super::text;

/// At most this many builds that wait or work are shown, unless told otherwise; one screen of a large terminal.
pub const MAX_ACTIVE_BUILDS: usize = 10;
/// At most this many ended builds are shown, unless told otherwise.
pub const MAX_COMPLETED_BUILDS: usize = 10;
/// At most this many executions of the launch agent are shown, unless told otherwise.
pub const MAX_EXECUTIONS: usize = 20;
/// At most this many Vertex AI jobs are shown, unless told otherwise.
pub const MAX_VERTEX_JOBS: usize = 20;
/// At most this many W&B runs that go on are shown, unless told otherwise.
pub const MAX_ACTIVE_RUNS: usize = 20;
/// At most this many ended W&B runs are shown, unless told otherwise.
pub const MAX_COMPLETED_RUNS: usize = 20;

/// How many rows are shown at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Builds that wait or work.
    pub active_builds: usize,
    /// Ended builds.
    pub completed_builds: usize,
    /// Executions of the launch agent.
    pub executions: usize,
    /// Vertex AI jobs.
    pub vertex_jobs: usize,
    /// W&B runs that go on.
    pub active_runs: usize,
    /// Ended W&B runs.
    pub completed_runs: usize,
}

impl Caps {
    /// The same for every kind of row.
    pub const fn all(rows: usize) -> Self {
        Self {
            active_builds: rows,
            completed_builds: rows,
            executions: rows,
            vertex_jobs: rows,
            active_runs: rows,
            completed_runs: rows,
        }
    }
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            active_builds: MAX_ACTIVE_BUILDS,
            completed_builds: MAX_COMPLETED_BUILDS,
            executions: MAX_EXECUTIONS,
            vertex_jobs: MAX_VERTEX_JOBS,
            active_runs: MAX_ACTIVE_RUNS,
            completed_runs: MAX_COMPLETED_RUNS,
        }
    }
}

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

/// How many terminal columns the widest text of each of a table's columns fills at a moment, headings left out.
pub fn widest(table: Table, rows: &[Row], now: Timestamp) -> Vec<usize> {
    let mut widest = vec![0; table.columns().len()];
    for row in rows {
        for ((widest, cell), column) in widest.iter_mut().zip(&row.cells).zip(table.columns()) {
            *widest = text::width(&cell.shown(column, now)).max(*widest);
        }
    }
    widest
}

/// Orders a table's rows, newest first, and caps them. Builds that go on stand before those that have ended, with a
/// divider between the two kinds if there are both.
pub fn arrange(table: Table, mut rows: Vec<Row>, caps: Caps) -> Arranged {
    let all = rows.len();
    // Rows without a time come last; rows of one moment keep the order in which the source gave them.
    rows.sort_by_key(|row| Reverse(row.created));
    let cap = match table {
        Table::Builds => return arrange_builds(rows, all, caps),
        Table::Runner => caps.executions,
        Table::Vertex => caps.vertex_jobs,
        Table::Active => caps.active_runs,
        Table::Completed => caps.completed_runs,
    };
    rows.truncate(cap);
    let hidden = all - rows.len();
    Arranged { rows, divider: None, hidden }
}

fn arrange_builds(rows: Vec<Row>, all: usize, caps: Caps) -> Arranged {
    let (mut active, mut ended): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.phase == Phase::Active);
    active.truncate(caps.active_builds);
    ended.truncate(caps.completed_builds);
    let divider = (!active.is_empty() && !ended.is_empty()).then_some(active.len());
    active.append(&mut ended);
    Arranged { hidden: all - active.len(), rows: active, divider }
}

#[cfg(test)]
mod tests;
