//! The popup that shows the error of one table in full.

use ratatui::layout::Rect;
use ratatui::text::{Line, Text};

use super::popup::{self, Popup};
use super::theme::Theme;
use crate::app::{ErrorView, Panel, Problem, State};
use crate::model::time;

const MAX_WIDTH: u16 = 100;

pub(super) fn popup(area: Rect, view: &ErrorView, state: &State, theme: Theme) -> Popup {
    let width = popup::text_width(area, MAX_WIDTH);
    let panel = &state.panels[view.table];
    let wrap = |text: &str| popup::wrap(text, usize::from(width)).map(Line::from).collect::<Text<'_>>();
    let mut text = wrap(&summary(view, panel, state)).style(theme.dim());
    if let Some(problem) = &view.problem {
        text.push_line(Line::default());
        text.extend(wrap(&popup::part_per_line(problem.text())));
    }
    let style = text.style;
    let lines = text.lines.into_iter().map(|line| line.patch_style(style)).collect();
    Popup { title: format!("{}: error", view.table.title()), width, lines, scroll: view.scroll }
}

/// What failed, and what the table shows now.
fn summary(view: &ErrorView, panel: &Panel, state: &State) -> String {
    let age = panel.stale_since().map(|at| time::age(at, state.now));
    let failed = match (&view.problem, Problem::of(panel), panel.loaded()) {
        (None, _, None) => "No error: nothing has been fetched yet.".to_owned(),
        (None, _, Some(_)) => "No error: the last fetch succeeded.".to_owned(),
        (Some(_), None, _) => "It is over: a later fetch succeeded. The error was:".to_owned(),
        (Some(Problem::Whole(_)), _, None) => "The last fetch failed. There are no rows yet.".to_owned(),
        (Some(Problem::Whole(_)), _, Some(_)) => {
            let age = age.unwrap_or_default();
            format!("The last fetch failed. The rows are those of {age} ago.")
        }
        (Some(Problem::Partial(_)), ..) => {
            let old = age.map(|age| format!(" Some rows are those of {age} ago.")).unwrap_or_default();
            format!("A part of the last fetch failed.{old}")
        }
    };
    if panel.is_loading() { format!("{failed} It is being fetched again now.") } else { failed }
}
