//! The JSON format of `--once`: one object with a key per table, and per row its key, its columns,
//! and the details that are known, in full.
//!
//! Characters that could control a terminal are written as `\uXXXX`, so that the output can be
//! shown in one.
//!
//! A missing value is `null`, a time is RFC 3339, a duration is a number of seconds, a status is
//! the service's own text.

use std::io::{self, Write};

use jiff::{SignedDuration, Timestamp};
use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

use super::report::Report;
use crate::model::{Cell, Row, Table, text};

/// Prints the table that comes as this number, counted from 0.
pub(super) fn print(table: Table, report: &Report, number: usize, out: &mut impl Write) -> io::Result<()> {
    let before = if number == 0 { "{" } else { "," };
    let json = serde_json::to_string_pretty(&TableJson { table, report })?;
    write!(out, "{before}\n  \"{}\": {}", table.name(), safe(&json.replace('\n', "\n  ")))
}

/// Prints what follows the last table.
pub(super) fn print_end(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n}}")
}

/// Prints a fetch of a table as one line.
pub(super) fn print_line(table: Table, report: &Report, out: &mut impl Write) -> io::Result<()> {
    let line = NamedTable { table: table.name(), one: TableJson { table, report } };
    writeln!(out, "{}", safe(&serde_json::to_string(&line)?))
}

/// A table with its name.
#[derive(serde::Serialize)]
struct NamedTable<'a> {
    table: &'static str,
    #[serde(flatten)]
    one: TableJson<'a>,
}

/// Outside of strings JSON is ASCII, and inside strings any character may be written as `\uXXXX`.
fn safe(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        if c != '\n' && text::is_unsafe(c) {
            safe.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            safe.push(c);
        }
    }
    safe
}

struct TableJson<'a> {
    table: Table,
    report: &'a Report,
}

impl Serialize for TableJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { table, report } = *self;
        let values = |row| RowJson { table, row, as_of: report.as_of(row) };
        let rows: Vec<_> = report.rows.arranged.rows.iter().map(values).collect();
        let elapsed = u64::try_from(report.elapsed.as_millis()).unwrap_or(u64::MAX);
        let mut one = serializer.serialize_struct("Table", 3)?;
        one.serialize_field("rows", &rows)?;
        one.serialize_field("error", &report.error)?;
        one.serialize_field("elapsed_ms", &elapsed)?;
        one.end()
    }
}

struct RowJson<'a> {
    table: Table,
    row: &'a Row,
    as_of: Timestamp,
}

impl Serialize for RowJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { table, row, as_of } = *self;
        let columns = table.columns().iter().map(|column| column.name).zip(&row.cells);
        let details = row.details.iter().map(|(name, cell)| (*name, cell));
        let mut values = serializer.serialize_map(None)?;
        values.serialize_entry("key", &row.key)?;
        for (name, cell) in columns.chain(details) {
            values.serialize_key(&name.replace(' ', "_"))?;
            match cell {
                Cell::Missing => values.serialize_value(&())?,
                Cell::Text(text) => values.serialize_value(text)?,
                Cell::Status(status) => values.serialize_value(&status.raw)?,
                Cell::Number(number) => values.serialize_value(number)?,
                Cell::Time(time) => values.serialize_value(time)?,
                Cell::Span(span) => values.serialize_value(&Seconds(span.at(as_of)))?,
            }
        }
        values.end()
    }
}

/// Whole seconds as an integer, others as a fraction.
struct Seconds(SignedDuration);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.subsec_nanos() {
            0 => serializer.serialize_i64(self.0.as_secs()),
            _ => serializer.serialize_f64(self.0.as_secs_f64()),
        }
    }
}
