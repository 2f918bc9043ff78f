//! Draws one table.

use std::borrow::Cow;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::columns;
use super::layout::BODY_INDENT;
use super::theme::Theme;
use super::title::{self, Body, rule};
use crate::app::{Panel, Problem, State};
use crate::model::{Cell, Column, Row, Table, text};

pub(super) fn render(frame: &mut Frame<'_>, area: Rect, state: &State, table: Table, theme: Theme) {
    if area.is_empty() {
        return;
    }
    let body = Rect {
        y: area.y + 1,
        height: area.height - 1,
        x: area.x + BODY_INDENT,
        width: area.width.saturating_sub(BODY_INDENT),
    };
    let panel = &state.panels[table];
    let drawn = if body.is_empty() {
        Body::default()
    } else if panel.rows().is_empty() && (panel.loaded().is_some() || panel.has_failed()) {
        no_rows(frame, body, panel, theme)
    } else {
        rows(frame, body, state, panel, theme)
    };
    title::render(frame, Rect { height: 1, ..area }, state, table, drawn, theme);
}

/// Draws what stands in the place of rows: that there are none, and the error.
fn no_rows(frame: &mut Frame<'_>, area: Rect, panel: &Panel, theme: Theme) -> Body {
    let mut lines = Vec::new();
    if panel.loaded().is_some() {
        lines.push(Line::styled(panel.table().empty_message(), theme.dim()));
    }
    let room = usize::from(area.height) - lines.len();
    let problem = Problem::of(panel).filter(|_| room > 0);
    if let Some(problem) = &problem {
        // While it is fetched again it is no news, but still to be read.
        let style = if panel.is_loading() { theme.dim() } else { theme.error() };
        let error = text::wrap_at_most(problem.text(), usize::from(area.width), room);
        lines.extend(error.into_iter().map(|line| Line::styled(line, style)));
    }
    frame.render_widget(Paragraph::new(lines), area);
    Body { shows_error: problem.is_some(), ..Body::default() }
}

/// One line of a table's body.
#[derive(Clone, Copy)]
enum TableLine<'a> {
    /// A row, with its index.
    Row(usize, &'a Row),
    Divider,
}

/// Draws the rows that fit, and returns how many are out of view.
///
/// Formats no other rows: there may be a thousand of them, and sixty frames a second.
fn rows(frame: &mut Frame<'_>, area: Rect, state: &State, panel: &Panel, theme: Theme) -> Body {
    let columns = panel.table().columns();
    let (all, loaded) = (panel.rows(), panel.loaded());
    let height = usize::from(area.height.saturating_sub(1));
    let selected = (state.focus == panel.table()).then(|| panel.selected());
    let divider = loaded.and_then(|rows| rows.arranged.divider);
    let page = page(all, divider, selected.unwrap_or(0), height);
    let cells: Vec<Vec<Cow<'_, str>>> = page.iter().map(|line| texts(*line, columns, state.now)).collect();
    let natural: Vec<u16> = (0..columns.len())
        .map(|index| {
            // Growing durations may be wider than when they were measured.
            let in_view = cells.iter().filter_map(|texts| texts.get(index)).map(|text| text::width(text));
            let ever = loaded.map(|rows| rows.column_widths[index]);
            let widest = in_view.chain(ever).max().unwrap_or(0).max(text::width(columns[index].name));
            // At least the minimum width, so that the headings hardly move when the first rows
            // arrive.
            u16::try_from(widest).unwrap_or(u16::MAX).max(columns[index].min_width)
        })
        .collect();
    let places = places(area, &columns::widths(columns, &natural, area.width));

    let buffer = frame.buffer_mut();
    for &(index, place) in &places {
        print(buffer, place, columns[index].name, theme.heading());
    }
    for ((line, texts), y) in page.iter().zip(&cells).zip(area.y + 1..) {
        let whole = Rect { y, height: 1, ..area };
        match *line {
            TableLine::Divider => {
                for &(_, place) in &places {
                    rule(buffer, Rect { y, ..place }, theme.dim());
                }
            }
            TableLine::Row(index, row) => {
                let is_old = loaded.is_some_and(|rows| rows.stale_since(row).is_some());
                buffer.set_style(whole, row_style(selected == Some(index), is_old, theme));
                for &(index, place) in &places {
                    print(buffer, Rect { y, ..place }, &texts[index], cell_style(&row.cells[index], theme));
                }
            }
        }
    }
    if all.is_empty() && area.height > 1 {
        let message = if panel.is_loading() { "Loading…" } else { "Not loaded; r refreshes" };
        let place = Rect { y: area.y + 1, height: 1, ..area };
        frame.render_widget(Line::styled(message, theme.dim()), place);
    }
    let mut in_view = page.iter().filter_map(|line| match line {
        TableLine::Row(index, _) => Some(*index),
        TableLine::Divider => None,
    });
    let first = in_view.next();
    let last = in_view.next_back().or(first).map_or(0, |index| index + 1);
    Body { above: first.unwrap_or(0), below: all.len() - last, shows_error: false }
}

