//! [`Table`], [`Column`] and [`PerTable`]: the five tables, their columns, and one value per table.

use std::fmt;
use std::ops::{Index, IndexMut};

/// One of the five tables, in screen order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Table {
    /// Builds of Cloud Build.
    Builds,
    /// Executions of the launch agent, a Cloud Run job.
    Runner,
    /// Vertex AI custom jobs.
    Vertex,
    /// Running Weights & Biases runs.
    Active,
    /// Ended Weights & Biases runs.
    Completed,
}

/// How a text that is too long for its column is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// To its first characters, which tell one id from another.
    Plain,
    /// The same, but the last one is `…`.
    Marked,
}

/// One column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// The heading and the JSON key.
    pub name: &'static str,
    /// The most characters that a table shows. The row's popup and JSON show the full value.
    pub max_chars: Option<usize>,
    /// How a longer text is cut.
    pub cut: Cut,
    /// Starts that many values share. The screen leaves them out, so that what differs is in view.
    pub common_starts: &'static [&'static str],
    /// The smallest useful width, in terminal columns.
    pub min_width: u16,
    /// The order in which columns are dropped on a narrow terminal: highest first; 0 is never
    /// dropped.
    pub drop_priority: u8,
}

const fn column(name: &'static str, min_width: u16, drop_priority: u8) -> Column {
    Column { name, max_chars: None, cut: Cut::Plain, common_starts: &[], min_width, drop_priority }
}

const fn truncated(name: &'static str, max_chars: usize, min_width: u16, drop_priority: u8) -> Column {
    Column { max_chars: Some(max_chars), ..column(name, min_width, drop_priority) }
}

/// What follows in the URL of a log is the build's region, if it has one, and its id.
const LOG_URL_STARTS: &[&str] = &[
    "https://console.cloud.google.com/cloud-build/builds;region=",
    "https://console.cloud.google.com/cloud-build/builds/",
];

const BUILDS: &[Column] = &[
    truncated("id", 12, 12, 0),
    column("status", 12, 0),
    column("image", 8, 0),
    column("region", 8, 2),
    column("duration", 6, 0),
    column("created", 7, 1),
    Column { common_starts: LOG_URL_STARTS, ..truncated("logUrl", 50, 24, 3) },
];

const RUNNER: &[Column] = &[
    column("queue", 8, 0),
    column("region", 8, 2),
    column("status", 12, 0),
    column("runs", 4, 3),
    column("runtime", 6, 0),
    column("created", 7, 1),
    column("note", 10, 4),
];

const VERTEX: &[Column] = &[
    truncated("job_id", 12, 12, 0),
    column("name", 8, 0),
    column("state", 12, 0),
    column("runtime", 6, 0),
    column("created", 7, 1),
    Column { cut: Cut::Marked, ..truncated("note", 50, 10, 2) },
];

const ACTIVE: &[Column] = &[
    truncated("id", 12, 12, 0),
    column("name", 8, 0),
    column("state", 12, 0),
    column("runtime", 6, 0),
    column("created", 7, 1),
];

const COMPLETED: &[Column] = &[
    truncated("id", 12, 12, 0),
    column("name", 8, 0),
    column("state", 12, 0),
    column("runtime", 6, 0),
    column("exit_code", 4, 2),
    column("created", 7, 1),
];

impl Table {
    /// All five tables, in screen order.
    pub const ALL: [Self; 5] = [Self::Builds, Self::Runner, Self::Vertex, Self::Active, Self::Completed];

    /// The name of the table's worker, which is also its JSON key.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Builds => "builds",
            Self::Runner => "runner",
            Self::Vertex => "vertex",
            Self::Active => "active",
            Self::Completed => "completed",
        }
    }

    /// The table whose worker has this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// The title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Builds => "Builds",
            Self::Runner => "Runner",
            Self::Vertex => "Vertex",
            Self::Active => "Active",
            Self::Completed => "Completed",
        }
    }

    /// The text of an empty table.
    pub const fn empty_message(self) -> &'static str {
        match self {
            Self::Builds => "No builds",
            Self::Runner => "No executions",
            Self::Vertex => "No jobs",
            Self::Active => "No active runs",
            Self::Completed => "No completed runs",
        }
    }

    /// The columns, in order. A row of this table has one cell for each.
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Builds => BUILDS,
            Self::Runner => RUNNER,
            Self::Vertex => VERTEX,
            Self::Active => ACTIVE,
            Self::Completed => COMPLETED,
        }
    }

    /// The next table, wrapping around.
    #[must_use]
    pub const fn next(self) -> Self {
        Self::ALL[(self as usize + 1) % Self::ALL.len()]
    }

    /// The previous table, wrapping around.
    #[must_use]
    pub const fn previous(self) -> Self {
        Self::ALL[(self as usize + Self::ALL.len() - 1) % Self::ALL.len()]
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One value for each table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PerTable<T>([T; Table::ALL.len()]);

impl<T> PerTable<T> {
    /// Creates one value per table.
    pub fn from_fn(make: impl FnMut(Table) -> T) -> Self {
        Self(Table::ALL.map(make))
    }

    /// Each table with its value, in screen order.
    pub fn iter(&self) -> impl Iterator<Item = (Table, &T)> {
        Table::ALL.into_iter().zip(&self.0)
    }
}

impl<T> Index<Table> for PerTable<T> {
    type Output = T;

    fn index(&self, table: Table) -> &T {
        &self.0[table as usize]
    }
}

impl<T> IndexMut<Table> for PerTable<T> {
    fn index_mut(&mut self, table: Table) -> &mut T {
        &mut self.0[table as usize]
    }
}

#[cfg(test)]
mod tests;
