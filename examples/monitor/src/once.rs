//! [`print`]: `--once`. Five workers fetch concurrently, each table is printed as it comes, and the
//! exit status says whether all were complete.

mod json;
mod report;
mod table;

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Instant;

use worker_core::{Worker, WorkerManager};

use crate::cli::Format;
use crate::model::{Caps, PerTable, Table};
use crate::source::{Fetcher, Rows, Source};
use report::Report;

/// Whether all five tables are complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Completeness {
    /// All five, without a failed part.
    Complete,
    /// A table, or a part of one, failed.
    Incomplete,
}

/// Fetches all five tables, one worker each, and prints each as it comes. Returns when the last was
/// printed. A table whose worker is cancelled is printed with that error.
///
/// # Errors
///
/// If `out` cannot be written to. A closed pipe is not an error: its reader has all it needs. Either
/// cancels the workers that are left.
pub fn print(
    workers: &WorkerManager,
    source: &Arc<dyn Source>,
    caps: Caps,
    format: Format,
    out: &mut impl Write,
) -> io::Result<Completeness> {
    let printed = print_as_they_come(workers, source, caps, format, out);
    if printed.is_err() {
        workers.cancel_all();
    }
    match printed {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Completeness::Complete),
        printed => printed,
    }
}

fn print_as_they_come(
    workers: &WorkerManager,
    source: &Arc<dyn Source>,
    caps: Caps,
    format: Format,
    out: &mut impl Write,
) -> io::Result<Completeness> {
    let events = workers.subscribe();
    let fetcher = Fetcher::new(source.clone(), workers.clone());
    let running = PerTable::from_fn(|table| start(workers, fetcher.clone(), table, caps));
    let mut completeness = Completeness::Complete;
    let ended = events.iter().filter(|event| event.state.is_finished());
    let of_table =
        ended.filter_map(|event| running.iter().find(|(_, worker)| worker.id() == event.worker.id()));
    for (number, (table, worker)) in of_table.take(Table::ALL.len()).enumerate() {
        let failed = Report::failed(table, worker.error().map(ToString::to_string), worker.age());
        let report = worker.result().unwrap_or(&failed);
        if report.error.is_some() {
            completeness = Completeness::Incomplete;
        }
        match format {
            Format::Json => json::print(table, report, number, out)?,
            Format::Table => table::print(table, report, number, out)?,
        }
        out.flush()?;
    }
    if format == Format::Json {
        json::print_end(out)?;
        out.flush()?;
    }
    Ok(completeness)
}

fn start(workers: &WorkerManager, fetcher: Fetcher, table: Table, caps: Caps) -> Worker<Report> {
    workers.worker(table.name()).exit_on_error(false).thread(move |cx| {
        let began = Instant::now();
        let parts = fetcher.fetch(table, cx, move |_, part| Ok(Rows::prepare(table, caps, part)))?;
        Ok(Report::of(table, caps, parts, began.elapsed()))
    })
}

#[cfg(test)]
mod tests;