/// The lines that fit, with the selected one as close to the middle as possible.
fn page(all: &[Row], divider: Option<usize>, selected: usize, height: usize) -> Vec<TableLine<'_>> {
    let lines = all.len() + usize::from(divider.is_some());
    let selected = selected + usize::from(divider.is_some_and(|divider| divider <= selected));
    let first = selected.saturating_sub(height / 2).min(lines.saturating_sub(height));
    let line = |line: usize| match divider {
        Some(divider) if line == divider => TableLine::Divider,
        Some(divider) if line > divider => TableLine::Row(line - 1, &all[line - 1]),
        _ => TableLine::Row(line, &all[line]),
    };
    let mut page: Vec<_> = (first..lines.min(first + height)).map(line).collect();
    // A divider on the last line would separate nothing.
    page.pop_if(|last| matches!(last, TableLine::Divider));
    page
}

fn texts<'a>(line: TableLine<'a>, columns: &[Column], now: Timestamp) -> Vec<Cow<'a, str>> {
    match line {
        TableLine::Row(_, row) => {
            row.cells.iter().zip(columns).map(|(cell, column)| cell.on_screen(column, now)).collect()
        }
        TableLine::Divider => Vec::new(),
    }
}

/// The area of each visible column within a line, with the column's index.
fn places(area: Rect, widths: &[u16]) -> Vec<(usize, Rect)> {
    let mut x = area.x;
    let shown = widths.iter().enumerate().filter(|(_, width)| **width > 0);
    shown
        .map(|(index, &width)| {
            let place = Rect { x, y: area.y, width, height: 1 }.intersection(area);
            x = x.saturating_add(width + columns::SPACING);
            (index, place)
        })
        .collect()
}

fn print(buffer: &mut Buffer, place: Rect, text: &str, style: Style) {
    if place.is_empty() {
        return;
    }
    // The style covers the whole cell, so that the selection has no gaps.
    if style != Style::new() {
        buffer.set_style(place, style);
    }
    let width = usize::from(place.width);
    let text = text::fit(text, width);
    if text::is_plain(&text) {
        // Printable ASCII needs no segmentation into graphemes, which would dominate the cost.
        for (x, c) in (place.x..).zip(text.chars()) {
            buffer[(x, place.y)].set_char(c);
        }
    } else {
        buffer.set_stringn(place.x, place.y, text, width, Style::new());
    }
}

fn row_style(is_selected: bool, is_old: bool, theme: Theme) -> Style {
    match (is_selected, is_old) {
        (true, _) => theme.selected(),
        (false, true) => theme.dim(),
        (false, false) => Style::new(),
    }
}

fn cell_style(cell: &Cell, theme: Theme) -> Style {
    match cell {
        Cell::Status(status) => theme.status(status.state),
        Cell::Missing => theme.dim(),
        _ => Style::new(),
    }
}
