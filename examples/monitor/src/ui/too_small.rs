//! The message of a terminal that is too small for the tables.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::{Paragraph, Wrap};

/// The minimum size: columns and lines.
pub(super) const MIN_SIZE: (u16, u16) = (40, 10);

pub(super) fn is_too_small(area: Rect) -> bool {
    area.width < MIN_SIZE.0 || area.height < MIN_SIZE.1
}

pub(super) fn render(frame: &mut Frame<'_>, area: Rect) {
    let text = format!(
        "Terminal too small: {}x{}, needs {}x{}. Ctrl-C leaves",
        area.width, area.height, MIN_SIZE.0, MIN_SIZE.1
    );
    frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), area);
}
