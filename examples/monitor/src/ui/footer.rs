//! The bottom line: the most important keys, as many as fit.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use crate::app::{Overlay, State};
use crate::model::text;

const KEYS: &[(&str, &str)] = &[
    ("q", "quit"),
    ("r", "refresh"),
    ("a", "auto"),
    ("?", "help"),
    ("Tab", "table"),
    ("↑↓", "row"),
    ("Enter", "details"),
    ("t", "auto here"),
    ("R", "refresh here"),
    ("x", "clear messages"),
];

const KEYS_ON_TOP: &[(&str, &str)] = &[("Esc", "close"), ("↑↓", "scroll"), ("q", "quit")];

pub(super) fn render(frame: &mut Frame<'_>, area: Rect, state: &State, theme: Theme) {
    let keys = if matches!(state.overlay, Overlay::None) { KEYS } else { KEYS_ON_TOP };
    let mut spans = Vec::new();
    let mut left = usize::from(area.width);
    for (key, does) in keys {
        let width = text::width(key) + text::width(does) + 4;
        if width > left {
            break;
        }
        left -= width;
        spans.push(Span::styled(format!(" {key}"), theme.key()));
        spans.push(Span::raw(format!(" {does}  ")));
    }
    frame.render_widget(Line::from(spans), area);
}
