//! What the fuzz targets call: everything that reads what comes from outside. Each panics if a
//! promise does not hold. Compiled for `cargo fuzz` only.

use std::path::Path;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use ureq::http::{HeaderMap, HeaderName, HeaderValue, Uri};

use super::child::ChildOutput;
use super::key::{self, Secret};
use super::reply::Reader;
use super::wandb::fuzzing as runs;
use super::wire::{self, Listing};
use super::{gcloud, retry_after};
use crate::model::{Row, Table, text, time};

const WANTED: usize = 20;

/// A reply of `gcloud … list`. The first byte chooses the list.
pub fn gcloud_list(data: &[u8]) {
    let Some((first, body)) = data.split_first() else { return };
    let (listing, table) = match first % 3 {
        0 => (Listing::Builds, Table::Builds),
        1 => (Listing::Executions, Table::Runner),
        _ => (Listing::Jobs, Table::Vertex),
    };
    if let Ok(read) = wire::read(listing, Some("r1"), body.to_vec(), WANTED, &|| false) {
        check_rows(table, &read.rows);
    }
}

/// A reply to the first or the second question for runs.
pub fn wandb_runs(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let key = Secret::new("0123456789abcdef0123456789abcdef01234567").expect("a key");
    let redact = |text: &str| key.redact(text);
    let reader =
        Reader { from: "host", thing: "runs", wanted: WANTED, cancelled: &|| false, redact: &redact };
    let uri: Uri = "https://host/graphql".parse().expect("an address");
    for run in runs::read(&text, uri, key.clone(), &reader) {
        check_rows(Table::Active, &[run.clone().into_active()]);
        check_rows(Table::Completed, &[run.into_completed()]);
    }
}

/// What `gcloud` says of a failure.
pub fn gcloud_error(data: &[u8]) {
    let output = ChildOutput { status: None, stdout: Vec::new(), stderr: data.to_vec() };
    check_text(&gcloud::explain(&output).to_string());
}

/// The settings file of the W&B tools.
pub fn wandb_settings(data: &[u8]) {
    let _ = super::wandb::Settings::from_text(&String::from_utf8_lossy(data));
}

/// A netrc file.
pub fn netrc(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let _ = key::in_text(&text, Path::new("netrc"), "api.wandb.ai")
        .map_err(|error| check_text(&error.to_string()));
}

/// Times, and the headers that say when to ask again: one of each per line.
pub fn times(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for line in text.lines().take(10) {
        let now = Timestamp::UNIX_EPOCH;
        if let Some(then) = time::parse(line) {
            check_text(&time::relative(then, now));
            check_text(&time::age(then, now));
        }
        let Ok(value) = HeaderValue::from_str(line) else { continue };
        for name in ["retry-after", "ratelimit-reset", "date"] {
            let headers: HeaderMap = [(HeaderName::from_static(name), value.clone())].into_iter().collect();
            let wait = retry_after::retry_after(429, &headers, SystemTime::UNIX_EPOCH);
            assert!(wait.is_none_or(|wait| wait <= Duration::from_hours(1)), "{line:?}");
        }
    }
}

/// Texts on their way to the screen. The first byte is the width.
pub fn texts(data: &[u8]) {
    let Some((width, rest)) = data.split_first() else { return };
    let (width, said) = (usize::from(*width), String::from_utf8_lossy(rest));
    let fitted = text::escape(&said);
    assert!(text::width(&text::fit(&fitted, width)) <= width, "{said:?}");
    for line in text::wrap(&said, width) {
        check_text(&line);
        assert!(text::width(&line) <= width.max(2), "{line:?} is wider than {width}");
    }
}

/// Whatever a row says reaches its own cells only, and no terminal.
fn check_rows(table: Table, rows: &[Row]) {
    assert!(rows.len() <= WANTED);
    for row in rows {
        assert_eq!(row.cells.len(), table.columns().len());
        for (cell, column) in row.cells.iter().zip(table.columns()) {
            let shown = cell.shown(column, Timestamp::UNIX_EPOCH);
            check_text(&shown);
            assert!(!shown.contains('\n'));
        }
        for (_, said) in row.full_texts(table, Timestamp::UNIX_EPOCH) {
            text::wrap(&said, 40).for_each(|line| check_text(&line));
        }
    }
}

fn check_text(shown: &str) {
    let escaped = text::escape(shown);
    assert!(!escaped.chars().any(text::is_unsafe), "{escaped:?}");
}
