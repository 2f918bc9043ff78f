//! [`bands`] and [`areas`]: where the header, the footer and each table are drawn.
//!
//! Up to [`PAIRED_WIDTH`] columns all tables are stacked; on wider terminals four of them stand in
//! pairs. Height is shared out by need, starting with the focused table. If there is too little for
//! all, the other tables shrink to their titles. A zoomed table has all of it.

use ratatui::layout::{Constraint, Layout, Rect};

use crate::app::{Panel, Problem, State, Switch};
use crate::model::{PerTable, Table, text};

/// The width from which tables stand side by side.
const PAIRED_WIDTH: u16 = 160;

/// The minimum height of a table: title, headings and two rows.
const MIN_HEIGHT: u16 = 4;

/// How far the rows stand to the right of the title.
pub(super) const BODY_INDENT: u16 = 2;

/// The most lines of an error that stands in the place of the rows.
const MAX_ERROR_LINES: usize = 3;

/// The height of a table that has never been loaded, so that the layout changes little when its
/// rows arrive.
const UNLOADED_HEIGHT: u16 = 9;

/// The header, the tables, the footer.
pub(super) fn bands(area: Rect) -> [Rect; 3] {
    Layout::vertical([Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)]).areas(area)
}

/// Where each table is drawn.
pub(super) fn areas(area: Rect, state: &State) -> PerTable<Rect> {
    if state.zoom == Switch::On {
        return PerTable::from_fn(|table| if table == state.focus { area } else { Rect::ZERO });
    }
    if area.width < PAIRED_WIDTH {
        let bands = Table::ALL.map(|table| vec![table]);
        stack(area, state, &bands)
    } else {
        let bands =
            [vec![Table::Builds], vec![Table::Runner, Table::Vertex], vec![Table::Active, Table::Completed]];
        stack(area, state, &bands)
    }
}

fn stack(area: Rect, state: &State, bands: &[Vec<Table>]) -> PerTable<Rect> {
    let wanted: Vec<u16> = bands
        .iter()
        .map(|band| {
            let width = area.width / u16::try_from(band.len()).unwrap_or(1);
            band.iter().map(|&table| height_wanted(state, table, width)).max().unwrap_or(0)
        })
        .collect();
    let focus = bands.iter().position(|band| band.contains(&state.focus)).unwrap_or(0);
    let heights = share(area.height, &wanted, focus);
    let lines = Layout::vertical(heights.into_iter().map(Constraint::Length)).split(area);
    let mut areas = PerTable::from_fn(|_| Rect::ZERO);
    for (band, line) in bands.iter().zip(lines.iter()) {
        let parts = Layout::horizontal(band.iter().map(|_| Constraint::Fill(1))).spacing(2).split(*line);
        for (&table, part) in band.iter().zip(parts.iter()) {
            areas[table] = *part;
        }
    }
    areas
}

fn height_wanted(state: &State, table: Table, width: u16) -> u16 {
    let panel = &state.panels[table];
    let error_lines = || {
        let room = usize::from(width.saturating_sub(BODY_INDENT));
        let error = Problem::of(panel);
        error.map_or(0, |error| text::wrap(error.text(), room).take(MAX_ERROR_LINES).count())
    };
    let lines = match panel.loaded() {
        None if panel.has_failed() => error_lines(),
        None => return UNLOADED_HEIGHT,
        Some(_) if panel.rows().is_empty() => 1 + error_lines(),
        // With headings.
        Some(_) => 1 + rows(state, panel),
    };
    u16::try_from(1 + lines).unwrap_or(u16::MAX)
}

/// The lines of the rows that are shown. While a filter is being typed, those of all rows, so that
/// the tables do not move with each key.
fn rows(state: &State, panel: &Panel) -> usize {
    if state.filter_line.as_ref().is_some_and(|line| line.table == panel.table()) {
        return panel.rows().len() + 1;
    }
    let view = panel.view();
    view.len().max(1) + usize::from(view.divider().is_some())
}

/// Shares the height out between bands.
fn share(lines: u16, wanted: &[u16], focus: usize) -> Vec<u16> {
    let mut heights: Vec<u16> = wanted.iter().map(|&wanted| wanted.min(MIN_HEIGHT)).collect();
    let minimum: u16 = heights.iter().sum();
    let Some(mut left) = lines.checked_sub(minimum) else { return only_titles(lines, wanted.len(), focus) };
    // One line at a time, in rounds that start with the focused band.
    let order: Vec<usize> = (0..wanted.len()).map(|step| (focus + step) % wanted.len()).collect();
    while left > 0 {
        let before = left;
        for &band in &order {
            if left > 0 && heights[band] < wanted[band] {
                heights[band] += 1;
                left -= 1;
            }
        }
        if left == before {
            break;
        }
    }
    heights
}

fn only_titles(lines: u16, bands: usize, focus: usize) -> Vec<u16> {
    let others = u16::try_from(bands.saturating_sub(1)).unwrap_or(u16::MAX);
    let focused = lines.saturating_sub(others);
    (0..bands).map(|band| if band == focus { focused } else { 1 }).collect()
}

#[cfg(test)]
mod tests;
