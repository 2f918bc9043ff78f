//! The title line of a table: name, numbers of rows, spinner and error.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use crate::app::{Panel, Problem, State, Switch};
use crate::model::{Table, text, time};

/// A narrower title has a spinner without its word.
const MIN_WIDTH_FOR_WORDS: u16 = 60;

/// Room for the age of the rows, however long it is: it must not come and go as it grows.
const AGE_WIDTH: usize = 10;

/// The least useful room for an error. With less, it takes the place of the counts on the right.
const MIN_ERROR_WIDTH: usize = 16;

/// The most columns of a filter. All of it stands in the line where it is typed.
const MAX_FILTER_WIDTH: usize = 32;

/// What is drawn below the title.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Body {
    /// How many rows are above the first one in view.
    pub(super) above: usize,
    /// How many rows are below the last one in view.
    pub(super) below: usize,
    /// Whether it is the error, in the place of the rows.
    pub(super) shows_error: bool,
    /// The column that the rows are sorted by, if there is no room for it.
    pub(super) sorted_out_of_view: Option<&'static str>,
}

pub(super) fn render(
    frame: &mut Frame<'_>,
    area: Rect,
    state: &State,
    table: Table,
    body: Body,
    theme: Theme,
) {
    let panel = &state.panels[table];
    let focused = state.focus == table;
    let mark = if focused { "▶ " } else { "  " };
    // The last column stays empty.
    let mut left = usize::from(area.width).saturating_sub(1);
    let mut spans = Vec::new();
    let mut push = |text: String, style: Style, left: &mut usize| {
        if let Some(rest) = left.checked_sub(text::width(&text)) {
            *left = rest;
            spans.push(Span::styled(text, style));
        }
    };
    push(format!("{mark}{}", table.title()), theme.title(focused), &mut left);
    let filter = panel.view().filter();
    if filter.is_empty() {
        push(count(panel, focused), theme.dim(), &mut left);
    } else {
        let text = format!(" /{}", text::escape(filter.text().trim()));
        push(text::fit(&text, MAX_FILTER_WIDTH).into_owned(), theme.mark(), &mut left);
        push(format!(" {} of {} match", panel.view().len(), panel.rows().len()), theme.dim(), &mut left);
    }
    if let Some(column) = body.sorted_out_of_view {
        push(format!(" · by {column}"), theme.dim(), &mut left);
    }
    if panel.is_loading() {
        let frames = theme.charset().spinner();
        let symbol = frames[state.spinner % frames.len()];
        push(format!(" {symbol}{}", loading_text(panel, area.width)), theme.spinner(), &mut left);
    }
    if panel.auto == Switch::Off {
        push(" · auto off".to_owned(), theme.dim(), &mut left);
    }
    let error = error_text(panel, state, body);
    let least = text::width(&error).min(MIN_ERROR_WIDTH);
    let out_of_view = out_of_view(body.above, body.below).map(|mark| format!(" {mark}"));
    let out_of_view = out_of_view.filter(|mark| text::width(mark) + least <= left).unwrap_or_default();
    left -= text::width(&out_of_view);
    let has_room = text::width(&error) + AGE_WIDTH < left;
    let age = age_text(panel, state).filter(|_| has_room).unwrap_or_default();
    left -= text::width(&age);
    push(text::fit(&error, left).into_owned(), theme.error(), &mut left);
    frame.render_widget(Line::from(spans), area);

    let size = |columns: usize| u16::try_from(columns).unwrap_or(u16::MAX);
    let mark = Rect { width: size(text::width(&age) + text::width(&out_of_view)), ..area };
    let mark = Rect { x: area.right().saturating_sub(1 + mark.width), ..mark }.intersection(area);
    let marks = [Span::styled(age, theme.dim()), Span::styled(out_of_view, theme.mark())];
    frame.render_widget(Line::from_iter(marks), mark);
    let width = size(left.saturating_sub(1));
    let rest = Rect { x: mark.x.saturating_sub(width), width, ..area }.intersection(area);
    rule(frame.buffer_mut(), rest, theme.rule(focused));
}

/// Fills an area with a horizontal rule.
pub(super) fn rule(buffer: &mut Buffer, place: Rect, style: Style) {
    for position in place.positions() {
        buffer[position].set_symbol("─").set_style(style);
    }
}

/// How many rows or lines are above and below those in view; `None` if all are in view.
pub(super) fn out_of_view(above: usize, below: usize) -> Option<String> {
    match (above, below) {
        (0, 0) => None,
        (0, _) => Some(format!("↓{below}")),
        (_, 0) => Some(format!("↑{above}")),
        _ => Some(format!("↑{above} ↓{below}")),
    }
}

/// `3/15 of 24`: the selected row, the rows in the table, and those fetched if there are more.
fn count(panel: &Panel, focused: bool) -> String {
    let Some(loaded) = panel.loaded() else { return String::new() };
    let all = panel.rows().len();
    let place =
        if focused && all > 0 { format!(" {}/{all}", panel.selected() + 1) } else { format!(" {all}") };
    let hidden = loaded.arranged.hidden;
    if hidden > 0 { format!("{place} of {}", all + hidden) } else { place }
}

/// That rows are being fetched, and how many of several regions have come.
fn loading_text(panel: &Panel, width: u16) -> String {
    let has_words = width >= MIN_WIDTH_FOR_WORDS;
    match panel.regions_fetched() {
        Some((come, all)) => format!(" {come}/{all}{}", if has_words { " regions" } else { "" }),
        None if has_words => " loading".to_owned(),
        None => String::new(),
    }
}

/// How old the rows are, unless the error says so.
fn age_text(panel: &Panel, state: &State) -> Option<String> {
    let as_of = panel.loaded()?.oldest()?;
    panel.stale_since().is_none().then(|| format!(" {} ago", time::age(as_of, state.now)))
}

/// What failed, when it is asked again if that is not with the next refresh, and why unless that
/// stands below.
fn error_text(panel: &Panel, state: &State, body: Body) -> String {
    let left = |until: Timestamp| time::duration(until.duration_since(state.now));
    let pause = state.backoffs.until(panel.table(), state.now).map(left);
    let Some(problem) = Problem::of(panel) else {
        // Another table of the same service was asked to wait.
        return pause.map(|left| format!(" waits {left}")).unwrap_or_default();
    };
    let age = panel.stale_since().map(|at| time::age(at, state.now));
    let what = match (&problem, age) {
        (Problem::Whole(_), Some(age)) => format!("stale {age}"),
        (Problem::Whole(_), None) => "failed".to_owned(),
        (Problem::Partial(_), Some(age)) => format!("partly stale {age}"),
        (Problem::Partial(_), None) => "incomplete".to_owned(),
    };
    let pause = pause.map(|left| format!(", again in {left}")).unwrap_or_default();
    if body.shows_error {
        format!(" ✗ {what}{pause}")
    } else {
        format!(" ✗ {what}{pause}: {}", text::escape(problem.text()))
    }
}
