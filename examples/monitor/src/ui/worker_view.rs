//! The popup with the live workers: [`lines`] makes the list, a line for each.

use std::time::Duration;

use jiff::SignedDuration;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use worker_core::{Progress, WorkerState};

use super::popup::{self, Popup};
use super::theme::Theme;
use crate::app::{WorkerLine, WorkersView};
use crate::model::{text, time};

const MAX_WIDTH: u16 = 130;

const COLUMNS: usize = 7;

const HEADINGS: [&str; COLUMNS] = ["worker", "state", "age", "done", "group", "started at", "message"];

/// The column of the message.
const MESSAGE: usize = 6;

/// The columns, in the order in which they are left out on a narrow screen.
const LEFT_OUT: [usize; COLUMNS - 1] = [5, 4, MESSAGE, 3, 2, 1];

/// Room for any age below a day, so that the list does not move while they grow.
const AGE_WIDTH: usize = 7;

/// The space between two columns.
const SPACING: usize = 2;

/// The least room for a message.
const MIN_MESSAGE_WIDTH: usize = 12;

pub(super) fn popup(area: Rect, view: &WorkersView, theme: Theme) -> Popup {
    let width = popup::text_width(area, MAX_WIDTH);
    let lines = lines(&view.workers, usize::from(width), theme);
    let widest = lines.iter().map(Line::width).max().unwrap_or(0);
    let width = u16::try_from(widest).unwrap_or(u16::MAX).min(width);
    Popup { title: format!("Workers: {}", view.workers.len()), width, lines, scroll: view.scroll }
}

/// The headings, and a line for each worker. Children are indented.
fn lines(workers: &[WorkerLine], width: usize, theme: Theme) -> Vec<Line<'static>> {
    if workers.is_empty() {
        return vec![Line::styled("No worker is alive.", theme.dim())];
    }
    let cells: Vec<[String; COLUMNS]> = workers.iter().map(cells).collect();
    let widths = widths(&cells, width);
    let line = |cells: &[String; COLUMNS]| {
        let shown = cells.iter().zip(widths).filter(|(_, width)| *width > 0);
        let texts = shown.map(|(cell, width)| {
            let text = text::fit(cell, width);
            let gap = " ".repeat(width - text::width(&text) + SPACING);
            format!("{text}{gap}")
        });
        texts.collect::<String>().trim_end().to_owned()
    };
    let headings = Line::styled(line(&HEADINGS.map(str::to_owned)), theme.heading());
    let lines = workers.iter().zip(&cells).map(|(worker, cells)| {
        let style = match worker.state {
            WorkerState::Running if !worker.is_cancelled => Style::new(),
            _ => theme.dim(),
        };
        Line::from(Span::styled(line(cells), style))
    });
    std::iter::once(headings).chain(lines).collect()
}

fn cells(worker: &WorkerLine) -> [String; COLUMNS] {
    let message = match worker.progress.retry_pause() {
        Some(pause) => pause.to_string(),
        None => worker.progress.message().unwrap_or_default().to_owned(),
    };
    [
        format!("{}{}", "  ".repeat(worker.depth), text::escape(&worker.name)),
        state(worker).to_owned(),
        format!("{:AGE_WIDTH$}", age(worker.age)),
        done(&worker.progress),
        text::escape(&worker.group).into_owned(),
        text::escape(&worker.place).into_owned(),
        text::escape(&message).into_owned(),
    ]
}

const fn state(worker: &WorkerLine) -> &'static str {
    match worker.state {
        WorkerState::Running if worker.is_cancelled => "stopping",
        WorkerState::Pending => "waiting",
        WorkerState::Running => "running",
        WorkerState::Success => "succeeded",
        WorkerState::Error => "failed",
        WorkerState::Cancelled => "cancelled",
    }
}

fn age(age: Duration) -> String {
    time::duration(SignedDuration::try_from(age).unwrap_or(SignedDuration::MAX))
}

/// `3/18`, `3` if it is not known of how many, nothing if nothing is counted.
fn done(progress: &Progress) -> String {
    match (progress.completed(), progress.total()) {
        (done, Some(total)) => format!("{done}/{total}"),
        (0, None) => String::new(),
        (done, None) => done.to_string(),
    }
}

/// The width of each column, 0 for those that are empty or left out. The message takes what is left
/// beside the others.
fn widths(cells: &[[String; COLUMNS]], room: usize) -> [usize; COLUMNS] {
    let natural: [usize; COLUMNS] = std::array::from_fn(|column| {
        let widest = cells.iter().map(|cells| text::width(&cells[column])).max().unwrap_or(0);
        if widest == 0 { 0 } else { widest.max(text::width(HEADINGS[column])) }
    });
    let needed = |widths: &[usize; COLUMNS]| {
        let shown = widths.iter().filter(|width| **width > 0);
        shown.map(|width| width + SPACING).sum::<usize>().saturating_sub(SPACING)
    };
    let mut widths = natural;
    widths[MESSAGE] = natural[MESSAGE].min(MIN_MESSAGE_WIDTH);
    for column in LEFT_OUT {
        if needed(&widths) <= room {
            break;
        }
        widths[column] = 0;
    }
    if widths[MESSAGE] > 0 {
        widths[MESSAGE] = natural[MESSAGE].min(widths[MESSAGE] + room.saturating_sub(needed(&widths)));
    }
    widths[0] = widths[0].min(room);
    widths
}
