//! How a user looks through the tables: filter, sort, zoom, and what the mouse points at. Each is a
//! change of the [`State`].

use tui_input::InputRequest;

use super::filter_line::FilterLine;
use super::state::State;
use super::view::Sort;
use crate::model::Table;

impl State {
    /// Opens the line in which the filter of the focused table is typed.
    pub(super) fn open_filter(&mut self) {
        if !self.is_covered() {
            let filter = self.panels[self.focus].view().filter();
            self.filter_line = Some(FilterLine::new(self.focus, filter.text()));
        }
    }

    pub(super) fn edit_filter(&mut self, edit: InputRequest) {
        self.change_filter_line(|line| line.edit(edit));
    }

    /// Inserts a pasted text where a text is being typed.
    pub fn paste(&mut self, text: &str) {
        self.change_filter_line(|line| line.insert(text));
    }

    fn change_filter_line(&mut self, change: impl FnOnce(&mut FilterLine)) {
        if let Some(line) = &mut self.filter_line {
            change(line);
            self.panels[line.table].set_filter(line.input.value(), self.now);
        }
    }

    /// Closes the line and keeps the filter.
    pub(super) fn keep_filter(&mut self) {
        self.filter_line = None;
    }

    /// Closes the line, and shows all rows of its table, or else of the focused one.
    pub(super) fn clear_filter(&mut self) {
        let table = self.filter_line.take().map_or(self.focus, |line| line.table);
        self.panels[table].set_filter("", self.now);
    }

    pub(super) fn sort_by_next(&mut self) {
        let sort = Sort::next(self.panels[self.focus].view().sort(), self.focus);
        self.set_sort(self.focus, sort);
    }

    pub(super) fn turn_sort(&mut self) {
        let sort = Sort::turned(self.panels[self.focus].view().sort());
        self.set_sort(self.focus, Some(sort));
    }

    pub(super) fn sort_by_clicked(&mut self, table: Table, column: usize) {
        self.focus_on(table);
        let sort = Sort::clicked(self.panels[table].view().sort(), column);
        self.set_sort(table, sort);
    }

    fn set_sort(&mut self, table: Table, sort: Option<Sort>) {
        if !self.is_covered() {
            self.panels[table].set_sort(sort, self.now);
        }
    }

    /// Shows the focused table alone, or all of them.
    pub(super) fn toggle_zoom(&mut self) {
        if !self.is_covered() {
            self.zoom = self.zoom.toggled();
        }
    }

    pub(super) fn select(&mut self, table: Table, place: usize) {
        if !self.is_covered() {
            self.focus_on(table);
            self.panels[table].select(place);
        }
    }

    pub(super) fn move_in(&mut self, table: Table, rows: i16) {
        self.focus_on(table);
        self.move_by(rows);
    }
}

#[cfg(test)]
mod tests;
