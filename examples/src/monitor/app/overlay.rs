//! What lies on top of the tables.

use super::super::model::{Row, Table};

/// What lies on top of the tables.
#[derive(Debug, Default)]
pub enum Overlay {
    /// Nothing.
    #[default]
    None,
    /// The keys.
    Help {
        /// How many lines the person has scrolled down.
        scroll: u16,
    },
    /// A row with all its texts.
    Row(Box<RowView>),
}

impl Overlay {
    /// How far what lies on top is scrolled down, to be changed.
    pub(super) fn scroll_mut(&mut self) -> Option<&mut u16> {
        match self {
            Self::None => None,
            Self::Help { scroll } => Some(scroll),
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
    /// How many lines the person has scrolled down. The view shows the last page if it is more than there are.
    pub scroll: u16,
}
