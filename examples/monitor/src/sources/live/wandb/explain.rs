//! [`Failure`]: why a call to W&B failed, and whether to retry it.

use std::io;
use std::time::Duration;

use super::target::Target;
use crate::source::{ErrorKind, SourceError};
use crate::sources::live::http::{Limits, Reply};
use crate::sources::live::reply::excerpt;

/// A rate limit that is lifted within this time is waited for.
const MAX_RETRY_WAIT: Duration = Duration::from_secs(5);

/// A failed call.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: SourceError,
    /// Whether a retry may succeed.
    transient: bool,
    /// The delay that the service asked for.
    pub(super) wait: Option<Duration>,
}

impl Failure {
    fn permanent(error: SourceError) -> Self {
        Self { error, transient: false, wait: None }
    }

    fn transient(error: SourceError) -> Self {
        Self { error, transient: true, wait: None }
    }

    /// Whether to retry after `wait`, or after the delay that the service asked for.
    pub(super) fn should_retry_after(&self, wait: Duration) -> bool {
        self.transient && self.wait.unwrap_or(wait) <= MAX_RETRY_WAIT.max(wait)
    }
}

/// A reply whose status is not 200.
pub(super) fn status(reply: &Reply, target: &Target<'_>) -> Failure {
    let message = server_message(reply, target);
    let Target { host, entity, project, .. } = target;
    let error = |problem, what: String| SourceError::new(problem, format!("{what}{message}"));
    match reply.status {
        401 => Failure::permanent(
            error(ErrorKind::NotLoggedIn, format!("{host} does not accept the W&B key (401)"))
                .with_advice("set WANDB_API_KEY, or run `wandb login --relogin`"),
        ),
        403 => Failure::permanent(
            error(ErrorKind::Denied, format!("the W&B key may not read {entity}/{project} (403)"))
                .with_advice("check --entity and --wandb-project, or ask the team's admin"),
        ),
        404 | 410 => Failure::permanent(
            error(
                ErrorKind::NotFound,
                format!("{host} has no W&B service at this address ({})", reply.status),
            )
            .with_advice("check WANDB_BASE_URL"),
        ),
        429 => {
            let advice = match reply.reset {
                Some(seconds) => format!("try again in {seconds}s, or refresh less often (--refresh)"),
                None => "wait a minute, or refresh less often (--refresh)".to_owned(),
            };
            let error = error(ErrorKind::RateLimited, format!("too many requests for {host} (429)"))
                .with_advice(advice);
            Failure { wait: reply.reset.map(Duration::from_secs), ..Failure::transient(error) }
        }
        300..=399 => Failure::permanent(
            error(
                ErrorKind::NotConfigured,
                format!("{host} says that the service has moved ({})", reply.status),
            )
            .with_advice("correct WANDB_BASE_URL"),
        ),
        400 | 409 | 413 | 422 => Failure::permanent(
            error(ErrorKind::Refused, format!("{host} rejected the request ({})", reply.status))
                .with_advice("check --entity and --wandb-project"),
        ),
        501 => Failure::permanent(
            error(ErrorKind::Refused, format!("{host} does not know GraphQL (501)"))
                .with_advice("check WANDB_BASE_URL"),
        ),
        status => Failure::transient(
            error(ErrorKind::Unavailable, format!("{host} reported an internal error ({status})"))
                .with_advice("it is usually back within minutes; try again then"),
        ),
    }
}

/// The service's own message: the text of `error`, `message` or `errors` in JSON, else the first
/// line of the body.
fn server_message(reply: &Reply, target: &Target<'_>) -> String {
    let body = String::from_utf8_lossy(&reply.body);
    let json: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
    let text = match (&json["error"], &json["message"], &json["errors"][0]) {
        (serde_json::Value::String(text), _, _)
        | (_, serde_json::Value::String(text), _)
        | (_, _, serde_json::Value::String(text)) => text.clone(),
        (_, _, serde_json::Value::Object(error)) => {
            error.get("message").and_then(|message| message.as_str()).unwrap_or_default().to_owned()
        }
        // An HTML page of a proxy is no use in a message.
        _ if body.trim_start().starts_with('<') => String::new(),
        _ => body.into_owned(),
    };
    let text = excerpt(&target.key.redact(&text), 200);
    if text.is_empty() { text } else { format!(": {text}") }
}

/// A call without a reply.
pub(super) fn transport(error: ureq::Error, target: &Target<'_>, limits: Limits) -> Failure {
    let host = &target.host;
    let unreachable = |why: String| {
        let why = target.key.redact(&why);
        SourceError::new(ErrorKind::Unreachable, format!("{host} could not be reached: {why}"))
            .with_advice("check the network and WANDB_BASE_URL, then try again")
    };
    match error {
        ureq::Error::Timeout(_) => Failure::transient(
            SourceError::new(ErrorKind::TimedOut, format!("{host} gave no answer within {:?}", limits.time))
                .with_advice("check the network, then try again"),
        ),
        ureq::Error::HostNotFound => Failure::permanent(unreachable("there is no such host".to_owned())),
        ureq::Error::Io(error) => Failure::transient(unreachable(error.to_string())),
        ureq::Error::BodyExceedsLimit(limit) => Failure::permanent(SourceError::new(
            ErrorKind::BadReply,
            format!("{host} sent a reply of more than {} MB", limit / 1024 / 1024),
        )),
        ureq::Error::Tls(why) => Failure::permanent(unreachable(format!("no secure connection ({why})"))),
        ureq::Error::Rustls(why) => Failure::permanent(unreachable(format!("no secure connection ({why})"))),
        ureq::Error::Protocol(why) => Failure::permanent(
            SourceError::new(
                ErrorKind::BadReply,
                format!("{host} does not speak HTTP ({})", target.key.redact(&why.to_string())),
            )
            .with_advice("check WANDB_BASE_URL"),
        ),
        // The texts of other errors may contain the address or a header, and so a secret.
        _ => Failure::permanent(unreachable("the request could not be made".to_owned())),
    }
}

/// The thread for a call could not be spawned.
pub(super) fn no_thread(error: &io::Error) -> Failure {
    let what = format!("no thread could be made for a call to W&B: {error}");
    Failure::transient(
        SourceError::new(ErrorKind::Unavailable, what).with_advice(
            "the thread limit of the process or the system was reached; raise it, then try again",
        ),
    )
}
