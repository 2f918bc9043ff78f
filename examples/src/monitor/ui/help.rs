//! The keys.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::input::BINDINGS;
use super::super::model::text;
use super::popup;
use super::theme::Theme;

pub(super) fn render(frame: &mut Frame<'_>, area: Rect, scroll: u16, theme: Theme) {
    let keys = BINDINGS.iter().map(|binding| text::width(binding.keys)).max().unwrap_or(0);
    let lines = BINDINGS.iter().map(|binding| {
        let gap = " ".repeat(keys - text::width(binding.keys) + 2);
        Line::from(vec![Span::styled(binding.keys, theme.key()), Span::raw(gap), Span::raw(binding.does)])
    });
    let width = popup::text_width(area, 64);
    popup::render(frame, area, "Keys", lines.collect(), width, scroll, theme);
}
