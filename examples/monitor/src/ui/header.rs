//! The top line: the source, the refresh interval and the clock.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use crate::app::{State, Switch};
use crate::model::text;

pub(super) fn render(frame: &mut Frame<'_>, area: Rect, state: &State, theme: Theme) {
    let auto = match state.auto {
        Switch::On => format!("{:?}", state.settings.refresh),
        Switch::Off => "off".to_owned(),
    };
    let clock = state.now.strftime("%H:%M:%S").to_string();
    let title = " monitor ";
    let shapes = [format!("auto-refresh {auto} · {clock} UTC"), format!("auto {auto} · {clock}"), clock];
    let fits = |right: &&String| title.len() + text::width(right) + 2 <= usize::from(area.width);
    let right = shapes.iter().find(fits).cloned().unwrap_or_default();
    let room = usize::from(area.width).saturating_sub(title.len() + text::width(&right) + 2);
    let source = text::escape(&state.settings.source);
    let source = text::fit(&source, room);
    let gap = " ".repeat(room.saturating_sub(text::width(&source)) + 1);
    let line = Line::from(vec![
        Span::styled(title, theme.selected()),
        Span::raw(" "),
        Span::raw(source),
        Span::raw(gap),
        Span::styled(right, theme.dim()),
    ]);
    frame.render_widget(line, area);
}
