//! [`Overlay`]: the popup on top of the tables, and how far it is scrolled.

use super::problem::Problem;
use super::worker_list::WorkerLine;
use crate::model::{Row, Table};

/// The popup on top of the tables.
#[derive(Debug, Default)]
pub enum Overlay {
    /// None is open.
    #[default]
    None,
    /// The list of keys.
    Help(Scroll),
    /// One row with its full texts.
    Row(Box<RowView>),
    /// The error of one table.
    Error(ErrorView),
    /// The log of all messages.
    Log(Scroll),
    /// The log of what a row stands for.
    Tail(Box<RowView>),
    /// Whether what a row stands for is to be stopped.
    Stop(Box<RowView>),
    /// The live workers.
    Workers(WorkersView),
}

impl Overlay {
    /// The scroll position of the open overlay.
    pub(super) fn scroll_mut(&mut self) -> Option<&mut Scroll> {
        match self {
            Self::None => None,
            Self::Help(scroll) | Self::Log(scroll) => Some(scroll),
            Self::Row(view) | Self::Tail(view) | Self::Stop(view) => Some(&mut view.scroll),
            Self::Error(view) => Some(&mut view.scroll),
            Self::Workers(view) => Some(&mut view.scroll),
        }
    }
}

/// One row with its full texts.
#[derive(Debug)]
pub struct RowView {
    /// The table the row belongs to.
    pub table: Table,
    /// The row as of the last fetch that contained it. It may no longer be in the table.
    pub row: Row,
    /// The scroll position.
    pub scroll: Scroll,
}

/// The error of one table.
#[derive(Debug)]
pub struct ErrorView {
    /// The table.
    pub table: Table,
    /// Its latest problem since the view is open, so that a fetch that succeeds takes no text away
    /// that is being read.
    pub problem: Option<Problem>,
    /// The scroll position.
    pub scroll: Scroll,
}

/// The live workers as of the last frame.
#[derive(Debug, Default)]
pub struct WorkersView {
    /// One for each, children below their parents.
    pub workers: Vec<WorkerLine>,
    /// The scroll position.
    pub scroll: Scroll,
}

/// A vertical scroll position, limited to the first line of the last page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scroll {
    line: u16,
    /// The first line of the last page. Known once the overlay has been drawn.
    last_page: u16,
    end: End,
}

/// What happens at the end when lines are added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The position stays.
    Fixed,
    /// The position stays at the end; its line is `u16::MAX` then.
    Followed,
}

impl Default for Scroll {
    fn default() -> Self {
        Self { line: 0, last_page: u16::MAX, end: End::Fixed }
    }
}

impl Scroll {
    /// How many lines are scrolled out at the top.
    pub fn line(self) -> u16 {
        self.line
    }

    /// At the end, and there also when lines are added.
    pub(super) fn following() -> Self {
        Self { line: u16::MAX, last_page: u16::MAX, end: End::Followed }
    }

    pub(super) fn scroll_by(&mut self, lines: i16) {
        let line = self.line.min(self.last_page).saturating_add_signed(lines);
        self.move_to(line);
    }

    fn move_to(&mut self, line: u16) {
        self.line = match self.end {
            End::Followed if line >= self.last_page => u16::MAX,
            End::Followed | End::Fixed => line.min(self.last_page),
        };
    }

    pub(super) fn scroll_to_start(&mut self) {
        self.line = 0;
    }

    pub(super) fn scroll_to_end(&mut self) {
        self.move_to(self.last_page);
    }

    pub(super) fn set_last_page(&mut self, last_page: u16) {
        self.last_page = last_page;
        if self.line != u16::MAX || self.end == End::Fixed {
            self.line = self.line.min(last_page);
        }
    }
}
