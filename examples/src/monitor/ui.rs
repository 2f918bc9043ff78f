//! The picture of a [`State`]: pure functions from what is to what is drawn.
//!
//! *Invariant:* nothing here changes state, and every text from outside has gone through
//! [`escape`](super::model::text::escape) on its way.

mod columns;
mod footer;
mod header;
mod help;
mod layout;
mod popup;
mod row_view;
mod small;
mod table;
mod theme;
mod title;
mod toasts;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};

use super::app::{Overlay, State};
use super::model::Table;

pub use theme::Theme;

/// Draws the whole screen.
pub fn render(frame: &mut Frame<'_>, state: &State, theme: Theme) {
    let area = frame.area();
    if small::is_too_small(area) {
        small::render(frame, area);
        return;
    }
    let [top, middle, bottom] =
        Layout::vertical([Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)]).areas(area);
    header::render(frame, top, state, theme);
    let places = layout::places(middle, state);
    for table in Table::ALL {
        table::render(frame, places[table], state, table, theme);
    }
    footer::render(frame, bottom, state, theme);
    match &state.overlay {
        Overlay::None => {}
        Overlay::Help { scroll } => help::render(frame, middle, *scroll, theme),
        Overlay::Row(view) => row_view::render(frame, middle, view, state.now, theme),
    }
    toasts::render(frame, middle, &state.toasts, theme);
}

#[cfg(test)]
mod tests;
