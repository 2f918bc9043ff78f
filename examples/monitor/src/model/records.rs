//! The watched resources as types, the same for the demo and the live sources. Each converts to a
//! [`Row`].

use jiff::{SignedDuration, Timestamp};

use super::cell::{Cell, Span};
use super::row::{Phase, Row};
use super::status::{State, Status};
use super::text;

/// A Cloud Build build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The full id.
    pub id: String,
    /// Its status.
    pub status: Status,
    /// The image it builds, without path and tag.
    pub image: Option<String>,
    /// The region it runs in.
    pub region: Option<String>,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// When it started.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// The URL of its log.
    pub log_url: Option<String>,
    /// Why it failed.
    pub failure: Option<String>,
}

impl From<Build> for Row {
    fn from(build: Build) -> Self {
        let phase = phase(&build.status);
        let head =
            Head { key: build.id.clone(), region: build.region.clone(), phase, created: build.created };
        let cells = vec![
            Cell::text(Some(build.id)),
            Cell::Status(build.status),
            Cell::text(build.image),
            Cell::text(build.region.clone()),
            duration_cell(phase, build.started, build.ended),
            Cell::time(build.created),
            Cell::text(build.log_url),
        ];
        head.into_row(
            cells,
            [
                ("started", Cell::time(build.started)),
                ("ended", Cell::time(build.ended)),
                ("failure", Cell::text(build.failure)),
            ],
        )
    }
}

/// An execution of the launch agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// Its name.
    pub name: String,
    /// The queue it serves.
    pub queue: Option<String>,
    /// The region it runs in.
    pub region: Option<String>,
    /// Its status.
    pub status: Status,
    /// How many of its tasks succeeded, and how many it has.
    pub runs: (i64, i64),
    /// How many tasks failed.
    pub failed: i64,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// When it started.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// The full error.
    pub message: Option<String>,
    /// The URL of its log.
    pub log_url: Option<String>,
}

impl From<Execution> for Row {
    fn from(execution: Execution) -> Self {
        let phase = phase(&execution.status);
        let (succeeded, tasks) = execution.runs;
        let head = Head {
            key: execution.name.clone(),
            region: execution.region.clone(),
            phase,
            created: execution.created,
        };
        let cells = vec![
            Cell::text(execution.queue),
            Cell::text(execution.region.clone()),
            Cell::Status(execution.status),
            Cell::Text(format!("{succeeded}/{tasks}")),
            duration_cell(phase, execution.started, execution.ended),
            Cell::time(execution.created),
            Cell::text(execution.message.as_deref().map(text::first_line)),
        ];
        head.into_row(
            cells,
            [
                ("name", Cell::text(Some(execution.name))),
                ("failed", if execution.failed > 0 { Cell::Number(execution.failed) } else { Cell::Missing }),
                ("started", Cell::time(execution.started)),
                ("ended", Cell::time(execution.ended)),
                ("message", Cell::text(execution.message)),
                ("log", Cell::text(execution.log_url)),
            ],
        )
    }
}

/// A Vertex AI custom job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The full id.
    pub id: String,
    /// The display name.
    pub name: Option<String>,
    /// The region it runs in.
    pub region: Option<String>,
    /// Its state.
    pub state: Status,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// When it started.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// The full error.
    pub error: Option<String>,
}

impl From<Job> for Row {
    fn from(job: Job) -> Self {
        let phase = if job.state.raw == "CANCELLING" { Phase::Active } else { phase(&job.state) };
        let head = Head { key: job.id.clone(), region: job.region.clone(), phase, created: job.created };
        let cells = vec![
            Cell::text(Some(job.id)),
            Cell::text(job.name),
            Cell::Status(job.state),
            duration_cell(phase, job.started, job.ended),
            Cell::time(job.created),
            Cell::text(job.error.as_deref().map(text::first_line)),
        ];
        head.into_row(
            cells,
            [
                ("region", Cell::text(job.region.clone())),
                ("started", Cell::time(job.started)),
                ("ended", Cell::time(job.ended)),
                ("error", Cell::text(job.error)),
            ],
        )
    }
}

/// A Weights & Biases run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The id that W&B shows.
    pub id: String,
    /// The display name.
    pub name: Option<String>,
    /// Its state.
    pub state: Status,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// The time of the last heartbeat.
    pub heartbeat: Option<Timestamp>,
    /// How long it had run at the last heartbeat.
    pub runtime: Option<SignedDuration>,
    /// The exit code of its program.
    pub exit_code: Option<i64>,
    /// The URL of its page.
    pub url: Option<String>,
}

impl Run {
    /// Converts it to a row of the active runs.
    pub fn into_active(self) -> Row {
        // The runtime is as of the last heartbeat. Subtracting it gives a start time, from which
        // the duration keeps growing.
        let since = match (self.heartbeat, self.runtime) {
            (Some(heartbeat), Some(runtime)) => heartbeat.checked_sub(runtime).ok(),
            _ => self.created,
        };
        let runtime = match self.state.state {
            State::Pending => Cell::Missing,
            _ => Cell::span(since.map(Span::Running)),
        };
        let head = Head { key: self.id.clone(), region: None, phase: Phase::Active, created: self.created };
        let cells = vec![
            Cell::text(Some(self.id)),
            Cell::text(self.name),
            Cell::Status(self.state),
            runtime,
            Cell::time(self.created),
        ];
        head.into_row(
            cells,
            [("last sign of life", Cell::time(self.heartbeat)), ("url", Cell::text(self.url))],
        )
    }

    /// Converts it to a row of the completed runs.
    pub fn into_completed(self) -> Row {
        let head = Head { key: self.id.clone(), region: None, phase: Phase::Ended, created: self.created };
        let cells = vec![
            Cell::text(Some(self.id)),
            Cell::text(self.name),
            Cell::Status(self.state),
            Cell::span(self.runtime.map(Span::Ended)),
            self.exit_code.map_or(Cell::Missing, Cell::Number),
            Cell::time(self.created),
        ];
        head.into_row(
            cells,
            [("last sign of life", Cell::time(self.heartbeat)), ("url", Cell::text(self.url))],
        )
    }
}

fn phase(status: &Status) -> Phase {
    match status.state {
        State::Running | State::Queued | State::Pending => Phase::Active,
        _ => Phase::Ended,
    }
}

/// The duration as a cell. It is missing if the resource has ended without an end time; otherwise
/// it would grow for ever.
fn duration_cell(phase: Phase, started: Option<Timestamp>, ended: Option<Timestamp>) -> Cell {
    match (phase, ended) {
        (Phase::Ended, None) => Cell::Missing,
        _ => Cell::span(Span::between(started, ended)),
    }
}

/// What every row has.
struct Head {
    key: String,
    region: Option<String>,
    phase: Phase,
    created: Option<Timestamp>,
}

impl Head {
    /// The row with its cells, and those of the details that are not missing.
    fn into_row<const N: usize>(self, cells: Vec<Cell>, details: [(&'static str, Cell); N]) -> Row {
        let Self { key, region, phase, created } = self;
        let details = details.into_iter().filter(|(_, cell)| *cell != Cell::Missing).collect();
        Row { key, region, phase, created, cells, details }
    }
}

#[cfg(test)]
mod tests;
