//! One cell: a value kept whole, and its texts.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};

use super::status::Status;
use super::table::Column;
use super::{text, time};

/// What stands for a value that is not there.
pub const MISSING: &str = "—";

/// How long something took, or has been taking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// It has ended.
    Ended(SignedDuration),
    /// It goes on; the duration grows as one looks at it.
    Running(Timestamp),
}

impl Span {
    /// From a start and perhaps an end; nothing if it has not begun.
    pub fn between(start: Option<Timestamp>, end: Option<Timestamp>) -> Option<Self> {
        let start = start?;
        Some(end.map_or(Self::Running(start), |end| Self::Ended(end.duration_since(start))))
    }

    /// Its length at a moment, never negative.
    pub fn at(self, now: Timestamp) -> SignedDuration {
        let length = match self {
            Self::Ended(length) => length,
            Self::Running(start) => now.duration_since(start),
        };
        length.max(SignedDuration::ZERO)
    }
}

/// One value of a row, whole and uncut, exactly as the source gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// There is no such value.
    Missing,
    /// Text from outside, not escaped.
    Text(String),
    /// A status.
    Status(Status),
    /// A whole number.
    Number(i64),
    /// A moment.
    Time(Timestamp),
    /// A length of time.
    Span(Span),
}

impl Cell {
    /// Text, or [`Cell::Missing`] if there is none or it is empty.
    pub fn text(text: Option<impl Into<String>>) -> Self {
        text.map(Into::into).filter(|text| !text.is_empty()).map_or(Self::Missing, Self::Text)
    }

    /// A moment, if there is one.
    pub fn time(time: Option<Timestamp>) -> Self {
        time.map_or(Self::Missing, Self::Time)
    }

    /// A length of time, if there is one.
    pub fn span(span: Option<Span>) -> Self {
        span.map_or(Self::Missing, Self::Span)
    }

    /// The text for a table: escaped, and cut if the column says so.
    pub fn shown(&self, column: &Column, now: Timestamp) -> Cow<'_, str> {
        let shown = match self {
            Self::Missing => Cow::Borrowed(MISSING),
            // Cut first: a text may be megabytes long, and escaping keeps the number of characters.
            Self::Text(whole) => {
                match text::escape(text::truncate(whole, column.max_chars.unwrap_or(MAX_SHOWN_CHARS))) {
                    Cow::Borrowed(shown) => Cow::Borrowed(shown.trim()),
                    Cow::Owned(shown) => Cow::Owned(shown.trim().to_owned()),
                }
            }
            Self::Status(status) => {
                // Some icons are two columns wide, some one: a column of its own keeps the words aligned.
                let icon = status.state.icon();
                let gap = &"   "[..3_usize.saturating_sub(text::width(icon))];
                let word = text::escape(text::truncate(&status.raw, MAX_SHOWN_CHARS));
                [icon, gap, &*word].concat().into()
            }
            Self::Number(number) => number.to_string().into(),
            Self::Time(then) => (time::age(*then, now) + " ago").into(),
            Self::Span(span) => time::duration(span.at(now)).into(),
        };
        if shown.is_empty() { Cow::Borrowed(MISSING) } else { shown }
    }

    /// The whole text for a person who asked for it, not cut and **not yet escaped**, because it may have several
    /// lines: [`text::wrap`] escapes each.
    pub fn full(&self, now: Timestamp) -> String {
        match self {
            Self::Missing => MISSING.to_owned(),
            Self::Text(text) => text.clone(),
            Self::Status(status) => format!("{} {}", status.state.icon(), status.raw),
            Self::Number(number) => number.to_string(),
            Self::Time(then) => format!("{then} ({} ago)", time::age(*then, now)),
            Self::Span(span) => time::duration(span.at(now)),
        }
    }

    /// Whether its text changes as time goes by.
    pub const fn ticks(&self) -> bool {
        matches!(self, Self::Span(Span::Running(_)))
    }
}

/// No terminal line shows more, so no more of a text is looked at when a table is drawn.
const MAX_SHOWN_CHARS: usize = 1000;

#[cfg(test)]
mod tests;
