//! `--once`: five workers fetch side by side, everything is printed, and the exit status tells whether all came.

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

/// How all five tables came.
#[derive(Debug)]
pub struct Reports(PerTable<Report>);

/// Whether all five tables came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Completeness {
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
    pub fn completeness(&self) -> Completeness {
        let complete = self.0.iter().all(|(_, report)| report.error.is_none());
        if complete { Completeness::Complete } else { Completeness::Incomplete }
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

#[cfg(test)]
mod tests;
