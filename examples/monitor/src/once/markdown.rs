//! The Markdown format of `--once`: a heading and a table for each, cut as on the screen.

use std::io::{self, Write};

use super::report::Report;
use crate::model::{Table, text};

/// Prints the table that comes as this number, counted from 0.
pub(super) fn print(table: Table, report: &Report, number: usize, out: &mut impl Write) -> io::Result<()> {
    if number > 0 {
        writeln!(out)?;
    }
    writeln!(out, "## {}\n", table.title())?;
    if let Some(error) = &report.error {
        writeln!(out, "> error: {}\n", escape(&text::escape(error)))?;
    }
    let columns = table.columns();
    let rows = &report.rows.arranged.rows;
    if rows.is_empty() {
        return if report.error.is_none() { writeln!(out, "{}", table.empty_message()) } else { Ok(()) };
    }
    line(columns.iter().map(|column| column.name.to_owned()), out)?;
    line(columns.iter().map(|_| "---".to_owned()), out)?;
    for row in rows {
        let cells = row.cells.iter().zip(columns).map(|(cell, column)| cell.shown(column, report.as_of(row)));
        line(cells.map(|cell| escape(&cell)), out)?;
    }
    Ok(())
}

fn line(cells: impl Iterator<Item = String>, out: &mut impl Write) -> io::Result<()> {
    for cell in cells {
        write!(out, "| {cell} ")?;
    }
    writeln!(out, "|")
}

/// So that a text ends no cell, and is no markup.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '|' | '\\' | '`' | '*' | '_' | '<' | '>' | '[' | ']' | '&' | '#' | '~') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
