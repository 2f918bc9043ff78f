//! A row with all its texts, whole.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::app::RowView;
use super::super::model::text;
use super::popup;
use super::theme::Theme;

/// Longer lines are tiring to read.
const WIDEST: u16 = 110;

pub(super) fn render(frame: &mut Frame<'_>, area: Rect, view: &RowView, now: Timestamp, theme: Theme) {
    let described = view.row.described(view.table, now);
    let labels = described.iter().map(|(name, _)| text::width(name)).max().unwrap_or(0);
    let width = popup::text_width(area, WIDEST);
    let room = usize::from(width).saturating_sub(labels + 2);
    let mut lines = Vec::new();
    for (name, value) in described {
        for (index, part) in text::wrap(&value, room).into_iter().enumerate() {
            let label = if index == 0 { name } else { "" };
            lines.push(Line::from(vec![
                Span::styled(format!("{label:labels$}  "), theme.dim()),
                Span::raw(part),
            ]));
        }
    }
    popup::render(frame, area, view.table.title(), lines, width, view.scroll, theme);
}
