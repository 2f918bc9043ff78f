//! Why a call to W&B failed, in words, and whether to retry it.

use std::io;
use std::time::Duration;

use ureq::Timeout;

use super::failure::Failure;
use super::response;
use super::target::Target;
use crate::source::{ErrorKind, SourceError};
use crate::sources::live::http::{Limits, Reply};
use crate::sources::live::json::Json;
use crate::sources::live::reply::excerpt;

/// A reply whose status is not 200.
pub(super) fn status(reply: &Reply, target: &Target<'_>) -> Failure {
    let Target { host, entity, project, .. } = target;
    let status = reply.status;
    let (kind, what, advice) = match status {
        401 => (
            ErrorKind::NotLoggedIn,
            format!("{host} does not accept the W&B key"),
            "set WANDB_API_KEY, or run `wandb login --relogin`",
        ),
        403 => (
            ErrorKind::Denied,
            format!("the W&B key may not read {entity}/{project}"),
            "check --entity and --wandb-project, or ask the team's admin",
        ),
        404 | 405 | 410 => (
            ErrorKind::NotFound,
            format!("{host} has no W&B service at this address"),
            "check WANDB_BASE_URL",
        ),
        407 => (ErrorKind::NotLoggedIn, "a proxy wants a login".to_owned(), "check the proxy's settings"),
        408 | 425 => {
            (ErrorKind::Unavailable, format!("{host} did not take the request in time"), "try again")
        }
        429 => (
            ErrorKind::RateLimited,
            format!("too many requests for {host}"),
            "wait a minute, or refresh less often (--refresh)",
        ),
        400..=499 => {
            (ErrorKind::Refused, format!("{host} rejected the request"), "check --entity and --wandb-project")
        }
        300..=399 => (
            ErrorKind::NotConfigured,
            format!("{host} says that the service has moved"),
            "correct WANDB_BASE_URL",
        ),
        501 => (ErrorKind::Refused, format!("{host} does not know GraphQL"), "check WANDB_BASE_URL"),
        502..=504 => (
            ErrorKind::Unavailable,
            format!("{host} is not available"),
            "it is usually back within minutes; try again then",
        ),
        500..=599 => (
            ErrorKind::Unavailable,
            format!("{host} reported an internal error"),
            "it is usually back within minutes; try again then",
        ),
        _ => (
            ErrorKind::BadReply,
            format!("{host} replied with a status that is not expected"),
            "check WANDB_BASE_URL",
        ),
    };
    let error = SourceError::new(kind, format!("{what} ({status}){}", server_message(reply, target)));
    let error = match reply.retry_after {
        Some(wait) if status == 429 => error
            .with_advice(format!("try again in {}s, or refresh less often (--refresh)", wait.as_secs()))
            .with_retry_after(wait),
        Some(wait) => error.with_advice(format!("try again in {}s", wait.as_secs())).with_retry_after(wait),
        None => error.with_advice(advice),
    };
    match status {
        501 => Failure::permanent(error),
        408 | 425 | 429 | 500..=599 => Failure::transient(error),
        _ => Failure::permanent(error),
    }
}

/// The service's own message: the text of `error`, `message` or `errors` in JSON, else the first
/// line of the body.
fn server_message(reply: &Reply, target: &Target<'_>) -> String {
    let body = String::from_utf8_lossy(&reply.body);
    let [error, message, errors] = Json::new(&body).pick(["error", "message", "errors"]);
    let text = error.text().or_else(|| message.text()).unwrap_or_else(|| match errors.first() {
        // An HTML page of a proxy is no use in a message.
        first if first.is_null() && body.trim_start().starts_with('<') => String::new(),
        first if first.is_null() => body.to_string(),
        first => response::message(first),
    });
    let text = excerpt(&target.key.redact(&text), 200);
    if text.is_empty() { text } else { format!(": {text}") }
}

/// The time of the fetch has passed.
pub(super) fn timed_out(target: &Target<'_>, within: Duration) -> Failure {
    let what = format!("{} gave no answer within {within:?}", target.host);
    Failure::transient(
        SourceError::new(ErrorKind::TimedOut, what).with_advice("check the network, then try again"),
    )
}

/// A call without a reply. `within` is the time that the fetch had.
pub(super) fn transport(
    error: ureq::Error,
    target: &Target<'_>,
    limits: Limits,
    within: Duration,
) -> Failure {
    let host = &target.host;
    let unreachable = |why: String| {
        let why = target.key.redact(&why);
        SourceError::new(ErrorKind::Unreachable, format!("{host} could not be reached: {why}"))
            .with_advice("check the network and WANDB_BASE_URL, then try again")
    };
    match error {
        ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) if limits.connect < limits.time => {
            Failure::transient(unreachable(format!("no connection within {:?}", limits.connect)))
        }
        ureq::Error::Timeout(_) => timed_out(target, within),
        ureq::Error::HostNotFound => Failure::permanent(unreachable("there is no such host".to_owned())),
        ureq::Error::Io(error) => Failure::transient(unreachable(error.to_string())),
        ureq::Error::BodyExceedsLimit(limit) => Failure::permanent(SourceError::new(
            ErrorKind::TooLarge,
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
