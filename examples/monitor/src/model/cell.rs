//! [`Cell`]: one value, kept in full, and how it becomes text.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};

use super::status::Status;
use super::table::{Column, Cut};
use super::{text, time};

/// The text of a missing value.
pub const MISSING: &str = "—";

/// A duration, ended or still growing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// It has ended and took this long.
    Ended(SignedDuration),
    /// It is running since this time.
    Running(Timestamp),
}

impl Span {
    /// From a start and an optional end; `None` if it has not started.
    pub fn between(start: Option<Timestamp>, end: Option<Timestamp>) -> Option<Self> {
        let start = start?;
        Some(end.map_or(Self::Running(start), |end| Self::Ended(end.duration_since(start))))
    }

    /// The length at this time, never negative.
    pub fn at(self, now: Timestamp) -> SignedDuration {
        let length = match self {
            Self::Ended(length) => length,
            Self::Running(start) => now.duration_since(start),
        };
        length.max(SignedDuration::ZERO)
    }
}

/// One value of a row, as the source returned it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// No value.
    Missing,
    /// External text, not escaped.
    Text(String),
    /// A status.
    Status(Status),
    /// A whole number.
    Number(i64),
    /// A point in time.
    Time(Timestamp),
    /// A duration.
    Span(Span),
}

/// What a column is sorted by: numbers, times and durations by value, texts as
/// [`text::sort_key`] says. A missing value is the greatest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortKey {
    /// Of a text or a status.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A point in time.
    Time(Timestamp),
    /// A duration.
    Span(SignedDuration),
    /// No value.
    Missing,
}

impl Cell {
    /// Text, or [`Cell::Missing`] if there is none or it is empty.
    pub fn text(text: Option<impl Into<String>>) -> Self {
        text.map(Into::into).filter(|text| !text.is_empty()).map_or(Self::Missing, Self::Text)
    }

    /// A point in time, or [`Cell::Missing`].
    pub fn time(time: Option<Timestamp>) -> Self {
        time.map_or(Self::Missing, Self::Time)
    }

    /// A duration, or [`Cell::Missing`].
    pub fn span(span: Option<Span>) -> Self {
        span.map_or(Self::Missing, Self::Span)
    }

    /// The text for a table: escaped, and truncated to the column's limit.
    pub fn shown(&self, column: &Column, now: Timestamp) -> Cow<'_, str> {
        let shown = match self {
            Self::Missing => Cow::Borrowed(MISSING),
            // Cut before escaping: a text may be megabytes long, and escaping keeps the number of
            // characters.
            Self::Text(whole) => {
                let limit = column.max_chars.unwrap_or(MAX_SHOWN_CHARS);
                match column.cut {
                    Cut::Plain => trimmed(text::truncate(whole, limit)),
                    Cut::Marked => match text::shorten(whole, limit) {
                        Cow::Borrowed(shown) => trimmed(shown),
                        Cow::Owned(shown) => trimmed(&shown).into_owned().into(),
                    },
                }
            }
            Self::Status(status) => {
                // Icons are one or two columns wide. Padding them to three aligns the words.
                let icon = status.state.icon();
                let gap = &"   "[..3_usize.saturating_sub(text::width(icon))];
                let word = text::escape(text::truncate(&status.raw, MAX_SHOWN_CHARS));
                [icon, gap, &*word].concat().into()
            }
            Self::Number(number) => number.to_string().into(),
            Self::Time(then) => time::relative(*then, now).into(),
            Self::Span(span) => time::duration(span.at(now)).into(),
        };
        if shown.is_empty() { Cow::Borrowed(MISSING) } else { shown }
    }

    /// The text for a table on the screen: as [`Cell::shown`], but `…` stands for a start that
    /// many values of the column share.
    pub fn on_screen(&self, column: &Column, now: Timestamp) -> Cow<'_, str> {
        if let Self::Text(whole) = self
            && let Some(rest) = column.common_starts.iter().find_map(|start| whole.strip_prefix(start))
        {
            let limit = column.max_chars.unwrap_or(MAX_SHOWN_CHARS).saturating_sub(1);
            let rest = text::shorten(rest, limit);
            return format!("…{}", text::escape(&rest)).into();
        }
        self.shown(column, now)
    }

    /// The full text, not truncated and **not escaped**, because it may have several lines:
    /// [`text::wrap`] escapes each line.
    pub fn full(&self, now: Timestamp) -> String {
        match self {
            Self::Missing => MISSING.to_owned(),
            Self::Text(text) => text.clone(),
            Self::Status(status) => format!("{} {}", status.state.icon(), status.raw),
            Self::Number(number) => number.to_string(),
            Self::Time(then) => format!("{then} ({})", time::relative(*then, now)),
            Self::Span(span) => time::duration(span.at(now)),
        }
    }

    /// What a column is sorted by.
    pub fn sort_key(&self, now: Timestamp) -> SortKey {
        let text = |text: &str| SortKey::Text(text::sort_key(text::truncate(text, MAX_SHOWN_CHARS)));
        match self {
            Self::Missing => SortKey::Missing,
            Self::Text(whole) => text(whole),
            Self::Status(status) => text(&status.raw),
            Self::Number(number) => SortKey::Number(*number),
            Self::Time(then) => SortKey::Time(*then),
            Self::Span(span) => SortKey::Span(span.at(now)),
        }
    }

    /// Whether the text changes as time passes.
    pub const fn ticks(&self) -> bool {
        matches!(self, Self::Span(Span::Running(_)))
    }
}

fn trimmed(text: &str) -> Cow<'_, str> {
    match text::escape(text) {
        Cow::Borrowed(shown) => Cow::Borrowed(shown.trim()),
        Cow::Owned(shown) => Cow::Owned(shown.trim().to_owned()),
    }
}

/// The most characters of a text that a table looks at. No terminal line shows more.
const MAX_SHOWN_CHARS: usize = 1000;

#[cfg(test)]
mod tests;
