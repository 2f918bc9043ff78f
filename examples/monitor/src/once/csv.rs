//! The CSV format of `--once`: a line per row, with the columns and details of all tables. Those
//! that its table does not have are empty. An error of a table stands in a line of its own, one of
//! a row in its line.
//!
//! A time is RFC 3339, a duration is a number of seconds, a status is the service's own text.

use std::io::{self, Write};

use jiff::Timestamp;

use super::report::Report;
use crate::model::{Cell, Row, Table, text};

/// Details that identify a row or say why it failed.
const DETAILS: [&str; 7] = ["started", "ended", "failure", "message", "log", "last sign of life", "url"];

/// The columns after those that every line has: each name once, in the order of the tables.
fn columns() -> Vec<&'static str> {
    let mut names = Vec::new();
    let of_tables = Table::ALL.iter().flat_map(|table| table.columns()).map(|column| column.name);
    for name in of_tables.chain(DETAILS) {
        if name != "region" && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Prints the table that comes as this number, counted from 0.
pub(super) fn print(table: Table, report: &Report, number: usize, out: &mut impl Write) -> io::Result<()> {
    let columns = columns();
    let mut lines = csv::Writer::from_writer(out);
    if number == 0 {
        lines.write_record(["table", "key", "region", "error"].iter().chain(&columns))?;
    }
    if let Some(error) = &report.error {
        let fixed = [table.name(), "", "", error].map(safe);
        lines.write_record(fixed.into_iter().chain(columns.iter().map(|_| String::new())))?;
    }
    for row in &report.rows.arranged.rows {
        let value = |name: &str| value(table, row, name).map(|cell| plain(cell, report.as_of(row)));
        let value = |name: &str| value(name).unwrap_or_default();
        let fixed = [table.name().to_owned(), safe(&row.key), value("region"), value("error")];
        lines.write_record(fixed.into_iter().chain(columns.iter().map(|name| value(name))))?;
    }
    lines.flush()
}

fn value<'a>(table: Table, row: &'a Row, name: &str) -> Option<&'a Cell> {
    let columns = table.columns().iter().map(|column| column.name).zip(&row.cells);
    let mut all = columns.chain(row.details.iter().map(|(name, cell)| (*name, cell)));
    all.find(|(this, _)| *this == name).map(|(_, cell)| cell)
}

fn plain(cell: &Cell, as_of: Timestamp) -> String {
    match cell {
        Cell::Missing => String::new(),
        Cell::Text(text) => safe(text),
        Cell::Status(status) => safe(&status.raw),
        Cell::Number(number) => number.to_string(),
        Cell::Time(time) => time.to_string(),
        Cell::Span(span) => span.at(as_of).as_secs_f64().to_string(),
    }
}

/// Without characters that control a terminal, and not what a spreadsheet takes for a formula.
fn safe(text: &str) -> String {
    let escaped = text::escape(text);
    if escaped.starts_with(['=', '+', '-', '@']) { format!("'{escaped}") } else { escaped.into_owned() }
}
