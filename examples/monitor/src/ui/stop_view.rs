//! The question whether what a row stands for is to be stopped.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::popup::{self, Popup};
use super::theme::Theme;
use crate::app::RowView;

const MAX_WIDTH: u16 = 70;

pub(super) fn popup(area: Rect, view: &RowView, theme: Theme) -> Popup {
    let width = popup::text_width(area, MAX_WIDTH);
    let region = view.row.region.as_deref().map(|region| format!(" in {region}")).unwrap_or_default();
    let what = format!("Stop {}{region}, of {}?", view.row.key, view.table.title());
    let mut lines: Vec<Line<'_>> = popup::wrap(&what, usize::from(width)).map(Line::from).collect();
    lines.push(Line::styled("Enter stops it, Esc leaves it.", theme.dim()));
    Popup { title: "Stop".to_owned(), width, lines, scroll: view.scroll }
}
