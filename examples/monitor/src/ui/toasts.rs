//! The toasts, stacked in one frame in the lower right corner.
//!
//! They fill at most a third of the height, and no more of the width than they need. The number of
//! hidden toasts is shown on the frame.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Block, Clear, Padding, Paragraph};

use super::theme::Theme;
use crate::app::{Problem, Severity, State, Toast};
use crate::model::text;

const MAX_WIDTH: u16 = 64;

/// The width of the frame, the padding and the severity symbol.
const CHROME_WIDTH: u16 = 6;

/// The most lines of one toast.
const MAX_LINES: usize = 3;

/// How to clear the toasts.
const CLEARS: &str = " x clears ";

/// The same, if there is more to be read.
const READS_AND_CLEARS: &str = " m shows all, x clears ";

/// How many toasts fit, counted from the first.
pub(super) fn visible_count(area: Rect, state: &State) -> usize {
    stack(area, state).len()
}

/// The area they cover.
pub(super) fn place(area: Rect, state: &State) -> Rect {
    place_of(area, &stack(area, state), state)
}

pub(super) fn render(frame: &mut Frame<'_>, area: Rect, state: &State, theme: Theme) {
    let stack = stack(area, state);
    let Some(severity) = stack.iter().map(|(toast, _)| toast.severity).max() else { return };
    let place = place_of(area, &stack, state);
    let style = theme.severity(severity);
    let mut block = Block::bordered()
        .border_style(style)
        .padding(Padding::horizontal(1))
        .title(Line::styled(name(severity), style))
        .title(Line::styled(keys(&stack, state), theme.dim()).right_aligned());
    if let Some(hidden) = hidden(&stack, state) {
        block = block.title_bottom(Line::styled(hidden, style).right_aligned());
    }
    let lines = stack.into_iter().flat_map(|(toast, lines)| {
        let symbols = std::iter::once(symbol(toast.severity)).chain(std::iter::repeat(" "));
        let style = theme.severity(toast.severity);
        symbols.zip(lines).map(move |(symbol, line)| {
            Line::from(vec![Span::styled(format!("{symbol} "), style), Span::raw(line)])
        })
    });
    frame.render_widget(Clear, place);
    frame.render_widget(Paragraph::new(lines.collect::<Text<'_>>()).block(block), place);
}

type Stack<'a> = Vec<(&'a Toast, Vec<String>)>;

fn place_of(area: Rect, stack: &Stack<'_>, state: &State) -> Rect {
    let Some(severity) = stack.iter().map(|(toast, _)| toast.severity).max() else { return Rect::ZERO };
    let lines = stack.iter().flat_map(|(_, lines)| lines);
    let widest = lines.clone().map(|line| text::width(line)).max().unwrap_or(0);
    // The words on the frame need room too, beside its corners.
    let top = name(severity).len() + keys(stack, state).len() + 1;
    let bottom = hidden(stack, state).map_or(0, |hidden| hidden.len());
    let width = (widest + usize::from(CHROME_WIDTH)).max(top.max(bottom) + 2);
    let size = |needed: usize, room: u16| u16::try_from(needed).unwrap_or(u16::MAX).min(room);
    let (width, height) = (size(width, area.width.min(MAX_WIDTH)), size(lines.count() + 2, area.height));
    Rect { x: area.right() - width, y: area.bottom() - height, width, height }
}

/// What the keys do, on the frame.
fn keys(stack: &Stack<'_>, state: &State) -> &'static str {
    let is_cut = |lines: &[String]| lines.last().is_some_and(|last| last.ends_with('…'));
    let is_complete = hidden(stack, state).is_none() && !stack.iter().any(|(_, lines)| is_cut(lines));
    if is_complete { CLEARS } else { READS_AND_CLEARS }
}

/// How many toasts are hidden, if any are.
fn hidden(stack: &Stack<'_>, state: &State) -> Option<String> {
    let hidden = state.toasts.len() - stack.len();
    (hidden > 0).then(|| format!(" and {hidden} more "))
}

const fn name(severity: Severity) -> &'static str {
    match severity {
        Severity::Information => " Info ",
        Severity::Warning => " Warning ",
        Severity::Error => " Error ",
    }
}

/// The symbol before a message, one column wide.
pub(super) const fn symbol(severity: Severity) -> &'static str {
    match severity {
        Severity::Information => "·",
        Severity::Warning => "!",
        Severity::Error => "✗",
    }
}

/// The toasts that fit, with their lines; always at least one.
fn stack(area: Rect, state: &State) -> Stack<'_> {
    let width = usize::from(area.width.min(MAX_WIDTH).saturating_sub(CHROME_WIDTH));
    let mut room = usize::from(area.height / 3).max(4) - 2;
    let mut stack = Vec::new();
    for toast in state.toasts.iter() {
        let limit = if is_shown_in_table(toast, state) { 1 } else { MAX_LINES };
        let limit = if stack.is_empty() { limit.min(room) } else { limit };
        let lines = text::wrap_at_most(&toast.text, width, limit);
        let Some(left) = room.checked_sub(lines.len()) else { break };
        room = left;
        stack.push((toast, lines));
    }
    stack
}

/// Whether the toast's table shows an error, in its title or in the place of its rows. Then the
/// first words are enough here. The texts are not compared: the regions that failed may stand in
/// another order there.
fn is_shown_in_table(toast: &Toast, state: &State) -> bool {
    toast.table.is_some_and(|table| Problem::of(&state.panels[table]).is_some())
}
