//! The popup that shows one row with its full texts.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::popup::{self, Popup};
use super::theme::Theme;
use crate::app::{RowView, State};
use crate::model::text;

/// Longer lines are hard to read.
const MAX_WIDTH: u16 = 110;

pub(super) fn popup(area: Rect, view: &RowView, state: &State, theme: Theme) -> Popup {
    let width = popup::text_width(area, MAX_WIDTH);
    let texts = view.row.full_texts(view.table, state.now);
    let labels = texts.iter().map(|(name, _)| text::width(name)).max().unwrap_or(0);
    let room = usize::from(width).saturating_sub(labels + 2);
    let lines = texts.iter().flat_map(|(name, value)| {
        // The label stands on the first line of its value.
        let names = std::iter::once(*name).chain(std::iter::repeat(""));
        names.zip(popup::wrap(value, room)).map(move |(name, piece)| {
            Line::from(vec![Span::styled(format!("{name:labels$}  "), theme.dim()), Span::raw(piece)])
        })
    });
    Popup { title: title(view, state), width, lines: lines.collect(), scroll: view.scroll }
}

/// The table's name, and which of its rows this is, if it still is one.
fn title(view: &RowView, state: &State) -> String {
    let panel = &state.panels[view.table];
    let name = view.table.title();
    match panel.place_of(&view.row.key) {
        Some(place) => format!("{name} {}/{}", place + 1, panel.view().len()),
        None if panel.rows().iter().any(|row| row.key == view.row.key) => {
            format!("{name}: no longer matches the filter")
        }
        None => format!("{name}: no longer listed"),
    }
}
