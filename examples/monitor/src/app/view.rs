//! [`View`]: which of a table's rows are shown, and in which order.
//!
//! *Invariant:* it is computed again only if the rows, the filter or the sorting have changed, not
//! for each frame. It holds indices; the rows stay where they are.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::filter::{Filter, Texts};
use crate::model::{Phase, Row, SortKey, Table};
use crate::source::Rows;

/// Whether the values of the sorted column grow or fall from the first row to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// They grow.
    Up,
    /// They fall.
    Down,
}

impl Direction {
    const fn turned(self) -> Self {
        match self {
            Self::Up => Self::Down,
            Self::Down => Self::Up,
        }
    }
}

/// The column that the rows are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// Its index.
    pub column: usize,
    /// Its direction.
    pub direction: Direction,
}

impl Sort {
    fn by(column: usize) -> Self {
        Self { column, direction: Direction::Up }
    }

    /// The sorting after `s`: the next column, and after the last one none.
    pub(super) fn next(current: Option<Self>, table: Table) -> Option<Self> {
        let column = current.map_or(0, |sort| sort.column + 1);
        (column < table.columns().len()).then(|| Self::by(column))
    }

    /// The sorting after `S`: the other direction. Without a sorting it is the first column's.
    pub(super) fn turned(current: Option<Self>) -> Self {
        let sort = current.unwrap_or_else(|| Self::by(0));
        Self { direction: sort.direction.turned(), ..sort }
    }

    /// The sorting after a click on a heading: up, then down, then none.
    pub(super) fn clicked(current: Option<Self>, column: usize) -> Option<Self> {
        match current.filter(|sort| sort.column == column) {
            None => Some(Self::by(column)),
            Some(Self { direction: Direction::Up, .. }) => Some(Self::turned(current)),
            Some(Self { direction: Direction::Down, .. }) => None,
        }
    }

    /// Sorts the indices of rows; equal ones keep their order. Those without a value come last in
    /// both directions.
    fn sort(self, order: &mut [usize], rows: &[Row], now: Timestamp) {
        let key = |row: usize| rows[row].cells[self.column].sort_key(now);
        match self.direction {
            Direction::Up => order.sort_by_cached_key(|&row| key(row)),
            Direction::Down => order.sort_by_cached_key(|&row| {
                let key = key(row);
                (key == SortKey::Missing, Reverse(key))
            }),
        }
    }
}

/// Which rows are shown, and in which order.
#[derive(Debug, Default)]
pub struct View {
    filter: Filter,
    sort: Option<Sort>,
    /// Indices into the rows.
    order: Vec<usize>,
    divider: Option<usize>,
    /// The texts of the rows, once a filter has looked for something in them.
    texts: Option<Texts>,
    /// The revision of the rows that it was computed from.
    revision: Option<u64>,
}

impl View {
    /// The filter.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// The column that the rows are sorted by; `None` if they stand in their usual order.
    pub fn sort(&self) -> Option<Sort> {
        self.sort
    }

    /// How many rows are shown.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether no row is shown.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The place among the shown rows that a divider line precedes.
    pub fn divider(&self) -> Option<usize> {
        self.divider
    }

    /// The indices of the shown rows, in their order.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// Follows the rows, if they have changed.
    pub(super) fn follow(&mut self, rows: Option<&Rows>, table: Table, now: Timestamp) {
        if self.revision != rows.map(Rows::revision) {
            self.compute(rows, table, now);
        }
    }

    /// Makes what a filter needs, so that its first key does not have to wait for it.
    pub(super) fn prepare_filter(&mut self, rows: Option<&Rows>, table: Table, now: Timestamp) {
        self.forget_texts_of_other_rows(rows);
        if let Some(rows) = rows {
            self.texts.get_or_insert_with(|| Texts::new(table, &rows.arranged.rows, now));
        }
    }

    pub(super) fn set_filter(&mut self, filter: Filter, rows: Option<&Rows>, table: Table, now: Timestamp) {
        if self.filter != filter {
            self.filter = filter;
            self.compute(rows, table, now);
        }
    }

    pub(super) fn set_sort(&mut self, sort: Option<Sort>, rows: Option<&Rows>, table: Table, now: Timestamp) {
        if self.sort != sort {
            self.sort = sort;
            self.compute(rows, table, now);
        }
    }

    /// The rows may have changed since the view followed them: in the turn of a paste, for
    /// instance.
    fn forget_texts_of_other_rows(&mut self, rows: Option<&Rows>) {
        let revision = rows.map(Rows::revision);
        if self.revision != revision {
            self.revision = revision;
            self.texts = None;
        }
    }

    fn compute(&mut self, rows: Option<&Rows>, table: Table, now: Timestamp) {
        self.forget_texts_of_other_rows(rows);
        let rows = rows.map_or(&[][..], |rows| &rows.arranged.rows);
        self.order.clear();
        if self.filter.is_empty() {
            self.order.extend(0..rows.len());
        } else {
            let texts = self.texts.get_or_insert_with(|| Texts::new(table, rows, now));
            self.order.extend((0..rows.len()).filter(|&row| self.filter.matches(texts, row)));
        }
        self.divider = match self.sort {
            None => divider(table, rows, &self.order),
            Some(sort) => {
                sort.sort(&mut self.order, rows, now);
                None
            }
        };
    }
}

/// Where the shown builds that have ended begin, if there are active ones before them.
fn divider(table: Table, rows: &[Row], order: &[usize]) -> Option<usize> {
    let ended = order.partition_point(|&row| rows[row].phase == Phase::Active);
    (table == Table::Builds && (1..order.len()).contains(&ended)).then_some(ended)
}

#[cfg(test)]
mod tests;
