//! The toasts, stacked in one frame in the lower right corner.
//!
//! They fill at most a third of the height. The number of hidden toasts is shown on the frame.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Block, Clear, Padding, Paragraph};

use super::theme::Theme;
use crate::app::{Severity, State, Toast};
use crate::model::text;

const MAX_WIDTH: u16 = 64;

/// The width of the frame, the padding and the severity symbol.
const CHROME_WIDTH: u16 = 6;

/// The most lines of one toast.
const MAX_LINES: usize = 3;

/// The most lines of an error that its table shows in full.
const MAX_LINES_IF_IN_TABLE: usize = 2;

/// How many toasts fit, counted from the first.
pub(super) fn visible_count(area: Rect, state: &State) -> usize {
    stack(area, state).len()
}

pub(super) fn render(frame: &mut Frame<'_>, area: Rect, state: &State, theme: Theme) {
    let stack = stack(area, state);
    let Some(severity) = stack.iter().map(|(toast, _)| toast.severity).max() else { return };
    let height: usize = 2 + stack.iter().map(|(_, lines)| lines.len()).sum::<usize>();
    let height = u16::try_from(height).unwrap_or(u16::MAX).min(area.height);
    let width = area.width.min(MAX_WIDTH);
    let place = Rect { x: area.right() - width, y: area.bottom() - height, width, height };
    let name = match severity {
        Severity::Information => " Info ",
        Severity::Warning => " Warning ",
        Severity::Error => " Error ",
    };
    let style = theme.severity(severity);
    let mut block = Block::bordered()
        .border_style(style)
        .padding(Padding::horizontal(1))
        .title(Line::styled(name, style))
        .title(Line::styled(" x clears ", theme.dim()).right_aligned());
    let hidden = state.toasts.len() - stack.len();
    if hidden > 0 {
        block = block.title_bottom(Line::styled(format!(" and {hidden} more "), style).right_aligned());
    }
    let lines = stack.into_iter().flat_map(|(toast, lines)| {
        let symbols = std::iter::once(symbol(toast.severity)).chain(std::iter::repeat("  "));
        let style = theme.severity(toast.severity);
        symbols
            .zip(lines)
            .map(move |(symbol, line)| Line::from(vec![Span::styled(symbol, style), Span::raw(line)]))
    });
    frame.render_widget(Clear, place);
    frame.render_widget(Paragraph::new(lines.collect::<Text<'_>>()).block(block), place);
}

fn symbol(severity: Severity) -> &'static str {
    match severity {
        Severity::Information => "· ",
        Severity::Warning => "! ",
        Severity::Error => "✗ ",
    }
}

/// The toasts that fit, with their lines; always at least one.
fn stack(area: Rect, state: &State) -> Vec<(&Toast, Vec<String>)> {
    let width = usize::from(area.width.min(MAX_WIDTH).saturating_sub(CHROME_WIDTH));
    let mut room = usize::from(area.height / 3).max(MAX_LINES_IF_IN_TABLE + 2).saturating_sub(2);
    let mut stack = Vec::new();
    for toast in state.toasts.iter() {
        let limit = if is_shown_in_table(toast, state) { MAX_LINES_IF_IN_TABLE } else { MAX_LINES };
        let limit = if stack.is_empty() { limit.min(room) } else { limit };
        let lines = lines(toast, width, limit);
        let Some(left) = room.checked_sub(lines.len()) else { break };
        room = left;
        stack.push((toast, lines));
    }
    stack
}

/// Whether the toast's table shows the same error in full, in the place of its rows.
fn is_shown_in_table(toast: &Toast, state: &State) -> bool {
    toast.table.is_some_and(|table| {
        let panel = &state.panels[table];
        panel.loaded().is_none() && panel.has_failed()
    })
}

fn lines(toast: &Toast, width: usize, limit: usize) -> Vec<String> {
    let mut lines: Vec<String> = text::wrap(&toast.text, width).take(limit + 1).collect();
    if lines.len() > limit {
        lines.truncate(limit);
        if let Some(last) = lines.last_mut() {
            // A space is added if the line is full, so that the line is truncated and ends in `…`.
            *last = if text::width(last) < width {
                format!("{last}…")
            } else {
                text::fit(&format!("{last} "), width).into_owned()
            };
        }
    }
    lines
}
