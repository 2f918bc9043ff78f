//! [`page`]: parses one page of runs.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use super::target::Target;
use crate::model::{Row, Run, Status, time};
use crate::source::{ErrorKind, SourceError};
use crate::sources::live::reply::{self, ParsedRows, excerpt};

/// One page of runs.
pub(super) struct Page {
    pub(super) read: ParsedRows,
    /// The cursor of the next page, if there is one.
    pub(super) next: Option<String>,
}

/// Parses the body of a reply with status 200, which may still contain GraphQL errors.
///
/// The key is redacted first, so that no message below can quote it.
pub(super) fn page(body: &[u8], target: &Target<'_>, row: fn(Run) -> Row) -> Result<Page, SourceError> {
    let (host, key) = (&target.host, &target.key);
    let reply = reply::redacted_json(host, body, |text| key.redact(text)).map_err(advise_base_url)?;
    let mut reply = key.redact_value(reply);
    if let Some(error) = graphql_error(&reply, target) {
        return Err(error);
    }
    if reply.pointer("/data/project").is_some_and(Value::is_null) {
        let what = format!("{host} has no project {}/{}", target.entity, target.project);
        return Err(
            SourceError::new(ErrorKind::NotFound, what).with_advice("check --entity and --wandb-project")
        );
    }
    let Some(runs) = reply.pointer_mut("/data/project/runs") else {
        let shown = excerpt(&reply.to_string(), 80);
        let what = format!("{host} should have replied with a project's runs, but replied `{shown}`");
        return Err(SourceError::new(ErrorKind::BadReply, what).with_advice("check WANDB_BASE_URL"));
    };
    let info = &runs["pageInfo"];
    let next = match (info["hasNextPage"].as_bool(), info["endCursor"].as_str()) {
        (Some(true), Some(cursor)) if !cursor.is_empty() => Some(cursor.to_owned()),
        _ => None,
    };
    let edges = runs.get_mut("edges").map(Value::take).unwrap_or_default();
    let edges = reply::array(host, edges).map_err(advise_base_url)?;
    let read = reply::rows(host, "runs", edges, |edge: Edge| row(edge.node.into()));
    Ok(Page { read, next })
}

/// The error in `errors` or `error`, in each of the shapes that servers use.
fn graphql_error(reply: &Value, target: &Target<'_>) -> Option<SourceError> {
    let text = |error: &Value| match error {
        Value::String(text) => text.clone(),
        other => other["message"].as_str().map_or_else(|| other.to_string(), str::to_owned),
    };
    let messages: Vec<String> = match (&reply["errors"], &reply["error"]) {
        (Value::Array(errors), _) if !errors.is_empty() => errors.iter().map(text).collect(),
        (errors @ (Value::Object(_) | Value::String(_)), _) => vec![text(errors)],
        (_, Value::Null) => return None,
        (_, error) => vec![text(error)],
    };
    let message = excerpt(&messages.join("; "), 300);
    let lower = message.to_lowercase();
    let (kind, advice) = if lower.contains("permission") || lower.contains("not authorized") {
        (ErrorKind::Denied, "check the key, --entity and --wandb-project")
    } else if lower.contains("not found") || lower.contains("could not find") {
        (ErrorKind::NotFound, "check --entity and --wandb-project")
    } else if lower.contains("rate limit") {
        (ErrorKind::RateLimited, "wait a minute, or refresh less often (--refresh)")
    } else {
        (ErrorKind::Refused, "check --entity and --wandb-project")
    };
    Some(
        SourceError::new(kind, format!("{} rejected the request: {message}", target.host))
            .with_advice(advice),
    )
}

fn advise_base_url(error: SourceError) -> SourceError {
    error.with_advice("check WANDB_BASE_URL")
}

#[derive(Deserialize)]
struct Edge {
    node: WireRun,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRun {
    name: String,
    display_name: Option<String>,
    state: Option<String>,
    created_at: Option<String>,
    heartbeat_at: Option<String>,
    summary_metrics: Option<Value>,
}

impl From<WireRun> for Run {
    fn from(wire: WireRun) -> Self {
        let timestamp = |text: Option<String>| -> Option<Timestamp> { time::parse(&text?) };
        let summary = summary(wire.summary_metrics);
        let runtime = summary["_runtime"].as_f64().or_else(|| summary["_wandb"]["runtime"].as_f64());
        Self {
            id: wire.name,
            name: wire.display_name,
            state: Status::of_run(wire.state.as_deref().unwrap_or("unknown")),
            created: timestamp(wire.created_at),
            heartbeat: timestamp(wire.heartbeat_at),
            runtime: runtime.and_then(|seconds| SignedDuration::try_from_secs_f64(seconds).ok()),
            exit_code: exit_code(&summary),
        }
    }
}

/// The metrics are a string of JSON; some servers send the object itself. Anything else counts as
/// no metrics.
fn summary(metrics: Option<Value>) -> Value {
    match metrics {
        Some(Value::String(text)) => serde_json::from_str(&text).unwrap_or_default(),
        Some(value) => value,
        None => Value::Null,
    }
}

/// The public schema has no exit code; a program may log one as a metric.
fn exit_code(summary: &Value) -> Option<i64> {
    let places = [
        &summary["exit_code"],
        &summary["exitcode"],
        &summary["_exit_code"],
        &summary["_wandb"]["exit_code"],
        &summary["_wandb"]["exitcode"],
    ];
    places.into_iter().find_map(Value::as_i64)
}
