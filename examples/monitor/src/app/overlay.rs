//! What lies on top of the tables.

use crate::model::{Row, Table};

/// What lies on top of the tables.
#[derive(Debug, Default)]
pub enum Overlay {
    /// Nothing.
    #[default]
    None,
    /// The keys.
    Help(Scroll),
    /// A row with all its texts.
    Row(Box<RowView>),
}

impl Overlay {
    /// How far what lies on top is scrolled down, to be changed.
    pub(super) fn scroll_mut(&mut self) -> Option<&mut Scroll> {
        match self {
            Self::None => None,
            Self::Help(scroll) => Some(scroll),
            Self::Row(view) => Some(&mut view.scroll),
        }
    }
}

/// A row with all its texts.
#[derive(Debug)]
pub struct RowView {
    /// The table it is from.
    pub table: Table,
    /// The row as it was when it was last seen; it may be gone from its table by now.
    pub row: Row,
    /// How far the person has scrolled down.
    pub scroll: Scroll,
}

/// How far something is scrolled down, never further than its last page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scroll {
    line: u16,
    /// The first line of the last page, as soon as it has been drawn.
    last_page: u16,
}

impl Default for Scroll {
    fn default() -> Self {
        Self { line: 0, last_page: u16::MAX }
    }
}

impl Scroll {
    /// How many lines are above.
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
