//! Reading what a service said: everything it did say is used, and what makes no sense is told.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::model::{Row, text};
use crate::source::{ErrorKind, SourceError};

/// Rows that could be read, and the trouble with those that could not.
#[derive(Debug)]
pub(super) struct ParsedRows {
    pub(super) rows: Vec<Row>,
    pub(super) error: Option<SourceError>,
}

/// How much of the parser's own words a message carries: they quote the value that they stumbled over.
const MAX_REASON_CHARS: usize = 120;

/// Parses JSON. Bytes that are not UTF-8 become `�` instead of making the whole reply unreadable.
pub(super) fn json(from: &str, body: &[u8]) -> Result<Value, SourceError> {
    redacted_json(from, body, str::to_owned)
}

/// The same for a reply of which not everything may be quoted.
pub(super) fn redacted_json(
    from: &str,
    body: &[u8],
    redact: impl Fn(&str) -> String,
) -> Result<Value, SourceError> {
    let body = String::from_utf8_lossy(body);
    serde_json::from_str(&body).map_err(|error| {
        let shown = excerpt(&redact(&body), 80);
        let shown = if shown.is_empty() { "nothing".to_owned() } else { format!("`{shown}`") };
        SourceError::new(
            ErrorKind::BadReply,
            format!("{from} did not answer in JSON ({error}): it said {shown}"),
        )
    })
}

/// Reads each element of a JSON array as a `T`; the unreadable ones are counted and the first of them is explained.
pub(super) fn rows<T: DeserializeOwned>(
    from: &str,
    thing: &str,
    elements: Vec<Value>,
    row: impl Fn(T) -> Row,
) -> ParsedRows {
    let all = elements.len();
    let mut rows = Vec::with_capacity(all);
    let mut first = None;
    for (index, element) in elements.into_iter().enumerate() {
        match serde_json::from_value(element) {
            Ok(wire) => rows.push(row(wire)),
            Err(error) => first = first.or(Some((index + 1, error))),
        }
    }
    let error = first.map(|(number, error)| {
        let bad = all - rows.len();
        let why = excerpt(&error.to_string(), MAX_REASON_CHARS);
        let what = format!("{from}: {bad} of {all} {thing} could not be read (number {number}: {why})");
        SourceError::new(ErrorKind::BadReply, what)
    });
    ParsedRows { rows, error }
}

/// The elements of what should be an array.
pub(super) fn array(from: &str, value: Value) -> Result<Vec<Value>, SourceError> {
    match value {
        Value::Array(elements) => Ok(elements),
        other => {
            let shown = excerpt(&other.to_string(), 80);
            Err(SourceError::new(
                ErrorKind::BadReply,
                format!("{from} should have answered a list, but said `{shown}`"),
            ))
        }
    }
}

/// The beginning of a text's first line, for an error message.
pub(super) fn excerpt(text: &str, characters: usize) -> String {
    let line = text::first_line(text);
    let start = text::truncate(line, characters);
    if start.len() < line.len() { format!("{start}…") } else { start.to_owned() }
}
