//! [`render`] draws a [`State`]. The functions here are pure: they read the state and write to a
//! frame.
//!
//! *Invariant:* nothing here changes the state, and every external text is escaped by
//! [`escape`](crate::model::text::escape).

mod charset;
mod columns;
mod error_view;
mod filter_line;
mod footer;
mod header;
mod help;
mod hit;
mod layout;
mod log_view;
mod popup;
mod row_view;
mod stop_view;
mod table;
mod tail_view;
mod theme;
mod title;
mod toasts;
mod too_small;
mod worker_view;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::{Overlay, State, Visible};
use crate::model::Table;
use popup::Popup;

pub use charset::Charset;
pub use hit::action_at;
pub use theme::Theme;

/// Draws the whole screen.
pub fn render(frame: &mut Frame<'_>, state: &State, theme: Theme) {
    let area = frame.area();
    if too_small::is_too_small(area) {
        too_small::render(frame, area);
    } else {
        render_tables(frame, area, state, theme);
    }
    theme.charset().restrict(frame.buffer_mut());
}

fn render_tables(frame: &mut Frame<'_>, area: Rect, state: &State, theme: Theme) {
    let [top, middle, bottom] = layout::bands(area);
    header::render(frame, top, state, theme);
    let areas = layout::areas(middle, state);
    for table in Table::ALL {
        table::render(frame, areas[table], state, table, theme);
    }
    match &state.filter_line {
        Some(line) => filter_line::render(frame, bottom, line, theme),
        None => footer::render(frame, bottom, state, theme),
    }
    if let Some((popup, area)) = open_popup(middle, state, theme) {
        popup.render(frame, area, theme);
    }
    toasts::render(frame, middle, state, theme);
}

/// What of a state is visible on a screen of this size.
pub fn visible(area: Rect, state: &State) -> Visible {
    let screen = (area.width, area.height);
    if too_small::is_too_small(area) {
        return Visible { toasts: 0, last_page: u16::MAX, screen };
    }
    let [_, middle, _] = layout::bands(area);
    // What fits does not depend on the theme.
    let popup = open_popup(middle, state, Theme::plain());
    let last_page = popup.map_or(0, |(popup, area)| popup.last_page(area));
    Visible { toasts: toasts::visible_count(middle, state), last_page, screen }
}

/// The open popup, and the area in the middle of which it stands.
fn open_popup(area: Rect, state: &State, theme: Theme) -> Option<(Popup, Rect)> {
    let popup = match &state.overlay {
        Overlay::None => return None,
        Overlay::Help(scroll) => help::popup(area, *scroll, theme),
        Overlay::Row(view) => row_view::popup(area, view, state, theme),
        Overlay::Error(view) => error_view::popup(area, view, state, theme),
        Overlay::Log(scroll) => log_view::popup(area, *scroll, state, theme),
        Overlay::Tail(view) => tail_view::popup(area, view, state, theme),
        Overlay::Stop(view) => stop_view::popup(area, view, theme),
        Overlay::Workers(view) => worker_view::popup(area, view, theme),
    };
    // It stands above the toasts rather than below them, where it could not be read.
    let toasts = toasts::place(area, state);
    let is_covered = popup.place(area).intersects(toasts);
    let height = if is_covered { area.height - toasts.height } else { area.height };
    Some((popup, Rect { height, ..area }))
}

#[cfg(test)]
mod tests;
