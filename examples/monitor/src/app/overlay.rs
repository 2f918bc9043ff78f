//! [`Overlay`]: the popup on top of the tables, and how far it is scrolled.

use super::problem::Problem;
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
}

impl Overlay {
    /// The scroll position of the open overlay.
    pub(super) fn scroll_mut(&mut self) -> Option<&mut Scroll> {
        match self {
            Self::None => None,
            Self::Help(scroll) | Self::Log(scroll) => Some(scroll),
            Self::Row(view) => Some(&mut view.scroll),
            Self::Error(view) => Some(&mut view.scroll),
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

/// A vertical scroll position, limited to the first line of the last page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scroll {
    line: u16,
    /// The first line of the last page. Known once the overlay has been drawn.
    last_page: u16,
}

impl Default for Scroll {
    fn default() -> Self {
        Self { line: 0, last_page: u16::MAX }
    }
}

impl Scroll {
    /// How many lines are scrolled out at the top.
    pub fn line(self) -> u16 {
        self.line
    }

    pub(super) fn scroll_by(&mut self, lines: i16) {
        self.line = self.line.saturating_add_signed(lines).min(self.last_page);
    }

    pub(super) fn scroll_to_start(&mut self) {
        self.line = 0;
    }

    pub(super) fn scroll_to_end(&mut self) {
        self.line = self.last_page;
    }

    pub(super) fn set_last_page(&mut self, last_page: u16) {
        self.last_page = last_page;
        self.line = self.line.min(last_page);
    }
}
