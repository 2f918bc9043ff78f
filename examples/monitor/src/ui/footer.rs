//! The bottom line: the most important keys, as many as fit.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use crate::app::{Overlay, Problem, State};
use crate::input::{BINDINGS, Hint, Place};
use crate::model::text;

pub(super) fn render(frame: &mut Frame<'_>, area: Rect, state: &State, theme: Theme) {
    let hints = hints(area.width, theme, |place| is_shown(place, state));
    frame.render_widget(Line::from(hints), area);
}

/// The keys of these places, as many as fit.
pub(super) fn hints(width: u16, theme: Theme, is_shown: impl Fn(Place) -> bool) -> Vec<Span<'static>> {
    let all = BINDINGS.iter().flat_map(|binding| binding.hints);
    let mut hints: Vec<&Hint> = all.filter(|hint| is_shown(hint.place)).collect();
    hints.sort_by_key(|hint| hint.rank);
    let mut spans = Vec::new();
    let mut left = usize::from(width);
    for Hint { keys, does, .. } in hints {
        let width = text::width(keys) + text::width(does) + 4;
        if width > left {
            break;
        }
        left -= width;
        spans.push(Span::styled(format!(" {keys}"), theme.key()));
        spans.push(Span::raw(format!(" {does}  ")));
    }
    spans
}

fn is_shown(place: Place, state: &State) -> bool {
    match (place, &state.overlay) {
        (Place::Tables, Overlay::None) | (Place::Row, Overlay::Row(_)) => true,
        (Place::Error, Overlay::None) => Problem::of(&state.panels[state.focus]).is_some(),
        (Place::Filtered, Overlay::None) => !state.panels[state.focus].view().filter().is_empty(),
        (Place::Popup, overlay) => !matches!(overlay, Overlay::None),
        (Place::Tables | Place::Error | Place::Filtered | Place::Row | Place::Filter, _) => false,
    }
}
