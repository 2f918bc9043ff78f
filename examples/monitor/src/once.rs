//! [`fetch`] and [`Reports`]: `--once`. Five workers fetch concurrently, the tables are printed,
//! and the exit status says whether all were complete.

mod json;
mod report;
mod table;

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Instant;

use worker_core::WorkerManager;

use crate::cli::Format;
use crate::model::{Caps, PerTable};
use crate::source::Source;
use report::Report;

/// The reports of all five tables.
#[derive(Debug)]
pub struct Reports(PerTable<Report>);

/// Whether all five tables are complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Completeness {
    /// All five, without a failed part.
    Complete,
    /// A table, or a part of one, failed.
    Incomplete,
}

/// Fetches all five tables concurrently, one worker each. Returns when the slowest has ended.
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
    /// Whether all five tables are complete.
    pub fn completeness(&self) -> Completeness {
        let complete = self.0.iter().all(|(_, report)| report.error.is_none());
        if complete { Completeness::Complete } else { Completeness::Incomplete }
    }

    /// Prints all five tables, with the errors of those that failed.
    ///
    /// # Errors
    ///
    /// If `out` cannot be written to. A closed pipe is not an error: its reader needs no more.
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

#[cfg(test)]
mod tests;
