//! Messages, one below the other in a frame in the lower right corner.
//!
//! They take a third of the tables' place at most. Those that do not fit are counted on the frame and come later.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Block, Clear, Padding, Paragraph};

use super::theme::Theme;
use crate::app::{Outcome, Severity, State, Toast};
use crate::model::text;

const WIDEST: u16 = 64;

/// What the frame takes of a message's width: the frame itself, its padding, and the severity's mark.
const SIDES: u16 = 6;

/// Lines of one message.
const MOST_LINES: usize = 3;

/// Lines of an error that stands whole in its table.
const LINES_IF_IN_PLACE: usize = 2;

/// How many of the first messages fit.
pub(super) fn fitting(area: Rect, state: &State) -> usize {
    stack(area, state).len()
}

pub(super) fn render(frame: &mut Frame<'_>, area: Rect, state: &State, theme: Theme) {
    let stack = stack(area, state);
    let Some(severity) = stack.iter().map(|(toast, _)| toast.severity).max() else { return };
    let height: usize = 2 + stack.iter().map(|(_, lines)| lines.len()).sum::<usize>();
    let height = u16::try_from(height).unwrap_or(u16::MAX).min(area.height);
    let width = area.width.min(WIDEST);
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
    let waiting = state.toasts.len() - stack.len();
    if waiting > 0 {
        block = block.title_bottom(Line::styled(format!(" and {waiting} more "), style).right_aligned());
    }
    let lines = stack.into_iter().flat_map(|(toast, lines)| {
        let mark = std::iter::once(mark(toast.severity)).chain(std::iter::repeat("  "));
        let style = theme.severity(toast.severity);
        mark.zip(lines).map(move |(mark, line)| Line::from(vec![Span::styled(mark, style), Span::raw(line)]))
    });
    frame.render_widget(Clear, place);
    frame.render_widget(Paragraph::new(lines.collect::<Text<'_>>()).block(block), place);
}

fn mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Information => "· ",
        Severity::Warning => "! ",
        Severity::Error => "✗ ",
    }
}

/// The first messages, as many as fit, with their lines. The very first is always among them.
fn stack(area: Rect, state: &State) -> Vec<(&Toast, Vec<String>)> {
    let width = usize::from(area.width.min(WIDEST).saturating_sub(SIDES));
    let mut room = usize::from(area.height / 3).max(LINES_IF_IN_PLACE + 2).saturating_sub(2);
    let mut stack = Vec::new();
    for toast in state.toasts.iter() {
        let most = if stands_in_place(toast, state) { LINES_IF_IN_PLACE } else { MOST_LINES };
        let most = if stack.is_empty() { most.min(room) } else { most };
        let lines = lines(toast, width, most);
        let Some(left) = room.checked_sub(lines.len()) else { break };
        room = left;
        stack.push((toast, lines));
    }
    stack
}

/// Whether the table that a message is about shows the same error in full, in the place of its rows.
fn stands_in_place(toast: &Toast, state: &State) -> bool {
    toast.about.is_some_and(|table| {
        let panel = &state.panels[table];
        panel.loaded_at().is_none() && matches!(panel.outcome(), Outcome::Failed(_))
    })
}

fn lines(toast: &Toast, width: usize, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = text::wrap(&toast.text, width).take(most + 1).collect();
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            // One column more than fits, if need be, so that the mark of the cut is there in any case.
            *last = if text::width(last) < width {
                format!("{last}…")
            } else {
                text::fit(&format!("{last} "), width).into_owned()
            };
        }
    }
    lines
}
