//! Parses replies of the services. Readable rows are kept; unreadable ones become an error beside
//! them.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::model::{Row, text};
use crate::source::{ErrorKind, SourceError};

/// The readable rows, and an error about the unreadable ones.
#[derive(Debug)]
pub(super) struct ParsedRows {
    pub(super) rows: Vec<Row>,
    pub(super) error: Option<SourceError>,
}

/// How many characters of the parser's message are quoted; it contains the offending value.
const MAX_REASON_CHARS: usize = 120;

/// Parses JSON. Invalid UTF-8 becomes `�` instead of making the whole reply unreadable.
pub(super) fn json(from: &str, body: &[u8]) -> Result<Value, SourceError> {
    redacted_json(from, body, str::to_owned)
}

/// The same, with a redacted quote of the reply in the error.
pub(super) fn redacted_json(
    from: &str,
    body: &[u8],
    redact: impl Fn(&str) -> String,
) -> Result<Value, SourceError> {
    let body = String::from_utf8_lossy(body);
    serde_json::from_str(&body).map_err(|error| {
        let shown = excerpt(&redact(&body), 80);
        let shown = if shown.is_empty() { "empty".to_owned() } else { format!("`{shown}`") };
        SourceError::new(
            ErrorKind::BadReply,
            format!("{from} did not reply in JSON ({error}): the reply was {shown}"),
        )
    })
}

/// Parses each element of a JSON array as a `T`. Unreadable elements are counted, and the first is
/// explained.
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

/// The elements of a JSON array, or an error if it is none.
pub(super) fn array(from: &str, value: Value) -> Result<Vec<Value>, SourceError> {
    match value {
        Value::Array(elements) => Ok(elements),
        other => {
            let shown = excerpt(&other.to_string(), 80);
            Err(SourceError::new(
                ErrorKind::BadReply,
                format!("{from} should have replied with a list, but replied `{shown}`"),
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
