//! Draws one table, and says what a click on it means.

use std::borrow::Cow;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::columns;
use super::layout::BODY_INDENT;
use super::theme::Theme;
use super::title::{self, Body, rule};
use crate::app::{Action, Direction, Panel, Problem, Sort, State};
use crate::model::{Cell, Column, Row, Table, text};

pub(super) fn render(frame: &mut Frame<'_>, area: Rect, state: &State, table: Table, theme: Theme) {
    if area.is_empty() {
        return;
    }
    let body = body(area);
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

/// What is below the title.
fn body(area: Rect) -> Rect {
    Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        x: area.x + BODY_INDENT,
        width: area.width.saturating_sub(BODY_INDENT),
    }
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
    /// A row, with its place among those shown.
    Row(usize, &'a Row),
    Divider,
}

/// What of a table's rows is drawn, and where.
struct Grid<'a> {
    lines: Vec<TableLine<'a>>,
    /// The texts of each line; none of a divider.
    texts: Vec<Vec<Cow<'a, str>>>,
    /// The headings.
    headings: Vec<Cow<'static, str>>,
    /// The places of the columns that are drawn, each with the column's index.
    places: Vec<(usize, Rect)>,
}

/// The rows that fit into an area.
///
/// Formats no other rows: there may be a thousand of them, and sixty frames a second.
fn grid<'a>(area: Rect, state: &State, panel: &'a Panel) -> Grid<'a> {
    let columns = panel.table().columns();
    let height = usize::from(area.height.saturating_sub(1));
    let selected = if state.focus == panel.table() { panel.selected() } else { 0 };
    let lines = page(panel, selected, height);
    let texts: Vec<Vec<Cow<'_, str>>> = lines.iter().map(|line| texts(*line, columns, state.now)).collect();
    let sort = panel.view().sort();
    let heading = |(index, column): (usize, &Column)| match sort.filter(|sort| sort.column == index) {
        None => Cow::Borrowed(column.name),
        Some(Sort { direction: Direction::Up, .. }) => format!("{} ▲", column.name).into(),
        Some(Sort { direction: Direction::Down, .. }) => format!("{} ▼", column.name).into(),
    };
    let headings: Vec<_> = columns.iter().enumerate().map(heading).collect();
    let natural: Vec<u16> = (0..columns.len())
        .map(|index| {
            // Growing durations may be wider than when they were measured.
            let in_view = texts.iter().filter_map(|texts| texts.get(index)).map(|text| text::width(text));
            let ever = panel.loaded().map(|rows| rows.column_widths[index]);
            let widest = in_view.chain(ever).max().unwrap_or(0).max(text::width(&headings[index]));
            // At least the minimum width, so that the headings hardly move when the first rows
            // arrive.
            u16::try_from(widest).unwrap_or(u16::MAX).max(columns[index].min_width)
        })
        .collect();
    let places = places(area, &columns::widths(columns, &natural, area.width));
    Grid { lines, texts, headings, places }
}

/// Draws the rows that fit, and returns how many are out of view.
fn rows(frame: &mut Frame<'_>, area: Rect, state: &State, panel: &Panel, theme: Theme) -> Body {
    let Grid { lines, texts, headings, places } = grid(area, state, panel);
    let selected = (state.focus == panel.table()).then(|| panel.selected());
    let buffer = frame.buffer_mut();
    for &(index, place) in &places {
        print(buffer, place, &headings[index], theme.heading());
    }
    for ((line, texts), y) in lines.iter().zip(&texts).zip(area.y + 1..) {
        let whole = Rect { y, height: 1, ..area };
        match *line {
            TableLine::Divider => {
                for &(_, place) in &places {
                    rule(buffer, Rect { y, ..place }, theme.dim());
                }
            }
            TableLine::Row(index, row) => {
                let is_old = panel.loaded().is_some_and(|rows| rows.stale_since(row).is_some());
                buffer.set_style(whole, row_style(selected == Some(index), is_old, theme));
                for &(index, place) in &places {
                    print(buffer, Rect { y, ..place }, &texts[index], cell_style(&row.cells[index], theme));
                }
            }
        }
    }
    if panel.view().is_empty() && area.height > 1 {
        let place = Rect { y: area.y + 1, height: 1, ..area };
        frame.render_widget(Line::styled(message(panel), theme.dim()), place);
    }
    let mut in_view = lines.iter().filter_map(|line| match line {
        TableLine::Row(index, _) => Some(*index),
        TableLine::Divider => None,
    });
    let first = in_view.next();
    let last = in_view.next_back().or(first).map_or(0, |index| index + 1);
    let sort = panel.view().sort().filter(|sort| !places.iter().any(|(index, _)| *index == sort.column));
    Body {
        above: first.unwrap_or(0),
        below: panel.view().len() - last,
        shows_error: false,
        sorted_out_of_view: sort.map(|sort| panel.table().columns()[sort.column].name),
    }
}

/// Why no row is shown.
fn message(panel: &Panel) -> &'static str {
    if !panel.rows().is_empty() {
        "No row matches the filter; Esc shows all"
    } else if panel.is_loading() {
        "Loading…"
    } else {
        "Not loaded; r refreshes"
    }
}

/// What a click means, in the area of a table.
pub(super) fn action_at(area: Rect, position: Position, state: &State, table: Table) -> Action {
    let body = body(area);
    let panel = &state.panels[table];
    let Some(line) = position.y.checked_sub(body.y).filter(|_| !panel.rows().is_empty()) else {
        return Action::GoTo(table);
    };
    let Grid { lines, places, .. } = grid(body, state, panel);
    let Some(line) = line.checked_sub(1) else {
        // The space after a column belongs to it.
        let ends = |place: &Rect| place.right().saturating_add(columns::SPACING);
        let column = places.iter().find(|(_, place)| (place.x..ends(place)).contains(&position.x));
        return column.map_or(Action::GoTo(table), |(index, _)| Action::SortBy(table, *index));
    };
    match lines.get(usize::from(line)) {
        Some(TableLine::Row(place, _)) => Action::Select(table, *place),
        Some(TableLine::Divider) | None => Action::GoTo(table),
    }
}

/// The lines that fit, with the selected one as close to the middle as possible.
fn page(panel: &Panel, selected: usize, height: usize) -> Vec<TableLine<'_>> {
    let divider = panel.view().divider();
    let lines = panel.view().len() + usize::from(divider.is_some());
    let selected = selected + usize::from(divider.is_some_and(|divider| divider <= selected));
    let first = selected.saturating_sub(height / 2).min(lines.saturating_sub(height));
    let row = |place: usize| panel.shown(place).map(|row| TableLine::Row(place, row));
    let line = |line: usize| match divider {
        Some(divider) if line == divider => Some(TableLine::Divider),
        Some(divider) if line > divider => row(line - 1),
        _ => row(line),
    };
    let mut page: Vec<_> = (first..lines.min(first + height)).filter_map(line).collect();
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
