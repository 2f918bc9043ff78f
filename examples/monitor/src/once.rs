//! [`Once`]: `--once`. Five workers fetch concurrently, each table is printed when its worker has
//! ended, and the exit status says whether all were complete.

mod json;
mod report;
mod table;

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::Arc;

use worker_core::{StateChanged, WorkerManager};
use worker_ui_bridge::UiBridge;

use crate::cli::Format;
use crate::model::{Caps, PerTable, Table};
use crate::source::{Fetcher, PartError, Rows, Source, combined};
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

/// A run of `--once`.
#[derive(Debug)]
pub struct Once {
    bridge: UiBridge<Tables>,
    workers: WorkerManager,
    tables: Tables,
    caps: Caps,
}

/// What has come so far.
#[derive(Debug)]
struct Tables {
    rows: PerTable<Rows>,
    failures: PerTable<Vec<PartError>>,
    /// The reports of the workers that have ended and are not printed yet.
    ended: VecDeque<(Table, Report)>,
}

impl Tables {
    fn on_worker_state_changed(&mut self, event: &StateChanged, caps: Caps) {
        let Some(table) = Table::from_name(event.worker.name()).filter(|_| event.state.is_finished()) else {
            return;
        };
        let error = event.worker.error().map(ToString::to_string);
        let failed = || combined(&self.failures[table]).map(|error| error.to_string());
        let error = error.or_else(failed);
        let rows = std::mem::replace(&mut self.rows[table], Rows::new(table, caps));
        self.ended.push_back((table, Report { rows, error, elapsed: event.worker.age() }));
    }
}

impl Once {
    /// Starts nothing yet.
    pub fn new(caps: Caps) -> Self {
        let bridge = UiBridge::new();
        let on_change = move |tables: &mut Tables, event: &StateChanged| {
            tables.on_worker_state_changed(event, caps);
        };
        let events = bridge.handle().state_changes(on_change);
        let workers = WorkerManager::builder().events(events).exit_on_error(false).build();
        let tables = Tables {
            rows: PerTable::from_fn(|table| Rows::new(table, caps)),
            failures: PerTable::from_fn(|_| Vec::new()),
            ended: VecDeque::new(),
        };
        Self { bridge, workers, tables, caps }
    }

    /// The workers. When they are cancelled, what has come until then is printed.
    pub fn workers(&self) -> &WorkerManager {
        &self.workers
    }

    /// Fetches all five tables, one worker each, and prints each when its worker has ended. Returns
    /// when the last was printed.
    ///
    /// # Errors
    ///
    /// If `out` cannot be written to. A closed pipe is not an error: its reader has all it needs.
    /// Either cancels the workers that are left.
    pub fn print(
        mut self,
        source: &Arc<dyn Source>,
        format: Format,
        out: &mut impl Write,
    ) -> io::Result<Completeness> {
        let fetcher = Fetcher::new(source.clone(), self.workers.clone());
        for table in Table::ALL {
            self.start(table, fetcher.clone());
        }
        let printed = self.print_as_they_come(format, out);
        self.workers.cancel_all();
        match printed {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Completeness::Complete),
            printed => printed,
        }
    }

    fn start(&self, table: Table, fetcher: Fetcher) {
        let (ui, caps) = (self.bridge.handle(), self.caps);
        self.workers.worker(table.name()).thread(move |cx| {
            let here = ui.clone();
            let land = move |_: &_, part| {
                let part = Rows::prepare(table, caps, part);
                Ok(here.call_from_thread(move |tables| tables.rows[table].land(part))?)
            };
            let failures = fetcher.fetch(table, cx, land)?;
            Ok(ui.post(move |tables| tables.failures[table] = failures)?)
        });
    }

    fn print_as_they_come(&mut self, format: Format, out: &mut impl Write) -> io::Result<Completeness> {
        let mut completeness = Completeness::Complete;
        for number in 0..Table::ALL.len() {
            let (table, report) = loop {
                match self.tables.ended.pop_front() {
                    Some(ended) => break ended,
                    None => _ = self.bridge.wait(&mut self.tables).map_err(io::Error::other)?,
                }
            };
            if report.error.is_some() {
                completeness = Completeness::Incomplete;
            }
            match format {
                Format::Json => json::print(table, &report, number, out)?,
                Format::Table => table::print(table, &report, number, out)?,
            }
            out.flush()?;
        }
        if format == Format::Json {
            json::print_end(out)?;
            out.flush()?;
        }
        Ok(completeness)
    }
}

#[cfg(test)]
mod tests;
