//! Reads lists of rows in the replies of the services. Readable rows are kept; unreadable ones
//! become an error beside them.

use std::ops::ControlFlow;

use serde_json::error::Category;

use super::json::{Json, MAX_TEXT_BYTES};
use crate::model::text::{first_line, truncate};
use crate::source::{ErrorKind, SourceError};

/// How many bytes of a reply may be invalid UTF-8. More are no slip but another format.
const MAX_INVALID_BYTES: usize = 64 * 1024;

/// The longest row that is read.
const MAX_ROW_BYTES: usize = 4 * 1024 * 1024;

/// After so many unreadable rows, the list is not what it should be, and is read no further.
const MAX_UNREADABLE: usize = 1000;

/// How deep lists and objects may be nested. Those of the services have about ten levels.
const MAX_DEPTH: u32 = 100;

/// How many characters of a reply are quoted.
const MAX_QUOTE_CHARS: usize = 80;

/// The readable rows, and an error about the unreadable ones.
#[derive(Debug)]
pub(super) struct List<T> {
    pub(super) rows: Vec<T>,
    pub(super) error: Option<SourceError>,
}

/// What is read of a list.
pub(super) struct Reader<'a> {
    /// Who sent it.
    pub(super) from: &'a str,
    /// What is listed.
    pub(super) thing: &'a str,
    /// How many rows are wanted. What follows them is not read.
    pub(super) wanted: usize,
    /// Whether reading should stop. Asked before each row.
    pub(super) cancelled: &'a dyn Fn() -> bool,
    /// Removes secrets from a text that is quoted.
    pub(super) redact: &'a dyn Fn(&str) -> String,
}

impl Reader<'_> {
    /// Reads each element of a list with `row`, which says what an unreadable one lacks.
    ///
    /// # Errors
    ///
    /// If this is no list, or breaks off before the first row; or if the worker is cancelled.
    pub(super) fn list<'a, T>(
        &self,
        json: Json<'a>,
        mut row: impl FnMut(Json<'a>) -> Result<T, &'static str>,
    ) -> Result<List<T>, SourceError> {
        let mut rows = Vec::new();
        let mut seen = 0_usize;
        let mut first_bad = None;
        let mut cancelled = false;
        let read = json.elements(|element| {
            cancelled = (self.cancelled)();
            if cancelled {
                return ControlFlow::Break(());
            }
            seen += 1;
            let readable =
                if element.raw().len() > MAX_ROW_BYTES { Err("it is too long") } else { row(element) };
            match readable {
                Ok(row) => rows.push(row),
                Err(why) => first_bad = first_bad.or(Some((seen, why))),
            }
            if rows.len() < self.wanted && seen - rows.len() < MAX_UNREADABLE {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        if cancelled {
            return Err(SourceError::new(ErrorKind::Cancelled, "cancelled"));
        }
        let broken_off = match read {
            Ok(()) => None,
            Err(error) if rows.is_empty() => return Err(self.malformed(json, &error)),
            Err(error) => Some(format!("the list breaks off after {} ({error})", rows.len())),
        };
        let unreadable = first_bad.map(|(number, why)| {
            let (bad, thing) = (seen - rows.len(), self.thing);
            format!("{bad} of {seen} {thing} could not be read (number {number}: {why})")
        });
        let problems: Vec<String> = unreadable.into_iter().chain(broken_off).collect();
        let error = (!problems.is_empty()).then(|| {
            SourceError::new(ErrorKind::BadReply, format!("{}: {}", self.from, problems.join("; ")))
        });
        Ok(List { rows, error })
    }

    /// Why a text is no list, or no JSON at all.
    pub(super) fn malformed(&self, json: Json<'_>, error: &serde_json::Error) -> SourceError {
        let from = self.from;
        let quote = self.quote(json);
        SourceError::new(
            ErrorKind::BadReply,
            match error.classify() {
                Category::Data => format!("{from} should have replied with a list, but replied {quote}"),
                _ => format!("{from} did not reply in JSON ({error}): the reply was {quote}"),
            },
        )
    }

    /// The beginning of a reply, for an error message.
    pub(super) fn quote(&self, json: Json<'_>) -> String {
        // Redacted before the last cut, because half a secret may not be recognised.
        let start = (self.redact)(truncate(first_line(json.raw()), MAX_TEXT_BYTES));
        let quote = excerpt(&start, MAX_QUOTE_CHARS);
        if quote.is_empty() { "empty".to_owned() } else { format!("`{quote}`") }
    }
}

/// The text of a reply. A byte that is no UTF-8 becomes `?`, in place, so that the reply is not
/// kept twice.
///
/// # Errors
///
/// If much of it is invalid: then it is no text. If it is nested too deep: the parser needs memory
/// for each level.
pub(super) fn text(from: &str, mut body: Vec<u8>) -> Result<String, SourceError> {
    let bad = |what: &str| SourceError::new(ErrorKind::BadReply, format!("{from} {what}"));
    let mut valid = 0;
    let mut invalid = 0;
    while let Err(error) = str::from_utf8(&body[valid..]) {
        let start = valid + error.valid_up_to();
        let end = error.error_len().map_or(body.len(), |length| start + length);
        body[start..end].fill(b'?');
        valid = end;
        invalid += end - start;
        if invalid > MAX_INVALID_BYTES {
            return Err(bad("did not reply in UTF-8"));
        }
    }
    let text = String::from_utf8(body).map_err(|_| bad("did not reply in UTF-8"))?;
    if is_too_deep(&text) {
        let what = format!("sent a reply whose lists and objects are nested deeper than {MAX_DEPTH} levels");
        return Err(bad(&what));
    }
    Ok(text)
}

fn is_too_deep(json: &str) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0_u32, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_text,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => depth += 1,
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return true;
        }
    }
    false
}

/// The beginning of a text's first line, for an error message.
pub(super) fn excerpt(text: &str, characters: usize) -> String {
    let line = first_line(text);
    let start = truncate(line, characters);
    if start.len() < line.len() { format!("{start}…") } else { start.to_owned() }
}

#[cfg(test)]
mod tests;
