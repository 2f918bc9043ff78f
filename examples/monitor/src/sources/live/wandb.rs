//! Active and completed runs, from the GraphQL API of Weights & Biases.

mod explain;
mod response;
mod target;

use std::time::Duration;

use serde_json::json;
use ureq::http::Uri;
use worker_core::WorkerContext;

use super::http::{self, CallError, Limits, Post};
use crate::model::{Caps, Row, Run};
use crate::source::{Batch, ErrorKind, Extent, PartError, SourceError};
use crate::wall_clock::WallClock;
use response::Page;
use target::Target;

pub use super::key::KeySources;

/// The address of the hosted service.
pub const DEFAULT_BASE_URL: &str = "https://api.wandb.ai";

const QUERY: &str = "query Runs($project:String!,$entity:String!,$cursor:String,$perPage:Int=50,$order:String,\
$filters:JSONString){project(name:$project,entityName:$entity){runCount(filters:$filters) \
runs(filters:$filters,after:$cursor,first:$perPage,order:$order){edges{node{id name displayName state createdAt \
heartbeatAt summaryMetrics} cursor} pageInfo{endCursor hasNextPage}}}}";

const ACTIVE_STATES: &[&str] = &["running", "pending", "preempting"];
const COMPLETED_STATES: &[&str] = &["finished", "failed", "crashed", "killed", "preempted"];

/// The most runs requested at once; a run may have many metrics.
const MAX_PAGE_SIZE: usize = 100;

/// The most pages requested, even if the service reports more.
const MAX_PAGES: usize = 10;

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
    /// The timeout of one call.
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

    /// Requests the newest runs in one of `states`, page by page, until there are `limit`.
    fn runs(
        &self,
        states: &[&str],
        limit: usize,
        row: fn(Run) -> Row,
        cx: &WorkerContext,
    ) -> Result<Batch, SourceError> {
        let target = self.target()?;
        let mut batch = Batch::complete(Vec::new(), self.config.wall_clock.now());
        let mut cursor: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let wanted = (limit - batch.rows.len()).min(MAX_PAGE_SIZE);
            let page = self
                .ask(&target, states, wanted, cursor.as_deref(), cx)
                .and_then(|answer| response::page(&answer, &target, row));
            let Page { read, next } = match page {
                Ok(page) => page,
                // The pages before it are valid.
                Err(error) if error.kind() != ErrorKind::Cancelled && !batch.rows.is_empty() => {
                    batch.failed.push(PartError { region: None, extent: Extent::Some, error });
                    break;
                }
                Err(error) => return Err(error),
            };
            batch.rows.extend(read.rows);
            batch.rows.truncate(limit);
            batch.failed.extend(read.error.map(|error| PartError {
                region: None,
                extent: Extent::Some,
                error,
            }));
            match next {
                Some(next) if batch.rows.len() < limit && cursor.as_ref() != Some(&next) => {
                    cursor = Some(next);
                }
                _ => break,
            }
        }
        if batch.rows.is_empty()
            && let Some(error) = batch.failure()
        {
            return Err(error);
        }
        Ok(batch)
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

    /// One call, retried while the failure is transient.
    fn ask(
        &self,
        target: &Target<'_>,
        states: &[&str],
        count: usize,
        cursor: Option<&str>,
        cx: &WorkerContext,
    ) -> Result<Vec<u8>, SourceError> {
        let filters = json!({ "state": { "$in": states } }).to_string();
        let variables = json!({
            "entity": target.entity,
            "project": target.project,
            "cursor": cursor,
            "perPage": count,
            "order": "-created_at",
            "filters": filters,
        });
        let body = json!({ "query": QUERY, "variables": variables }).to_string();
        let limits =
            Limits { time: self.config.time_limit, connect: Duration::from_secs(5), body: 16 * 1024 * 1024 };
        let mut waits = self.config.retries.iter();
        loop {
            let post =
                Post { uri: target.uri.clone(), authorization: target.key.basic_auth(), body: body.clone() };
            let failure = match http::post(cx, post, limits) {
                Ok(reply) if reply.status == 200 => return Ok(reply.body),
                Ok(reply) => explain::status(&reply, target),
                Err(CallError::Cancelled) => return Err(SourceError::new(ErrorKind::Cancelled, "cancelled")),
                Err(CallError::NoThread(error)) => explain::no_thread(&error),
                Err(CallError::Http(error)) => explain::transport(error, target, limits),
            };
            match waits.next() {
                Some(wait) if failure.should_retry_after(*wait) => cx.sleep(failure.wait.unwrap_or(*wait))?,
                _ => return Err(failure.error),
            }
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

#[cfg(test)]
mod tests;
