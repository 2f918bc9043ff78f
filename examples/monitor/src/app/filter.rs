//! [`Filter`]: which rows of a table the user wants to see; [`Texts`]: what it looks for them in.

use jiff::Timestamp;

use crate::model::{Column, Row, Table};

/// Which rows of a table the user wants to see: those that contain all of its words, in any case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    text: String,
    words: Vec<Word>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    /// The column it is looked for in; `None` for all of them.
    column: Option<usize>,
    /// In lower case.
    text: String,
}

impl Filter {
    /// A filter for this table, as the user typed it: words, each of which may start with the name
    /// of a column and a colon.
    pub fn new(table: Table, text: &str) -> Self {
        let words = text.split_whitespace().map(|word| Word::new(table, word));
        // Until something follows its colon, a column excludes no row.
        Self { text: text.to_owned(), words: words.filter(|word| !word.text.is_empty()).collect() }
    }

    /// As the user typed it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether all rows match.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    pub(super) fn matches(&self, texts: &Texts, row: usize) -> bool {
        self.words.iter().all(|word| {
            let text = word.column.map_or_else(|| texts.row(row), |column| texts.cell(row, column));
            text.contains(&word.text)
        })
    }
}

impl Word {
    fn new(table: Table, word: &str) -> Self {
        let in_column = word.split_once(':').and_then(|(name, text)| {
            let is_it = |column: &Column| column.name.eq_ignore_ascii_case(name);
            Some((table.columns().iter().position(is_it)?, text))
        });
        let (column, text) = in_column.map_or((None, word), |(column, text)| (Some(column), text));
        Self { column, text: text.to_lowercase() }
    }
}

/// The texts of all rows as the screen shows them, in lower case. Making them takes longer than
/// looking through them, so they are kept from one key to the next.
#[derive(Debug)]
pub(super) struct Texts {
    /// Those of all rows, one after the other.
    all: String,
    /// Where each cell's text ends.
    ends: Vec<usize>,
    columns: usize,
}

/// Stands between two texts, so that no word is found across them. No text or word contains it: the
/// one is escaped, the other ends at white space.
const SEPARATOR: char = '\n';

impl Texts {
    pub(super) fn new(table: Table, rows: &[Row], now: Timestamp) -> Self {
        let columns = table.columns();
        let mut texts = Self {
            all: String::new(),
            ends: Vec::with_capacity(rows.len() * columns.len()),
            columns: columns.len(),
        };
        for row in rows {
            for (column, cell) in columns.iter().zip(&row.cells) {
                texts.push(&cell.on_screen(column, now));
            }
        }
        texts
    }

    fn push(&mut self, text: &str) {
        if text.is_ascii() {
            let start = self.all.len();
            self.all.push_str(text);
            self.all[start..].make_ascii_lowercase();
        } else {
            self.all.extend(text.chars().flat_map(char::to_lowercase));
        }
        self.all.push(SEPARATOR);
        self.ends.push(self.all.len());
    }

    fn row(&self, row: usize) -> &str {
        let first = row * self.columns;
        &self.all[self.start(first)..self.ends[first + self.columns - 1]]
    }

    fn cell(&self, row: usize, column: usize) -> &str {
        let cell = row * self.columns + column;
        &self.all[self.start(cell)..self.ends[cell]]
    }

    fn start(&self, cell: usize) -> usize {
        cell.checked_sub(1).map_or(0, |before| self.ends[before])
    }
}

#[cfg(test)]
mod tests;
