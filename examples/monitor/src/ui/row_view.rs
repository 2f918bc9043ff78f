//! The popup that shows one row with its full texts.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::popup::{self, Popup};
use super::theme::Theme;
use crate::app::RowView;
use crate::model::text;

/// Longer lines are hard to read.
const MAX_WIDTH: u16 = 110;

/// The most characters shown of one text; it is wrapped in every frame.
const MAX_CHARS: usize = 50_000;

/// Each line: a label, blank except on the first line of its value, and a part of the value.
fn label_lines(area: Rect, view: &RowView, now: Timestamp) -> impl Iterator<Item = (String, String)> {
    let described = view.row.full_texts(view.table, now);
    let labels = described.iter().map(|(name, _)| text::width(name)).max().unwrap_or(0);
    let room = usize::from(popup::text_width(area, MAX_WIDTH)).saturating_sub(labels + 2);
    described.into_iter().flat_map(move |(name, mut value)| {
        let kept = text::truncate(&value, MAX_CHARS).len();
        if kept < value.len() {
            value.truncate(kept);
            value.push_str("…\n(--once --format json prints all of it)");
        }
        let names = std::iter::once(name).chain(std::iter::repeat(""));
        let pieces: Vec<_> = text::wrap(&value, room).collect();
        names.zip(pieces).map(move |(name, piece)| (format!("{name:labels$}  "), piece))
    })
}

/// The number of lines.
pub(super) fn lines(area: Rect, view: &RowView, now: Timestamp) -> usize {
    label_lines(area, view, now).count()
}

pub(super) fn render(frame: &mut Frame<'_>, area: Rect, view: &RowView, now: Timestamp, theme: Theme) {
    let popup = Popup {
        title: view.table.title(),
        width: popup::text_width(area, MAX_WIDTH),
        count: lines(area, view, now),
        scroll: view.scroll,
    };
    let lines = label_lines(area, view, now)
        .map(|(label, piece)| Line::from(vec![Span::styled(label, theme.dim()), Span::raw(piece)]));
    popup.render(frame, area, lines, theme);
}
