//! The bottom line: the most important keys, as many as fit.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use crate::app::{Overlay, Problem, State};
use crate::input::{BINDINGS, Hint, Place};
use crate::model::text;

pub(super) fn render(frame: &mut Frame<'_>, area: Rect, state: &State, theme: Theme) {
    let all = BINDINGS.iter().flat_map(|binding| binding.hints);
    let mut hints: Vec<&Hint> = all.filter(|hint| is_shown(hint.place, state)).collect();
    hints.sort_by_key(|hint| hint.rank);
    let mut spans = Vec::new();
    let mut left = usize::from(area.width);
    for Hint { keys, does, .. } in hints {
        let width = text::width(keys) + text::width(does) + 4;
        if width > left {
            break;
        }
        left -= width;
        spans.push(Span::styled(format!(" {keys}"), theme.key()));
        spans.push(Span::raw(format!(" {does}  ")));
    }
    frame.render_widget(Line::from(spans), area);
}

fn is_shown(place: Place, state: &State) -> bool {
    match (place, &state.overlay) {
        (Place::Tables, Overlay::None) | (Place::Row, Overlay::Row(_)) => true,
        (Place::Error, Overlay::None) => Problem::of(&state.panels[state.focus]).is_some(),
        (Place::Popup, overlay) => !matches!(overlay, Overlay::None),
        (Place::Tables | Place::Error | Place::Row, _) => false,
    }
}
