//! The JSON that `gcloud … --format=json` prints, and its conversion to rows.
//!
//! Every field that a service may omit is optional. A field of the wrong type makes its row
//! unreadable, not the whole reply.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::reply::{self, ParsedRows};
use crate::model::{Build, Execution, Job, Row, Status, time};
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

/// Parses a list. `region` is the region that was queried, for rows that do not name theirs.
pub(super) fn read(listing: Listing, region: Option<&str>, body: &[u8]) -> Result<ParsedRows, SourceError> {
    let from = "gcloud";
    let elements = reply::array(from, reply::json(from, body)?)?;
    let region = region.map(str::to_owned);
    let thing = listing.to_string();
    Ok(match listing {
        Listing::Builds => {
            reply::rows(from, &thing, elements, |wire: WireBuild| wire.into_row(region.clone()))
        }
        Listing::Executions => {
            reply::rows(from, &thing, elements, |wire: WireExecution| wire.into_row(region.clone()))
        }
        Listing::Jobs => reply::rows(from, &thing, elements, |wire: WireJob| wire.into_row(region.clone())),
    })
}

/// An optional time. A malformed time counts as missing.
fn timestamp<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.and_then(|text| time::parse(&text)))
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireBuild {
    id: String,
    name: Option<String>,
    status: Option<String>,
    #[serde(default, deserialize_with = "timestamp")]
    create_time: Option<Timestamp>,
    #[serde(default, deserialize_with = "timestamp")]
    start_time: Option<Timestamp>,
    #[serde(default, deserialize_with = "timestamp")]
    finish_time: Option<Timestamp>,
    log_url: Option<String>,
    images: Option<Vec<String>>,
    failure_info: Option<FailureInfo>,
    status_detail: Option<String>,
}

#[derive(Deserialize)]
struct FailureInfo {
    #[serde(rename = "type")]
    kind: Option<String>,
    detail: Option<String>,
}

impl WireBuild {
    fn into_row(self, queried: Option<String>) -> Row {
        let image =
            self.images.unwrap_or_default().into_iter().next().map(|image| image_name(&image).to_owned());
        let failure = match self.failure_info {
            Some(FailureInfo { kind: Some(kind), detail: Some(detail) }) => Some(format!("{kind}: {detail}")),
            Some(FailureInfo { kind, detail }) => kind.or(detail),
            None => self.status_detail,
        };
        Row::from(Build {
            region: self.name.as_deref().and_then(location).or(queried),
            id: self.id,
            status: Status::of_build(self.status.as_deref().unwrap_or("STATUS_UNKNOWN")),
            image,
            created: self.create_time,
            started: self.start_time,
            ended: self.finish_time,
            log_url: self.log_url,
            failure,
        })
    }
}

/// The last path segment of an image, without tag and digest.
fn image_name(image: &str) -> &str {
    let name = last_segment(image);
    let name = name.split('@').next().unwrap_or(name);
    name.split(':').next().unwrap_or(name)
}

#[derive(Deserialize)]
struct WireExecution {
    metadata: Metadata,
    #[serde(default)]
    spec: ExecutionSpec,
    #[serde(default)]
    status: ExecutionStatus,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    name: String,
    #[serde(default, deserialize_with = "timestamp")]
    creation_timestamp: Option<Timestamp>,
    #[serde(default)]
    labels: Value,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ExecutionSpec {
    task_count: Option<i64>,
    template: Value,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ExecutionStatus {
    #[serde(deserialize_with = "timestamp")]
    start_time: Option<Timestamp>,
    #[serde(deserialize_with = "timestamp")]
    completion_time: Option<Timestamp>,
    succeeded_count: Option<i64>,
    failed_count: Option<i64>,
    log_uri: Option<String>,
    conditions: Option<Vec<Condition>>,
}

#[derive(Deserialize)]
struct Condition {
    #[serde(rename = "type")]
    kind: String,
    status: Option<String>,
    reason: Option<String>,
    message: Option<String>,
}

impl WireExecution {
    fn into_row(self, queried: Option<String>) -> Row {
        let Self { metadata, spec, status } = self;
        let conditions = status.conditions.unwrap_or_default();
        let completed = conditions.iter().find(|condition| condition.kind == "Completed");
        let completed_status = completed.and_then(|condition| condition.status.as_deref());
        let reason = completed.and_then(|condition| condition.reason.as_deref());
        let failed = completed_status == Some("False");
        let message =
            completed.filter(|_| failed).and_then(|c| c.message.clone().or_else(|| c.reason.clone()));
        let region = metadata.labels["cloud.googleapis.com/location"].as_str().map(str::to_owned);
        Row::from(Execution {
            queue: queue(&spec.template),
            region: region.or(queried),
            status: Status::of_execution(completed_status, reason.unwrap_or(""), status.start_time.is_some()),
            runs: (status.succeeded_count.unwrap_or(0), spec.task_count.unwrap_or(1)),
            failed: status.failed_count.unwrap_or(0),
            created: metadata.creation_timestamp,
            started: status.start_time,
            ended: status.completion_time,
            message,
            log_url: status.log_uri,
            name: metadata.name,
        })
    }
}

/// The queue in the container arguments: `-q NAME`, `-qNAME`, `--queue NAME` or `--queue=NAME`.
fn queue(template: &Value) -> Option<String> {
    let containers = template["spec"]["containers"].as_array()?;
    let mut arguments = containers
        .iter()
        .flat_map(|container| container["args"].as_array().into_iter().flatten())
        .filter_map(Value::as_str);
    while let Some(argument) = arguments.next() {
        if argument == "-q" || argument == "--queue" {
            return arguments.next().map(str::to_owned);
        }
        if let Some(name) = argument.strip_prefix("--queue=") {
            return Some(name.to_owned());
        }
        if let Some(name) = argument.strip_prefix("-q") {
            return Some(name.trim_start_matches('=').to_owned());
        }
    }
    None
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireJob {
    name: String,
    display_name: Option<String>,
    state: Option<String>,
    #[serde(default, deserialize_with = "timestamp")]
    create_time: Option<Timestamp>,
    #[serde(default, deserialize_with = "timestamp")]
    start_time: Option<Timestamp>,
    #[serde(default, deserialize_with = "timestamp")]
    end_time: Option<Timestamp>,
    error: Option<JobError>,
}

#[derive(Deserialize)]
struct JobError {
    code: Option<i64>,
    message: Option<String>,
}

impl WireJob {
    fn into_row(self, queried: Option<String>) -> Row {
        let error = self.error.and_then(|JobError { code, message }| {
            message.filter(|text| !text.is_empty()).or_else(|| code.map(|code| format!("code {code}")))
        });
        Row::from(Job {
            id: last_segment(&self.name).to_owned(),
            region: location(&self.name).or(queried),
            name: self.display_name,
            state: Status::of_job(self.state.as_deref().unwrap_or("JOB_STATE_UNSPECIFIED")),
            created: self.create_time,
            started: self.start_time,
            ended: self.end_time,
            error,
        })
    }
}

#[cfg(test)]
mod tests;
