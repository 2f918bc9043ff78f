//! `--once`: five workers fetch side by side, everything is printed, and the exit status tells whether all came.

mod json;
mod table;

use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use worker_core::WorkerManager;

use crate::cli::Format;
use crate::model::{Arranged, Caps, PerTable, Table, arrange};
use crate::source::{Batch, Source, SourceError};

/// How all five tables came.
#[derive(Debug)]
pub struct Reports(PerTable<Report>);

/// How one table came.
#[derive(Clone, Debug)]
struct Report {
    rows: Arranged,
    as_of: Timestamp,
    error: Option<String>,
    elapsed: Duration,
}

/// Whether all five tables came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// All, and whole.
    Complete,
    /// At least one failed, or a part of it.
    Incomplete,
}

/// Fetches all five tables side by side, each with a worker of its own. Takes as long as the slowest.
pub fn fetch(workers: &WorkerManager, source: &Arc<dyn Source>, caps: Caps) -> Reports {
    let running = PerTable::from_fn(|table| {
        let source = source.clone();
        workers.worker(table.name()).group(table.name()).exit_on_error(false).thread(move |cx| {
            let began = Instant::now();
            let fetched = source.fetch(table, cx);
            Ok(Report::of(table, fetched, caps, began.elapsed()))
        })
    });
    let began = Instant::now();
    Reports(PerTable::from_fn(|table| match running[table].wait() {
        Ok(report) => report.clone(),
        Err(error) => Report::failed(error.to_string(), began.elapsed()),
    }))
}

impl Reports {
    /// Whether all five tables came.
    pub fn verdict(&self) -> Verdict {
        let complete = self.0.iter().all(|(_, report)| report.error.is_none());
        if complete { Verdict::Complete } else { Verdict::Incomplete }
    }

    /// Prints all five tables, with the errors of those that failed.
    ///
    /// # Errors
    ///
    /// If `out` cannot be written to. A pipe that nobody reads any more is no error: its reader has read enough.
    pub fn print(&self, format: Format, out: &mut impl Write) -> io::Result<()> {
        match self.try_print(format, out) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            printed => printed,
        }
    }

    fn try_print(&self, format: Format, out: &mut impl Write) -> io::Result<()> {
        match format {
            Format::Json => json::print(&self.0, out)?,
            Format::Table => table::print(&self.0, out)?,
        }
        out.flush()
    }
}

impl Report {
    fn of(table: Table, fetched: Result<Batch, SourceError>, caps: Caps, elapsed: Duration) -> Self {
        match fetched {
            Ok(batch) => {
                let error = batch.failure().map(|error| error.to_string());
                Self { as_of: batch.as_of, rows: arrange(table, batch.rows, caps), error, elapsed }
            }
            Err(error) => Self::failed(error.to_string(), elapsed),
        }
    }

    fn failed(error: String, elapsed: Duration) -> Self {
        Self { rows: Arranged::default(), as_of: Timestamp::UNIX_EPOCH, error: Some(error), elapsed }
    }
}

#[cfg(test)]
mod tests;
