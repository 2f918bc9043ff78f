//! [`page`] and [`summaries`]: read the replies to the two questions about runs.
//!
//! Every text is redacted before it goes into a run or an error.

use jiff::SignedDuration;

use super::target::Target;
use crate::model::{Run, Status, text};
use crate::source::{ErrorKind, SourceError};
use crate::sources::live::json::{Json, MAX_TEXT_BYTES};
use crate::sources::live::reply::{List, Reader, excerpt};

/// How many of the errors in one reply are quoted.
const MAX_ERRORS: usize = 5;

/// One page of runs.
pub(super) struct Page {
    pub(super) list: List<Listed>,
    /// Whether there are more runs.
    pub(super) more: bool,
    /// The cursor of the next page.
    pub(super) next: Option<String>,
    /// An error that came beside the runs.
    pub(super) error: Option<SourceError>,
}

/// A run without runtime and exit code.
pub(super) struct Listed {
    /// The run's id, as W&B knows it.
    pub(super) name: String,
    pub(super) run: Run,
}

/// What the metrics of a run say of it.
pub(super) struct Summary {
    pub(super) name: String,
    pub(super) runtime: Option<SignedDuration>,
    pub(super) exit_code: Option<i64>,
}

/// Reads a page of runs.
pub(super) fn page(reply: &str, target: &Target<'_>, reader: &Reader<'_>) -> Result<Page, SourceError> {
    let (runs, error) = runs(Json::new(reply), target, reader)?;
    let [edges, info] = runs.pick(["edges", "pageInfo"]);
    let [more, next] = info.pick(["hasNextPage", "endCursor"]);
    let list = reader.list(edges, |edge| listed(edge, target, reader)).map_err(advise_base_url)?;
    let next = next.text().filter(|cursor| !cursor.is_empty());
    Ok(Page { list, more: more.is_true(), next, error })
}

/// Reads the metrics of runs, and an error that came beside them.
pub(super) fn summaries(
    reply: &str,
    target: &Target<'_>,
    reader: &Reader<'_>,
) -> Result<(List<Summary>, Option<SourceError>), SourceError> {
    let (runs, error) = runs(Json::new(reply), target, reader)?;
    let [edges] = runs.pick(["edges"]);
    let list = reader.list(edges, summary).map_err(advise_base_url)?;
    Ok((list, error))
}

/// The runs in a reply with status 200, and the error beside them. An error without runs is an
/// error.
fn runs<'a>(
    reply: Json<'a>,
    target: &Target<'_>,
    reader: &Reader<'_>,
) -> Result<(Json<'a>, Option<SourceError>), SourceError> {
    let [data, errors, error] = match reply.try_pick(["data", "errors", "error"]) {
        Ok(fields) => fields,
        // JSON, but no object.
        Err(error) if error.is_data() => [Json::NULL; 3],
        Err(error) => return Err(advise_base_url(reader.malformed(reply, &error))),
    };
    let [project] = data.pick(["project"]);
    let [runs] = project.pick(["runs"]);
    match graphql_error(errors, error, reader) {
        error if runs.is_object() => Ok((runs, error)),
        Some(error) => Err(error),
        None if data.is_object() && project.is_null() => {
            let what = format!("{} has no project {}/{}", target.host, target.entity, target.project);
            Err(SourceError::new(ErrorKind::NotFound, what).with_advice("check --entity and --wandb-project"))
        }
        None => {
            let (host, quote) = (&target.host, reader.quote(reply));
            let what = format!("{host} should have replied with a project's runs, but replied {quote}");
            Err(advise_base_url(SourceError::new(ErrorKind::BadReply, what)))
        }
    }
}

/// The error in `errors` or `error`, in each of the shapes that servers use.
fn graphql_error(errors: Json<'_>, error: Json<'_>, reader: &Reader<'_>) -> Option<SourceError> {
    let mut messages = Vec::new();
    if errors.is_list() {
        // Stops at the limit, or at the end.
        let _ = errors.find(|error| {
            messages.push(message(error));
            (messages.len() == MAX_ERRORS).then_some(())
        });
    } else if errors.is_object() || errors.text().is_some() {
        messages.push(message(errors));
    }
    if messages.is_empty() && !error.is_null() {
        messages.push(message(error));
    }
    if messages.is_empty() {
        return None;
    }
    let message = excerpt(&(reader.redact)(&messages.join("; ")), 300);
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
    Some(SourceError::new(kind, format!("{} reported: {message}", reader.from)).with_advice(advice))
}

/// The text of an error, or of its `message`, else the error as it was sent. Not redacted.
pub(super) fn message(error: Json<'_>) -> String {
    let [message] = error.pick(["message"]);
    error
        .text()
        .or_else(|| message.text())
        .unwrap_or_else(|| text::truncate(error.raw(), MAX_TEXT_BYTES).to_owned())
}

fn advise_base_url(error: SourceError) -> SourceError {
    match error.kind() {
        ErrorKind::BadReply => error.with_advice("check WANDB_BASE_URL"),
        _ => error,
    }
}

fn listed(edge: Json<'_>, target: &Target<'_>, reader: &Reader<'_>) -> Result<Listed, &'static str> {
    let [node] = edge.pick(["node"]);
    let [name, display_name, state, created, heartbeat] =
        node.pick(["name", "displayName", "state", "createdAt", "heartbeatAt"]);
    let redacted = |json: Json<'_>| Some((reader.redact)(&json.text()?));
    let name = name.text().ok_or("it has no `name`")?;
    let id = (reader.redact)(&name);
    let run = Run {
        url: Some(target.run_url(&id)),
        id,
        name: redacted(display_name),
        state: Status::of_run(redacted(state).as_deref().unwrap_or("unknown")),
        created: created.time(),
        heartbeat: heartbeat.time(),
        runtime: None,
        exit_code: None,
    };
    Ok(Listed { name, run })
}

fn summary(edge: Json<'_>) -> Result<Summary, &'static str> {
    let [node] = edge.pick(["node"]);
    let [name, metrics] = node.pick(["name", "summaryMetrics"]);
    let name = name.text().ok_or("it has no `name`")?;
    // The metrics are a text of JSON; some servers send the object itself. Anything else has none.
    let text = metrics.long_text();
    let metrics = text.as_deref().map_or(metrics, Json::new);
    let [runtime, wandb, code, code_in_one_word, inner_code] =
        metrics.pick(["_runtime", "_wandb", "exit_code", "exitcode", "_exit_code"]);
    let [wandb_runtime, wandb_code, wandb_code_in_one_word] =
        wandb.pick(["runtime", "exit_code", "exitcode"]);
    let seconds = runtime.number().or_else(|| wandb_runtime.number());
    // The public schema has no exit code; a program may log one as a metric.
    let codes = [code, code_in_one_word, inner_code, wandb_code, wandb_code_in_one_word];
    Ok(Summary {
        name,
        runtime: seconds.and_then(|seconds| SignedDuration::try_from_secs_f64(seconds).ok()),
        exit_code: codes.into_iter().find_map(Json::integer),
    })
}
