//! The JSON that `gcloud … --format=json` prints, and its conversion to rows.
//!
//! Only what names a row must be there. Any other field may be left out or be of an odd type: then
//! its cell is missing.

use std::fmt;

use super::json::Json;
use super::reply::{self, List, Reader};
use crate::model::{Build, Execution, Job, Row, Status};
use crate::source::SourceError;

/// What `gcloud` lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listing {
    /// Builds of Cloud Build.
    Builds,
    /// Executions of the launch agent.
    Executions,
    /// Custom jobs of Vertex AI.
    Jobs,
}

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Builds => "builds",
            Self::Executions => "executions",
            Self::Jobs => "jobs",
        })
    }
}

/// Reads a list, up to the rows that are wanted. `region` is the region that was queried, for rows
/// that do not name theirs.
pub(super) fn read(
    listing: Listing,
    region: Option<&str>,
    body: Vec<u8>,
    wanted: usize,
    cancelled: &dyn Fn() -> bool,
) -> Result<List<Row>, SourceError> {
    let from = "gcloud";
    let body = reply::text(from, body)?;
    let reader = Reader { from, thing: &listing.to_string(), wanted, cancelled, redact: &str::to_owned };
    let row = match listing {
        Listing::Builds => build,
        Listing::Executions => execution,
        Listing::Jobs => job,
    };
    reader.list(Json::new(&body), |json| row(json, region))
}

/// The region in a resource name: `…/locations/REGION/…`.
fn location(name: &str) -> Option<String> {
    let mut segments = name.split('/');
    segments.find(|segment| *segment == "locations")?;
    segments.next().map(str::to_owned)
}

fn last_segment(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

fn build(json: Json<'_>, queried: Option<&str>) -> Result<Row, &'static str> {
    let [id, name, status, created, started, ended] =
        json.pick(["id", "name", "status", "createTime", "startTime", "finishTime"]);
    let [log_url, images, failure, detail] = json.pick(["logUrl", "images", "failureInfo", "statusDetail"]);
    let [failure_kind, failure_detail] = failure.pick(["type", "detail"]);
    Ok(Row::from(Build {
        id: id.text().ok_or("it has no `id`")?,
        region: name.text().as_deref().and_then(location).or(queried.map(str::to_owned)),
        status: Status::of_build(status.text().as_deref().unwrap_or("STATUS_UNKNOWN")),
        image: images.first().text().map(|image| image_name(&image).to_owned()),
        created: created.time(),
        started: started.time(),
        ended: ended.time(),
        log_url: log_url.text(),
        failure: match (failure_kind.text(), failure_detail.text()) {
            (Some(kind), Some(detail)) => Some(format!("{kind}: {detail}")),
            (kind, failure) => kind.or(failure).or_else(|| detail.text()),
        },
    }))
}

/// The last path segment of an image, without tag and digest.
fn image_name(image: &str) -> &str {
    let name = last_segment(image);
    let name = name.split('@').next().unwrap_or(name);
    name.split(':').next().unwrap_or(name)
}

fn execution(json: Json<'_>, queried: Option<&str>) -> Result<Row, &'static str> {
    let [metadata, spec, status] = json.pick(["metadata", "spec", "status"]);
    let [name, created, labels] = metadata.pick(["name", "creationTimestamp", "labels"]);
    let [region] = labels.pick(["cloud.googleapis.com/location"]);
    let [tasks, template] = spec.pick(["taskCount", "template"]);
    let [started, ended, succeeded, failed, log_url, conditions] =
        status.pick(["startTime", "completionTime", "succeededCount", "failedCount", "logUri", "conditions"]);
    let [completed, reason, message] = completed(conditions).pick(["status", "reason", "message"]);
    let (completed, reason, started) = (completed.text(), reason.text(), started.time());
    Ok(Row::from(Execution {
        name: name.text().ok_or("it has no `metadata.name`")?,
        queue: queue(template),
        region: region.text().or(queried.map(str::to_owned)),
        status: Status::of_execution(
            completed.as_deref(),
            reason.as_deref().unwrap_or(""),
            started.is_some(),
        ),
        runs: (succeeded.integer().unwrap_or(0), tasks.integer().unwrap_or(1)),
        failed: failed.integer().unwrap_or(0),
        created: created.time(),
        started,
        ended: ended.time(),
        message: if completed.as_deref() == Some("False") { message.text().or(reason) } else { None },
        log_url: log_url.text(),
    }))
}

/// The condition that says whether an execution has completed.
fn completed(conditions: Json<'_>) -> Json<'_> {
    let completed = conditions.find(|condition| {
        let [kind] = condition.pick(["type"]);
        (kind.text().as_deref() == Some("Completed")).then_some(condition)
    });
    completed.unwrap_or(Json::NULL)
}

/// The queue in the container arguments: `-q NAME`, `-qNAME`, `--queue NAME` or `--queue=NAME`.
fn queue(template: Json<'_>) -> Option<String> {
    let [spec] = template.pick(["spec"]);
    let [containers] = spec.pick(["containers"]);
    let mut name_follows = false;
    containers.find(|container| {
        let [arguments] = container.pick(["args"]);
        arguments.find(|argument| {
            let argument = argument.text()?;
            if name_follows {
                return Some(argument);
            }
            name_follows = argument == "-q" || argument == "--queue";
            if name_follows {
                return None;
            }
            let name = argument.strip_prefix("--queue=");
            let name = name.or_else(|| Some(argument.strip_prefix("-q")?.trim_start_matches('=')));
            name.map(str::to_owned)
        })
    })
}

fn job(json: Json<'_>, queried: Option<&str>) -> Result<Row, &'static str> {
    let [name, display_name, state, created, started, ended, error] =
        json.pick(["name", "displayName", "state", "createTime", "startTime", "endTime", "error"]);
    let [code, message] = error.pick(["code", "message"]);
    let message = message.text().filter(|text| !text.is_empty());
    let name = name.text().ok_or("it has no `name`")?;
    Ok(Row::from(Job {
        id: last_segment(&name).to_owned(),
        region: location(&name).or(queried.map(str::to_owned)),
        name: display_name.text(),
        state: Status::of_job(state.text().as_deref().unwrap_or("JOB_STATE_UNSPECIFIED")),
        created: created.time(),
        started: started.time(),
        ended: ended.time(),
        error: message.or_else(|| code.integer().map(|code| format!("code {code}"))),
    }))
}

#[cfg(test)]
mod tests;
