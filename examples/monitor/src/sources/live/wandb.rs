//! Active and completed runs, from the GraphQL API of Weights & Biases.

mod client;
mod explain;
mod failure;
mod pages;
mod response;
mod settings;
mod summaries;
mod target;

use std::time::Duration;

use ureq::http::Uri;
use worker_core::WorkerContext;

use crate::model::{Caps, Row, Run};
use crate::source::{Batch, ErrorKind, Extent, PartError, SourceError};
use crate::wall_clock::WallClock;
use client::Client;
use target::Target;

pub use super::key::KeySources;
pub use settings::Settings;

/// The address of the hosted service.
pub const DEFAULT_BASE_URL: &str = "https://api.wandb.ai";

const ACTIVE_STATES: &[&str] = &["running", "pending", "preempting"];
const COMPLETED_STATES: &[&str] = &["finished", "failed", "crashed", "killed", "preempted"];

/// What to list, and how the service is reached.
#[derive(Clone, Debug)]
pub struct WandbConfig {
    /// The address: [`DEFAULT_BASE_URL`], or `$WANDB_BASE_URL`.
    pub base_url: String,
    /// The user or team.
    pub entity: Option<String>,
    /// The project.
    pub project: Option<String>,
    /// Where the key is looked up.
    pub keys: KeySources,
    /// The time limit of one fetch: of all its calls, their retries, and the pauses between them.
    pub time_limit: Duration,
    /// The delays before the retries of a transient failure. Their number is the number of retries.
    pub retries: Vec<Duration>,
    /// How many rows are shown, which limits how many are requested.
    pub caps: Caps,
    /// The clock for the time of a batch.
    pub wall_clock: WallClock,
}

impl Default for WandbConfig {
    fn default() -> Self {
        Self {
            base_url: DEFAULT_BASE_URL.to_owned(),
            entity: None,
            project: None,
            keys: KeySources::default(),
            time_limit: Duration::from_secs(30),
            retries: vec![Duration::from_millis(500), Duration::from_secs(2)],
            caps: Caps::default(),
            wall_clock: WallClock::system(),
        }
    }
}

/// The client of the GraphQL API.
#[derive(Debug)]
pub(super) struct Wandb {
    config: WandbConfig,
}

impl Wandb {
    pub(super) fn new(config: WandbConfig) -> Self {
        Self { config }
    }

    pub(super) fn active(&self, cx: &WorkerContext) -> Result<Batch, SourceError> {
        self.runs(ACTIVE_STATES, self.config.caps.active_runs, Run::into_active, cx)
    }

    pub(super) fn completed(&self, cx: &WorkerContext) -> Result<Batch, SourceError> {
        self.runs(COMPLETED_STATES, self.config.caps.completed_runs, Run::into_completed, cx)
    }

    /// Fetches the newest `limit` runs in one of `states`. What W&B sends of them beside their
    /// metrics is enough for a row, so they are listed first, and the metrics are asked for after.
    fn runs(
        &self,
        states: &[&str],
        limit: usize,
        row: fn(Run) -> Row,
        cx: &WorkerContext,
    ) -> Result<Batch, SourceError> {
        let target = self.target()?;
        let client = Client::new(&self.config, &target, cx);
        let as_of = self.config.wall_clock.now();
        let (mut runs, mut problems) = pages::newest(&client, states, limit)?;
        problems.extend(summaries::complete(&client, &mut runs)?);
        let mut batch = Batch::complete(runs.into_iter().map(|listed| row(listed.run)).collect(), as_of);
        for error in problems {
            batch.failed.push(PartError { region: None, extent: Extent::Some, error });
        }
        match batch.failure() {
            Some(error) if batch.rows.is_empty() => Err(error),
            _ => Ok(batch),
        }
    }

    fn target(&self) -> Result<Target<'_>, SourceError> {
        // The message omits the address, which may contain a password.
        let bad = || {
            SourceError::new(ErrorKind::NotConfigured, "WANDB_BASE_URL is not the address of a web service")
                .with_advice(format!("set it to something like {DEFAULT_BASE_URL}, or unset it"))
        };
        let uri = format!("{}/graphql", self.config.base_url.trim_end_matches('/'));
        let uri: Uri = uri.parse().map_err(|_| bad())?;
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(bad)?.to_owned();
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(bad());
        }
        let key = self.config.keys.key_for(&host);
        match (self.config.entity.as_deref(), self.config.project.as_deref(), key) {
            (Some(entity), Some(project), Ok(key)) => Ok(Target { uri, host, entity, project, key }),
            (Some(_), Some(_), Err(error)) => Err(error),
            (entity, project, key) => Err(not_set(entity, project, key.err())),
        }
    }
}

/// One error for every setting that is missing.
fn not_set(entity: Option<&str>, project: Option<&str>, key: Option<SourceError>) -> SourceError {
    let missing = [(entity, "entity", "--entity ENTITY"), (project, "project", "--wandb-project PROJECT")];
    let missing: Vec<_> = missing.into_iter().filter(|(value, ..)| value.is_none()).collect();
    let things: Vec<_> = missing.iter().map(|(_, thing, _)| *thing).collect();
    let flags: Vec<_> = missing.iter().map(|(.., flag)| *flag).collect();
    let mut advice = format!("start with {}", flags.join(" "));
    if let Some(error) = key {
        advice = format!("{advice}; also, {error}");
    }
    SourceError::new(ErrorKind::NotConfigured, format!("no W&B {} is set", things.join(" and no W&B ")))
        .with_advice(advice)
}

/// For the fuzz targets.
#[cfg(fuzzing)]
pub(super) mod fuzzing {
    use ureq::http::Uri;

    use super::response;
    use super::target::Target;
    use crate::model::Run;
    use crate::sources::live::key::Secret;
    use crate::sources::live::reply::Reader;

    /// Reads a text as both kinds of reply.
    pub(in crate::sources::live) fn read(text: &str, uri: Uri, key: Secret, reader: &Reader<'_>) -> Vec<Run> {
        let target = Target { uri, host: "host".to_owned(), entity: "team", project: "train", key };
        let _ = response::summaries(text, &target, reader);
        let page = response::page(text, &target, reader);
        page.map_or_else(|_| Vec::new(), |page| page.list.rows.into_iter().map(|listed| listed.run).collect())
    }
}

#[cfg(test)]
mod tests;
