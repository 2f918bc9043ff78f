//! The top line: the source, the refresh interval, when the next refresh is, and the clock.

use jiff::Timestamp;
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
    let next = state.next_refresh.map(|next| seconds_until(next, state.now));
    let next_in = next.map(|seconds| format!(" · next in {seconds}s")).unwrap_or_default();
    let shapes = [
        format!("auto-refresh {auto}{next_in} · {clock} UTC"),
        format!("auto-refresh {auto} · {clock} UTC"),
        format!("auto {auto} · {clock}"),
        clock,
    ];
    let fits = |right: &&String| title.len() + text::width(right) + 2 <= usize::from(area.width);
    let right = shapes.iter().find(fits).cloned().unwrap_or_default();
    let room = usize::from(area.width).saturating_sub(title.len() + text::width(&right) + 2);
    let source = match state.settings.profile.as_str() {
        "" => state.settings.source.clone(),
        profile => format!("{profile} · {}", state.settings.source),
    };
    let source = text::escape(&source);
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

/// Rounded up, so that it begins with the whole interval and never says 0 for long.
fn seconds_until(next: Timestamp, now: Timestamp) -> i64 {
    let left = next.duration_since(now);
    left.as_secs().max(0) + i64::from(left.subsec_nanos() > 0)
}
