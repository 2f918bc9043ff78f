//! The title line of a table: name, number of rows, spinner and error.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use crate::app::{Panel, State, Switch};
use crate::model::{Table, text, time};

/// The frames of the spinner.
pub(super) const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// `below` is the number of rows below the visible ones.
pub(super) fn render(
    frame: &mut Frame<'_>,
    area: Rect,
    state: &State,
    table: Table,
    below: usize,
    theme: Theme,
) {
    let panel = &state.panels[table];
    let focused = state.focus == table;
    let mark = if focused { "▶ " } else { "  " };
    let mut spans = vec![
        Span::styled(format!("{mark}{}", table.title()), theme.title(focused)),
        Span::styled(count(panel, focused), theme.dim()),
    ];
    if below > 0 {
        spans.push(Span::styled(format!(" ↓ {below}"), theme.dim()));
    }
    if panel.is_loading() {
        let symbol = SPINNER[state.spinner % SPINNER.len()];
        spans.push(Span::styled(format!(" {symbol} loading"), theme.spinner()));
    }
    if panel.auto == Switch::Off {
        spans.push(Span::styled(" · auto off", theme.dim()));
    }
    let error_text = error_text(panel, state);
    let used: usize = spans.iter().map(Span::width).sum();
    let left = usize::from(area.width).saturating_sub(used + 1);
    let error_text = text::fit(&error_text, left);
    let rest = left.saturating_sub(text::width(&error_text) + 1);
    if !error_text.is_empty() {
        spans.push(Span::styled(error_text, theme.error()));
    }
    frame.render_widget(Line::from(spans), area);
    let rest = u16::try_from(rest).unwrap_or(u16::MAX);
    // The last column stays empty.
    let x = area.right().saturating_sub(1).saturating_sub(rest);
    rule(frame.buffer_mut(), Rect { x, width: rest, ..area }.intersection(area), theme.rule(focused));
}

/// Fills an area with a horizontal rule.
pub(super) fn rule(buffer: &mut Buffer, place: Rect, style: Style) {
    for position in place.positions() {
        buffer[position].set_symbol("─").set_style(style);
    }
}

fn count(panel: &Panel, focused: bool) -> String {
    let Some(loaded) = panel.loaded() else { return String::new() };
    let all = panel.rows().len();
    let place =
        if focused && all > 0 { format!(" {}/{all}", panel.selected() + 1) } else { format!(" {all}") };
    let hidden = loaded.arranged.hidden;
    if hidden > 0 { format!("{place} (+{hidden} more)") } else { place }
}

fn error_text(panel: &Panel, state: &State) -> String {
    let failure = panel.loaded().and_then(|rows| rows.failure.as_deref());
    let age = panel.stale_since().map(|at| time::age(at, state.now));
    match (panel.error(), failure, age) {
        (Some(error), _, Some(age)) => format!(" ✗ stale {age}: {}", text::escape(&error)),
        (Some(error), _, None) => format!(" ✗ {}", text::escape(&error)),
        (None, Some(failure), Some(age)) => format!(" ✗ partly stale {age}: {}", text::escape(failure)),
        (None, Some(failure), None) => format!(" ✗ incomplete: {}", text::escape(failure)),
        (None, None, _) => String::new(),
    }
}
