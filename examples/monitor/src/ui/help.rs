//! The popup with the list of keys.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::popup::{self, Popup};
use super::theme::Theme;
use crate::app::Scroll;
use crate::input::BINDINGS;
use crate::model::text;

/// The number of lines.
pub(super) fn lines() -> usize {
    BINDINGS.len()
}

pub(super) fn render(frame: &mut Frame<'_>, area: Rect, scroll: Scroll, theme: Theme) {
    let keys = BINDINGS.iter().map(|binding| text::width(binding.keys)).max().unwrap_or(0);
    let lines = BINDINGS.iter().map(|binding| {
        let gap = " ".repeat(keys - text::width(binding.keys) + 2);
        Line::from(vec![Span::styled(binding.keys, theme.key()), Span::raw(gap), Span::raw(binding.does)])
    });
    let popup = Popup { title: "Keys", width: popup::text_width(area, 64), count: BINDINGS.len(), scroll };
    popup.render(frame, area, lines, theme);
}
