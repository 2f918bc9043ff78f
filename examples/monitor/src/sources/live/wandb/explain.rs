//! What it means when a call to W&B fails, and whether trying again may help.

use std::io;
use std::time::Duration;

use super::Target;
use crate::sources::live::http::{Limits, Reply};
use crate::sources::live::reply::excerpt;
use crate::sources::{Problem, SourceError};

/// A rate limit that is lifted within this time is waited for.
const WORTH_WAITING: Duration = Duration::from_secs(5);

/// A call that failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: SourceError,
    /// Whether the same call may succeed later.
    passes: bool,
    /// How long the service asked us to wait.
    pub(super) wait: Option<Duration>,
}

impl Failure {
    fn lasting(error: SourceError) -> Self {
        Self { error, passes: false, wait: None }
    }

    fn passing(error: SourceError) -> Self {
        Self { error, passes: true, wait: None }
    }

    /// Whether it is worth trying again after `wait`, or after the time the service named.
    pub(super) fn may_pass_within(&self, wait: Duration) -> bool {
        self.passes && self.wait.unwrap_or(wait) <= WORTH_WAITING.max(wait)
    }
}

/// An answer that is not 200.
pub(super) fn status(reply: &Reply, target: &Target<'_>) -> Failure {
    let said = said(reply, target);
    let Target { host, entity, project, .. } = target;
    let error = |problem, what: String| SourceError::new(problem, format!("{what}{said}"));
    match reply.status {
        401 => Failure::lasting(
            error(Problem::NotLoggedIn, format!("{host} does not accept the W&B key (401)"))
                .advise("set WANDB_API_KEY, or run `wandb login --relogin`"),
        ),
        403 => Failure::lasting(
            error(Problem::Denied, format!("the W&B key may not read {entity}/{project} (403)"))
                .advise("check --entity and --wandb-project, or ask the team's admin"),
        ),
        404 | 410 => Failure::lasting(
            error(Problem::NotFound, format!("{host} has no W&B service at this address ({})", reply.status))
                .advise("check WANDB_BASE_URL"),
        ),
        429 => {
            let advice = match reply.reset {
                Some(seconds) => format!("try again in {seconds}s, or refresh less often (--refresh)"),
                None => "wait a minute, or refresh less often (--refresh)".to_owned(),
            };
            let error =
                error(Problem::RateLimited, format!("too many requests for {host} (429)")).advise(advice);
            Failure { wait: reply.reset.map(Duration::from_secs), ..Failure::passing(error) }
        }
        300..=399 => Failure::lasting(
            error(
                Problem::NotConfigured,
                format!("{host} says that the service has moved ({})", reply.status),
            )
            .advise("correct WANDB_BASE_URL"),
        ),
        400 | 409 | 413 | 422 => Failure::lasting(
            error(Problem::Refused, format!("{host} refused the question ({})", reply.status))
                .advise("check --entity and --wandb-project"),
        ),
        501 => Failure::lasting(
            error(Problem::Refused, format!("{host} does not know GraphQL (501)"))
                .advise("check WANDB_BASE_URL"),
        ),
        status => Failure::passing(
            error(Problem::Unavailable, format!("{host} is in trouble ({status})"))
                .advise("it is usually back within minutes; try again then"),
        ),
    }
}

/// What the service said about it, in brackets: the text of `error` or `message` in JSON, or the body's first words.
fn said(reply: &Reply, target: &Target<'_>) -> String {
    let body = String::from_utf8_lossy(&reply.body);
    let json: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
    let text = match (&json["error"], &json["message"], &json["errors"][0]) {
        (serde_json::Value::String(text), _, _)
        | (_, serde_json::Value::String(text), _)
        | (_, _, serde_json::Value::String(text)) => text.clone(),
        (_, _, serde_json::Value::Object(error)) => {
            error.get("message").and_then(|message| message.as_str()).unwrap_or_default().to_owned()
        }
        // A proxy's page in HTML says nothing to a person.
        _ if body.trim_start().starts_with('<') => String::new(),
        _ => body.into_owned(),
    };
    let text = excerpt(&target.key.redact(&text), 200);
    if text.is_empty() { text } else { format!(": {text}") }
}

/// No answer at all.
pub(super) fn transport(error: ureq::Error, target: &Target<'_>, limits: Limits) -> Failure {
    let host = &target.host;
    let unreachable = |why: String| {
        let why = target.key.redact(&why);
        SourceError::new(Problem::Unreachable, format!("{host} could not be reached: {why}"))
            .advise("check the network and WANDB_BASE_URL, then try again")
    };
    match error {
        ureq::Error::Timeout(_) => Failure::passing(
            SourceError::new(Problem::TimedOut, format!("{host} gave no answer within {:?}", limits.time))
                .advise("check the network, then try again"),
        ),
        ureq::Error::HostNotFound => Failure::lasting(unreachable("there is no such host".to_owned())),
        ureq::Error::Io(error) => Failure::passing(unreachable(error.to_string())),
        ureq::Error::BodyExceedsLimit(most) => Failure::lasting(SourceError::new(
            Problem::BadReply,
            format!("{host} sent an answer of more than {} MB", most / 1024 / 1024),
        )),
        ureq::Error::Tls(why) => Failure::lasting(unreachable(format!("no secure connection ({why})"))),
        ureq::Error::Rustls(why) => Failure::lasting(unreachable(format!("no secure connection ({why})"))),
        ureq::Error::Protocol(why) => Failure::lasting(
            SourceError::new(
                Problem::BadReply,
                format!("{host} does not speak HTTP ({})", target.key.redact(&why.to_string())),
            )
            .advise("check WANDB_BASE_URL"),
        ),
        // Their texts may repeat the address or a header, and so a secret.
        _ => Failure::lasting(unreachable("the request could not be made".to_owned())),
    }
}

/// The process has no thread left for the call.
pub(super) fn no_thread(error: &io::Error) -> Failure {
    let what = format!("no thread could be made for a call to W&B: {error}");
    Failure::passing(
        SourceError::new(Problem::Unavailable, what).advise("close other programs, then try again"),
    )
}
