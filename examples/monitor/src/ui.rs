//! [`render`] draws a [`State`]. The functions here are pure: they read the state and write to a
//! frame.
//!
//! *Invariant:* nothing here changes the state, and every external text is escaped by
//! [`escape`](crate::model::text::escape).

mod columns;
mod footer;
mod header;
mod help;
mod layout;
mod popup;
mod row_view;
mod table;
mod theme;
mod title;
mod toasts;
mod too_small;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

use crate::app::{Overlay, State, Visible};
use crate::model::Table;

pub use theme::Theme;

/// Draws the whole screen.
pub fn render(frame: &mut Frame<'_>, state: &State, theme: Theme) {
    let area = frame.area();
    if too_small::is_too_small(area) {
        too_small::render(frame, area);
        return;
    }
    let [top, middle, bottom] = bands(area);
    header::render(frame, top, state, theme);
    let areas = layout::areas(middle, state);
    for table in Table::ALL {
        table::render(frame, areas[table], state, table, theme);
    }
    footer::render(frame, bottom, state, theme);
    match &state.overlay {
        Overlay::None => {}
        Overlay::Help(scroll) => help::render(frame, middle, *scroll, theme),
        Overlay::Row(view) => row_view::render(frame, middle, view, state.now, theme),
    }
    toasts::render(frame, middle, state, theme);
}

/// What of a state is visible on a screen of this size.
pub fn visible(area: Rect, state: &State) -> Visible {
    if too_small::is_too_small(area) {
        return Visible { toasts: 0, last_page: u16::MAX };
    }
    let [_, middle, _] = bands(area);
    let lines = match &state.overlay {
        Overlay::None => 0,
        Overlay::Help(_) => help::lines(),
        Overlay::Row(view) => row_view::lines(middle, view, state.now),
    };
    Visible { toasts: toasts::visible_count(middle, state), last_page: popup::last_page(middle, lines) }
}

/// The header, the tables, the footer.
fn bands(area: Rect) -> [Rect; 3] {
    Layout::vertical([Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)]).areas(area)
}

#[cfg(test)]
mod tests;
