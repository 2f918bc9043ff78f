//! The popup with the last lines of a log that is followed.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::popup::{self, Popup};
use super::theme::Theme;
use crate::app::{RowView, State, Tail};
use crate::model::text;

const MAX_WIDTH: u16 = 160;

pub(super) fn popup(area: Rect, view: &RowView, state: &State, theme: Theme) -> Popup {
    let width = popup::text_width(area, MAX_WIDTH);
    let wrapped = |text: &str| text::wrap(text, usize::from(width)).map(Line::from).collect::<Vec<_>>();
    let tail = state.tail.data();
    let mut lines: Vec<Line<'_>> = tail.into_iter().flat_map(Tail::lines).flat_map(wrapped).collect();
    if let Some(dropped) = tail.map(Tail::dropped).filter(|dropped| *dropped > 0) {
        lines.insert(0, Line::styled(format!("({dropped} lines before these)"), theme.dim()));
    }
    let now = match (state.tail.error(), state.tail.is_fetching()) {
        (Some(error), _) => Some((error.to_string(), theme.error())),
        (None, true) if lines.is_empty() => Some(("Reading the log…".to_owned(), theme.dim())),
        (None, true) => None,
        (None, false) => Some(("(the log ends here)".to_owned(), theme.dim())),
    };
    if let Some((text, style)) = now {
        lines.extend(popup::wrap(&text, usize::from(width)).map(|line| Line::styled(line, style)));
    }
    let following = if state.tail.is_fetching() { ", followed" } else { "" };
    let title = format!("{} {}: log{following}", view.table.title(), text::escape(&view.row.key));
    Popup { title, width, lines, scroll: view.scroll }
}
