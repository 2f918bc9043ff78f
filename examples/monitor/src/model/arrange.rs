//! [`arrange`]: the order, the caps and the divider of a table's rows; [`widest`]: the column
//! widths.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::row::{Phase, Row};
use super::table::Table;
use super::text;

/// How many queued and running builds are shown by default.
pub const MAX_ACTIVE_BUILDS: usize = 10;
/// How many ended builds are shown by default.
pub const MAX_COMPLETED_BUILDS: usize = 10;
/// How many executions of the launch agent are shown by default.
pub const MAX_EXECUTIONS: usize = 20;
/// How many Vertex AI jobs are shown by default.
pub const MAX_VERTEX_JOBS: usize = 20;
/// How many running W&B runs are shown by default.
pub const MAX_ACTIVE_RUNS: usize = 20;
/// How many ended W&B runs are shown by default.
pub const MAX_COMPLETED_RUNS: usize = 20;

/// How many rows are shown at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Queued and running builds.
    pub active_builds: usize,
    /// Ended builds.
    pub completed_builds: usize,
    /// Executions of the launch agent.
    pub executions: usize,
    /// Vertex AI jobs.
    pub vertex_jobs: usize,
    /// Running W&B runs.
    pub active_runs: usize,
    /// Ended W&B runs.
    pub completed_runs: usize,
}

impl Caps {
    /// The same limit for every kind of row.
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

/// The rows of a table in the order in which they are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arranged {
    /// The rows, sorted and capped.
    pub rows: Vec<Row>,
    /// The index of the row that a divider line precedes.
    pub divider: Option<usize>,
    /// How many rows the caps removed.
    pub hidden: usize,
}

/// The width of the widest text per column on the screen, without the headings, in terminal
/// columns.
pub fn widest(table: Table, rows: &[Row], now: Timestamp) -> Vec<usize> {
    let mut widest = vec![0; table.columns().len()];
    for row in rows {
        for ((widest, cell), column) in widest.iter_mut().zip(&row.cells).zip(table.columns()) {
            *widest = text::width(&cell.on_screen(column, now)).max(*widest);
        }
    }
    widest
}

/// Sorts a table's rows, newest first, and caps them. Active builds precede ended builds, with a
/// divider if there are both.
pub fn arrange(table: Table, mut rows: Vec<Row>, caps: Caps) -> Arranged {
    let all = rows.len();
    // Rows without a time come last. The sort is stable, so rows of the same time keep the source's
    // order.
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
