//! The text format of `--once`: each table with its title, in aligned columns of natural width.

use std::borrow::Cow;
use std::io::{self, Write};

use super::report::Report;
use crate::model::{Table, text};

/// Prints the table that comes as this number, counted from 0.
pub(super) fn print(table: Table, report: &Report, number: usize, out: &mut impl Write) -> io::Result<()> {
    if number > 0 {
        writeln!(out)?;
    }
    writeln!(out, "{}", table.title())?;
    if let Some(error) = &report.error {
        writeln!(out, "  error: {}", text::escape(error))?;
    }
    let columns = table.columns();
    let arranged = &report.rows.arranged;
    let rows: Vec<Vec<Cow<'_, str>>> = arranged
        .rows
        .iter()
        .map(|row| {
            row.cells
                .iter()
                .zip(columns)
                .map(|(cell, column)| cell.shown(column, report.as_of(row)))
                .collect()
        })
        .collect();
    if rows.is_empty() {
        return if report.error.is_none() { writeln!(out, "  {}", table.empty_message()) } else { Ok(()) };
    }
    let widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            rows.iter().map(|row| text::width(&row[index])).max().unwrap_or(0).max(text::width(column.name))
        })
        .collect();
    print_line(columns.iter().map(|column| column.name), &widths, out)?;
    for (index, row) in rows.iter().enumerate() {
        if arranged.divider == Some(index) {
            let rules: Vec<String> = widths.iter().map(|&width| "─".repeat(width)).collect();
            print_line(rules.iter().map(String::as_str), &widths, out)?;
        }
        print_line(row.iter().map(|cell| &**cell), &widths, out)?;
    }
    Ok(())
}

fn print_line<'a>(
    cells: impl Iterator<Item = &'a str>,
    widths: &[usize],
    out: &mut impl Write,
) -> io::Result<()> {
    let mut line = String::from("  ");
    for (cell, &width) in cells.zip(widths) {
        line.push_str(cell);
        let gap = width.saturating_sub(text::width(cell)) + 2;
        line.extend(std::iter::repeat_n(' ', gap));
    }
    writeln!(out, "{}", line.trim_end())
}
