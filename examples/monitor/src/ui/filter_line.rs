//! The bottom line while a filter is being typed: the text, its cursor, and the keys that end it.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::footer;
use super::theme::Theme;
use crate::app::FilterLine;
use crate::input::Place;

/// What stands before the text.
const PROMPT: &str = " /";

/// The least room for the text. Keys that leave less are left out.
const MIN_ROOM: u16 = 16;

pub(super) fn render(frame: &mut Frame<'_>, area: Rect, line: &FilterLine, theme: Theme) {
    let prompt = Rect { width: size(PROMPT.len()).min(area.width), ..area };
    let after_prompt = area.width - prompt.width;
    let keys = footer::hints(after_prompt.saturating_sub(MIN_ROOM), theme, |place| place == Place::Filter);
    let keys = Line::from(keys).right_aligned();
    let room = after_prompt.saturating_sub(size(keys.width()));
    let place = Rect { x: prompt.right(), width: room, ..area };
    let rest = Rect { x: place.right(), width: area.right() - place.right(), ..area };
    frame.render_widget(Span::styled(PROMPT, theme.key()), prompt);
    frame.render_widget(keys, rest);
    // The cursor stands after the last character, so one column is its own.
    let scroll = line.input.visual_scroll(usize::from(place.width.saturating_sub(1)));
    frame.render_widget(Paragraph::new(line.input.value()).scroll((0, size(scroll))), place);
    let x = place.x.saturating_add(size(line.input.visual_cursor().saturating_sub(scroll)));
    frame.set_cursor_position(Position { x: x.min(place.right().saturating_sub(1)), y: place.y });
}

fn size(columns: usize) -> u16 {
    u16::try_from(columns).unwrap_or(u16::MAX)
}
