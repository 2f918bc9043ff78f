//! Follows the log of a build, an execution or a job.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use worker_core::{Result, WorkerContext};

use super::Gcloud;
use super::stop::id;
use crate::model::{Phase, Row, text};
use crate::source::{Lines, SourceError};
use crate::sources::live::json::Json;
use crate::sources::live::reply::Reader;
use crate::sources::live::wire::Listing;

/// How many entries are asked for at once.
const ENTRIES: usize = 200;

/// The pause between two questions for new entries.
const PAUSE: Duration = Duration::from_secs(5);

/// How long a log is followed at most.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// The most characters of a line.
const MAX_LINE_CHARS: usize = 2000;

/// The most bytes of a line that has not ended yet.
const MAX_LINE_BYTES: usize = 64 * 1024;

impl Gcloud {
    /// Gives the last lines of the log of what the row stands for, and while it runs those that are
    /// added.
    pub(in crate::sources::live) fn follow_log(
        &self,
        listing: Listing,
        row: &Row,
        cx: &WorkerContext,
        lines: &Lines<'_>,
    ) -> Result<()> {
        let id = id(row)?;
        match listing {
            Listing::Builds => self.stream_build(id, row, cx, lines),
            Listing::Executions => {
                let execution = format!(
                    "resource.type=\"cloud_run_job\" AND labels.\"run.googleapis.com/execution_name\"=\"{id}\""
                );
                self.poll_entries(&execution, row, cx, lines)
            }
            Listing::Jobs => {
                let job = format!("resource.type=\"ml_job\" AND resource.labels.job_id=\"{id}\"");
                self.poll_entries(&job, row, cx, lines)
            }
        }
    }

    /// `gcloud` itself follows the log of a build.
    fn stream_build(&self, id: &str, row: &Row, cx: &WorkerContext, lines: &Lines<'_>) -> Result<()> {
        let mut command = self.command(&["builds", "log", id], row.region.as_deref());
        if row.phase == Phase::Active {
            command.arg("--stream");
        }
        let mut given = Ok(());
        let take = |bytes: &mut Vec<u8>| {
            let whole = take_lines(bytes);
            if given.is_ok() && !whole.is_empty() {
                given = lines(whole);
            }
        };
        let rest = self.ask(command, "log", LONGEST.unsigned_abs(), cx, take)?;
        given?;
        if rest.is_empty() { Ok(()) } else { lines(vec![line(&rest)]) }
    }

    /// Asks Cloud Logging for the newest entries, and for those that have come since.
    fn poll_entries(&self, filter: &str, row: &Row, cx: &WorkerContext, lines: &Lines<'_>) -> Result<()> {
        let mut last: Option<Timestamp> = None;
        let began = self.config.wall_clock.now();
        while self.config.wall_clock.now().duration_since(began) < LONGEST {
            let since = last.map(|last| format!(" AND timestamp>\"{last}\"")).unwrap_or_default();
            let filter = format!("{filter}{since}");
            let mut command = self.command(&["logging", "read", &filter, "--freshness=30d"], None);
            command.arg(format!("--limit={ENTRIES}"));
            command.arg("--format=json(timestamp,textPayload,jsonPayload.message)");
            let answer = match self.ask(command, "log", self.config.time_limit, cx, |_| {}) {
                Ok(answer) => answer,
                // What has come stays, and more comes when it is over.
                Err(error) if last.is_some() && error.kind().may_pass() => {
                    cx.sleep(PAUSE)?;
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let entries = read_entries(&String::from_utf8_lossy(&answer), &|| cx.is_cancelled())?;
            last = entries.iter().filter_map(|entry| entry.timestamp).max().or(last);
            let are_more = entries.len() == ENTRIES;
            // The newest comes first.
            let mut new: Vec<String> = entries.into_iter().rev().flat_map(Entry::into_lines).collect();
            if are_more {
                new.insert(0, format!("(the last {ENTRIES} entries; there are more before them)"));
            }
            if !new.is_empty() {
                lines(new)?;
            }
            if row.phase == Phase::Ended {
                break;
            }
            cx.sleep(PAUSE)?;
        }
        Ok(())
    }
}

/// An entry of Cloud Logging.
struct Entry {
    timestamp: Option<Timestamp>,
    said: Option<String>,
}

/// Reads a list of entries. An odd field is as if it were not there.
fn read_entries(answer: &str, cancelled: &dyn Fn() -> bool) -> Result<Vec<Entry>, SourceError> {
    let redact = |text: &str| text.to_owned();
    let reader = Reader { from: "gcloud", thing: "log entries", wanted: ENTRIES, cancelled, redact: &redact };
    let list = reader.list(Json::new(answer), |entry| {
        let [timestamp, said, payload] = entry.pick(["timestamp", "textPayload", "jsonPayload"]);
        let [message] = payload.pick(["message"]);
        Ok(Entry { timestamp: timestamp.time(), said: said.text().or_else(|| message.text()) })
    })?;
    Ok(list.rows)
}

impl Entry {
    fn into_lines(self) -> Vec<String> {
        let time = self.timestamp.map(|time| time.strftime("%H:%M:%S ").to_string()).unwrap_or_default();
        let said = self.said.unwrap_or_else(|| "(an entry without a text)".to_owned());
        said.lines().map(|said| line(format!("{time}{said}").as_bytes())).collect()
    }
}

/// Takes the whole lines, and one that is too long to be waited for.
fn take_lines(bytes: &mut Vec<u8>) -> Vec<String> {
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let whole = if bytes.len() - whole > MAX_LINE_BYTES { bytes.len() } else { whole };
    let taken: Vec<u8> = bytes.drain(..whole).collect();
    let lines = taken.strip_suffix(b"\n").unwrap_or(&taken);
    if taken.is_empty() { Vec::new() } else { lines.split(|byte| *byte == b'\n').map(line).collect() }
}

fn line(bytes: &[u8]) -> String {
    let said = String::from_utf8_lossy(bytes);
    let said = said.trim_end_matches('\r');
    let shown = text::truncate(said, MAX_LINE_CHARS);
    if shown.len() < said.len() { format!("{shown}…") } else { shown.to_owned() }
}

#[cfg(test)]
mod tests;
