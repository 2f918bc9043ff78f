//! The popup with the list of keys and of the marks on the screen.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::popup::{self, Popup};
use super::theme::Theme;
use crate::app::Scroll;
use crate::input::BINDINGS;
use crate::model::text;

/// The marks in titles and frames.
const MARKS: &[(&str, &str)] = &[
    ("3/15 of 24", "row 3 of the 15 shown, of 24 fetched"),
    ("/text", "the filter, and how many rows match it"),
    ("▲ ▼", "rows are sorted by this column, up or down"),
    ("↑2 ↓13", "2 rows above and 13 below those in view"),
    ("✗ stale 2m", "the fetch failed; rows are 2 minutes old"),
    ("✗ incomplete", "a part of the fetch failed; see e"),
    ("…", "cut here; Enter or e shows all of it"),
];

/// With less room than this beside the keys, the effect stands below them.
const MIN_ROOM: usize = 20;

pub(super) fn popup(area: Rect, scroll: Scroll, theme: Theme) -> Popup {
    let width = popup::text_width(area, 66);
    let keys = BINDINGS.iter().map(|binding| (binding.keys, binding.does));
    let mut lines = list(keys, usize::from(width), theme);
    lines.push(Line::default());
    lines.extend(list(MARKS.iter().copied(), usize::from(width), theme));
    Popup { title: "Keys and marks".to_owned(), width, lines, scroll }
}

/// Two columns, or one if there is no room for two.
fn list<'a>(
    entries: impl Iterator<Item = (&'a str, &'a str)>,
    width: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let widest = BINDINGS.iter().map(|binding| text::width(binding.keys)).max().unwrap_or(0);
    let beside = width.saturating_sub(widest + 2);
    let (indent, room) = if beside < MIN_ROOM { (2, width.saturating_sub(2)) } else { (widest + 2, beside) };
    let mut lines = Vec::new();
    for (what, does) in entries {
        let mut does = text::wrap(does, room);
        let gap = indent.checked_sub(text::width(what)).filter(|&gap| gap >= 2);
        let beside = gap.and_then(|gap| Some(" ".repeat(gap) + &does.next()?)).unwrap_or_default();
        lines.push(Line::from(vec![Span::styled(what.to_owned(), theme.key()), Span::raw(beside)]));
        lines.extend(does.map(|line| Line::from(" ".repeat(indent) + &line)));
    }
    lines
}
