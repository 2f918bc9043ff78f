//! One table, whichever of the five it is.

use ratatui::Frame;
use ratatui::layout::{Constraint, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Text};
use ratatui::widgets::{Cell as TableCell, Paragraph, Row as TableRow, Table as TableWidget};

use super::super::app::{Outcome, Panel, State};
use super::super::model::{Cell, Table, text};
use super::theme::Theme;
use super::{columns, title};

pub(super) fn render(frame: &mut Frame<'_>, area: Rect, state: &State, table: Table, theme: Theme) {
    if area.is_empty() {
        return;
    }
    let body =
        Rect { y: area.y + 1, height: area.height - 1, x: area.x + 2, width: area.width.saturating_sub(2) };
    let panel = &state.panels[table];
    let below = match (panel.outcome(), panel.loaded_at()) {
        _ if body.is_empty() => 0,
        (Outcome::Failed(error), None) if !panel.is_loading() => {
            sorry(frame, body, error, theme);
            0
        }
        _ => rows(frame, body, state, panel, theme),
    };
    title::render(frame, Rect { height: 1, ..area }, state, table, below, theme);
}

/// There have never been any rows: all the room is for the reason.
fn sorry(frame: &mut Frame<'_>, area: Rect, error: &str, theme: Theme) {
    let lines = text::wrap(error, usize::from(area.width)).take(usize::from(area.height)).map(Line::from);
    frame.render_widget(Paragraph::new(lines.collect::<Text<'_>>()).style(theme.error()), area);
}

/// What stands in one line of a table.
enum TableLine {
    Row { cells: Vec<(String, Style)>, style: Style, selected: bool },
    Divider,
}

/// Draws the rows that there is room for, and says how many more there are below.
fn rows(frame: &mut Frame<'_>, area: Rect, state: &State, panel: &Panel, theme: Theme) -> usize {
    let columns = panel.table().columns();
    let lines = lines(state, panel, theme);
    let natural: Vec<u16> = (0..columns.len())
        .map(|index| {
            let cells = lines.iter().filter_map(|line| match line {
                TableLine::Row { cells, .. } => Some(text::width(&cells[index].0)),
                TableLine::Divider => None,
            });
            let widest = cells.max().unwrap_or(0).max(text::width(columns[index].name));
            // So the headings stay where they are when the first rows come, or nearly so.
            u16::try_from(widest).unwrap_or(u16::MAX).max(columns[index].least)
        })
        .collect();
    let widths = columns::widths(columns, &natural, area.width);
    let shown: Vec<usize> = (0..columns.len()).filter(|&index| widths[index] > 0).collect();

    let headings = shown.iter().map(|&index| text::fit(columns[index].name, usize::from(widths[index])));
    let height = usize::from(area.height.saturating_sub(1));
    let first = first_line(&lines, height);
    let mut page = lines.get(first..).unwrap_or_default();
    page = &page[..page.len().min(height)];
    // Below a divider there is something, or it is none.
    if let [rest @ .., TableLine::Divider] = page {
        page = rest;
    }
    let after = &lines[first + page.len()..];
    let below = after.iter().filter(|line| matches!(line, TableLine::Row { .. })).count();
    let visible = page.iter().map(|line| match line {
        TableLine::Divider => {
            let rules = shown.iter().map(|&index| "─".repeat(usize::from(widths[index])));
            TableRow::new(rules).style(theme.dim())
        }
        TableLine::Row { cells, style: row_style, selected } => {
            let cells = shown.iter().map(|&index| {
                let (text, style) = &cells[index];
                TableCell::new(text::fit(text, usize::from(widths[index]))).style(*style)
            });
            TableRow::new(cells).style(if *selected { theme.selected() } else { *row_style })
        }
    });
    let constraints = shown.iter().map(|&index| Constraint::Length(widths[index]));
    let widget = TableWidget::new(visible, constraints)
        .header(TableRow::new(headings).style(theme.heading()))
        .column_spacing(columns::SPACING);
    frame.render_widget(widget, area);
    if lines.is_empty() && area.height > 1 {
        let message = match panel.loaded_at() {
            Some(_) => panel.table().empty_message(),
            None if panel.is_loading() => "Loading…",
            None => "Not loaded; r refreshes",
        };
        let place = Rect { y: area.y + 1, height: 1, ..area };
        frame.render_widget(Line::styled(message, theme.dim()), place);
    }
    below
}

fn lines(state: &State, panel: &Panel, theme: Theme) -> Vec<TableLine> {
    let (rows, columns) = (panel.rows(), panel.table().columns());
    let focused = state.focus == panel.table();
    let mut lines = Vec::with_capacity(rows.rows.len() + 1);
    for (index, row) in rows.rows.iter().enumerate() {
        if rows.divider == Some(index) {
            lines.push(TableLine::Divider);
        }
        let cells = row.cells.iter().zip(columns).map(|(cell, column)| {
            let style = match cell {
                Cell::Status(status) => theme.status(status.state),
                Cell::Missing => theme.dim(),
                _ => Style::new(),
            };
            (cell.shown(column, state.now), style)
        });
        let style = if panel.kept_since(row).is_some() { theme.dim() } else { Style::new() };
        let selected = focused && index == panel.selected();
        lines.push(TableLine::Row { cells: cells.collect(), style, selected });
    }
    lines
}

/// The first line to draw, so that the selected one is as near to the middle as can be.
fn first_line(lines: &[TableLine], height: usize) -> usize {
    let selected = lines.iter().position(|line| matches!(line, TableLine::Row { selected: true, .. }));
    let last_page = lines.len().saturating_sub(height);
    selected.unwrap_or(0).saturating_sub(height / 2).min(last_page)
}
