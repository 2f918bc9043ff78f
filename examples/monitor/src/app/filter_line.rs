//! [`FilterLine`]: the line in which a filter is being typed.

use tui_input::{Input, InputRequest};

use crate::model::{Table, text};

/// The line in which the filter of a table is being typed.
#[derive(Debug)]
pub struct FilterLine {
    /// The table.
    pub table: Table,
    /// The text and the cursor in it.
    pub input: Input,
}

impl FilterLine {
    pub(super) fn new(table: Table, text: &str) -> Self {
        Self { table, input: Input::new(text.to_owned()) }
    }

    /// Changes the text or moves the cursor.
    pub(super) fn edit(&mut self, edit: InputRequest) {
        match edit {
            // Shown as it is, so nothing goes in that could control the terminal.
            InputRequest::InsertChar(c) if text::is_unsafe(c) => {}
            edit => drop(self.input.handle(edit)),
        }
    }

    /// Inserts a text, without what could control the terminal. Line ends become spaces, so that
    /// words stay apart.
    pub(super) fn insert(&mut self, text: &str) {
        for c in text.chars() {
            let c = if c.is_whitespace() { ' ' } else { c };
            self.edit(InputRequest::InsertChar(c));
        }
    }
}
