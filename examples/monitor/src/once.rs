//! [`Once`]: `--once` and `--watch`. Five workers fetch concurrently, each table is printed when its
//! worker has ended, and the exit status says whether all were complete.

mod csv;
mod json;
mod markdown;
mod report;
mod table;

use std::collections::VecDeque;
use std::io::{self, Write};
use std::mem;
use std::sync::Arc;
use std::time::Duration;

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

/// A run that prints tables.
#[derive(Debug)]
pub struct Once {
    bridge: UiBridge<Tables>,
    workers: WorkerManager,
    tables: Tables,
    fetcher: Fetcher,
}

/// What has come so far.
#[derive(Debug)]
struct Tables {
    caps: Caps,
    rows: PerTable<Rows>,
    failures: PerTable<Vec<PartError>>,
    /// The reports of the workers that have ended and are not printed yet.
    ended: VecDeque<(Table, Report)>,
    /// The tables that are to be fetched again.
    due: Vec<Table>,
    is_stopped: bool,
}

impl Tables {
    fn new(caps: Caps) -> Self {
        Self {
            caps,
            rows: PerTable::from_fn(|table| Rows::new(table, caps)),
            failures: PerTable::from_fn(|_| Vec::new()),
            ended: VecDeque::new(),
            due: Vec::new(),
            is_stopped: false,
        }
    }

    fn on_worker_state_changed(&mut self, event: &StateChanged) {
        let Some(table) = Table::from_name(event.worker.name()).filter(|_| event.state.is_finished()) else {
            return;
        };
        let failures = mem::take(&mut self.failures[table]);
        let error = event.worker.error().map(ToString::to_string);
        let error = error.or_else(|| combined(&failures).map(|error| error.to_string()));
        let rows = mem::replace(&mut self.rows[table], Rows::new(table, self.caps));
        self.ended.push_back((table, Report { rows, error, elapsed: event.worker.age() }));
    }
}

impl Once {
    /// Starts nothing yet.
    pub fn new(source: Arc<dyn Source>, caps: Caps) -> Self {
        let bridge = UiBridge::new();
        let events = bridge.handle().state_changes(Tables::on_worker_state_changed);
        let workers = WorkerManager::builder().events(events).exit_on_error(false).build();
        let fetcher = Fetcher::new(source, workers.clone());
        Self { bridge, workers, tables: Tables::new(caps), fetcher }
    }

    /// The workers.
    pub fn workers(&self) -> &WorkerManager {
        &self.workers
    }

    /// What stops the run: [`print`](Self::print) prints what has come until then,
    /// [`watch`](Self::watch) prints nothing more.
    pub fn stop(&self) -> impl Fn() + Send + 'static {
        let (workers, ui) = (self.workers.clone(), self.bridge.handle());
        move || {
            // It fails if the run has ended already.
            let _ = ui.post(|tables| tables.is_stopped = true);
            workers.cancel_all();
        }
    }

    /// Fetches all five tables, one worker each, and prints each when its worker has ended. Returns
    /// when the last was printed.
    ///
    /// # Errors
    ///
    /// If `out` cannot be written to. A closed pipe is not an error: its reader has all it needs.
    /// Either cancels the workers that are left.
    pub fn print(mut self, format: Format, out: &mut impl Write) -> io::Result<Completeness> {
        let printed = self.print_all(format, out);
        self.workers.cancel_all();
        match printed {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Completeness::Complete),
            printed => printed,
        }
    }

    fn print_all(&mut self, format: Format, out: &mut impl Write) -> io::Result<Completeness> {
        let mut completeness = Completeness::Complete;
        for table in Table::ALL {
            self.start(table);
        }
        for number in 0..Table::ALL.len() {
            let (table, report) = self.next_report()?;
            if report.error.is_some() {
                completeness = Completeness::Incomplete;
            }
            match format {
                Format::Json => json::print(table, &report, number, out)?,
                Format::Table => table::print(table, &report, number, out)?,
                Format::Markdown => markdown::print(table, &report, number, out)?,
                Format::Csv => csv::print(table, &report, number, out)?,
            }
            out.flush()?;
        }
        if format == Format::Json {
            json::print_end(out)?;
            out.flush()?;
        }
        Ok(completeness)
    }

    /// Fetches all five tables again and again, each so long after its last fetch has ended, and
    /// prints each fetch as a line of JSON. Returns when it is stopped.
    ///
    /// # Errors
    ///
    /// As [`print`](Self::print).
    pub fn watch(mut self, every: Duration, out: &mut impl Write) -> io::Result<()> {
        let watched = self.print_lines(every, out);
        self.workers.cancel_all();
        match watched {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            watched => watched,
        }
    }

    fn print_lines(&mut self, every: Duration, out: &mut impl Write) -> io::Result<()> {
        self.tables.due.extend(Table::ALL);
        while !self.tables.is_stopped {
            for table in mem::take(&mut self.tables.due) {
                self.start(table);
            }
            while let Some((table, report)) = self.tables.ended.pop_front() {
                json::print_line(table, &report, out)?;
                out.flush()?;
                self.bridge.set_timeout(every, move |tables| tables.due.push(table));
            }
            self.bridge.wait(&mut self.tables).map_err(io::Error::other)?;
        }
        Ok(())
    }

    fn start(&self, table: Table) {
        let (ui, caps, fetcher) = (self.bridge.handle(), self.tables.caps, self.fetcher.clone());
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

    fn next_report(&mut self) -> io::Result<(Table, Report)> {
        loop {
            if let Some(ended) = self.tables.ended.pop_front() {
                return Ok(ended);
            }
            self.bridge.wait(&mut self.tables).map_err(io::Error::other)?;
        }
    }
}

#[cfg(test)]
mod tests;
