//! Messages, stacked in the lower right corner, the newest at the bottom.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};
use ratatui::widgets::{Block, Clear, Padding, Paragraph};

use super::super::app::{Severity, Toast, Toasts};
use super::super::model::text;
use super::theme::Theme;

const WIDEST: u16 = 64;

/// Lines of text of one message; the whole text stands in its table too.
const MOST_LINES: usize = 4;

pub(super) fn render(frame: &mut Frame<'_>, area: Rect, toasts: &Toasts, theme: Theme) {
    let width = area.width.min(WIDEST);
    let mut bottom = area.bottom();
    let mut placed = Vec::new();
    for toast in toasts.visible() {
        let lines = lines(toast, usize::from(width.saturating_sub(4)));
        let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
        let Some(top) = bottom.checked_sub(height).filter(|&top| top >= area.y) else { break };
        placed.push((Rect { x: area.right() - width, y: top, width, height }, toast, lines));
        bottom = top;
    }
    let mut not_shown = toasts.len() - placed.len();
    for (place, toast, lines) in placed {
        let style = theme.severity(toast.severity);
        let name = match toast.severity {
            Severity::Information => " Info ",
            Severity::Warning => " Warning ",
            Severity::Error => " Error ",
        };
        let mut block = Block::bordered()
            .border_style(style)
            .padding(Padding::horizontal(1))
            .title(Line::styled(name, style));
        // The newest one, which comes first, tells of those behind.
        if let more @ 1.. = std::mem::take(&mut not_shown) {
            block = block.title_bottom(Line::styled(format!(" and {more} more "), style).right_aligned());
        }
        let text: Text<'_> = lines.into_iter().map(Line::from).collect();
        frame.render_widget(Clear, place);
        frame.render_widget(Paragraph::new(text).block(block), place);
    }
}

fn lines(toast: &Toast, width: usize) -> Vec<String> {
    let mut lines = text::wrap(&toast.text, width);
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        if let Some(last) = lines.last_mut() {
            // One column more than fits, if need be, so that the mark of the cut is there in any case.
            *last = if text::width(last) < width {
                format!("{last}…")
            } else {
                text::fit(&format!("{last} "), width)
            };
        }
    }
    lines
}
