//! [`Client`]: calls of one fetch, which share its time limit.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use worker_core::{Retry, WorkerContext};

use super::WandbConfig;
use super::explain;
use super::failure::Failure;
use super::target::Target;
use crate::source::{ErrorKind, SourceError};
use crate::sources::live::http::{self, CallError, Limits, Post};
use crate::sources::live::reply::{self, Reader};

/// A wait that the service asks for is waited for up to this. A longer one is an error, which tells
/// the user at once.
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// The limit of the body of a reply.
const MAX_BODY: u64 = 4 * 1024 * 1024;

/// Calls the service until the fetch has used up its time.
pub(super) struct Client<'a> {
    pub(super) target: &'a Target<'a>,
    cx: &'a WorkerContext,
    budget: Budget,
    retries: &'a [Duration],
}

/// The time of a fetch.
#[derive(Clone, Copy)]
struct Budget {
    began: Instant,
    limit: Duration,
}

impl Budget {
    fn left(self) -> Duration {
        self.limit.saturating_sub(self.began.elapsed())
    }
}

impl<'a> Client<'a> {
    pub(super) fn new(config: &'a WandbConfig, target: &'a Target<'a>, cx: &'a WorkerContext) -> Self {
        let budget = Budget { began: Instant::now(), limit: config.time_limit };
        Self { target, cx, budget, retries: &config.retries }
    }

    /// The reply to a query, after retries while the failure is transient and there is time.
    pub(super) fn ask(&self, query: &str, variables: &Value) -> Result<String, SourceError> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let budget = self.budget;
        let patience = Retry::after(self.retries.to_vec())
            .when(|failure: &Failure| failure.transient)
            .adjust(move |failure, pause| {
                let pause = pause?.max(failure.error.retry_after().unwrap_or_default());
                (pause <= MAX_PAUSE && pause < budget.left()).then_some(pause)
            });
        let mut attempts = 0;
        let reply = self.cx.retry(&patience, |attempt| {
            attempts = attempt;
            self.call(&body)
        });
        let reply = reply.map_err(|Failure { error, .. }| {
            let tell = attempts > 1 && error.kind() != ErrorKind::Cancelled;
            if tell { error.with_context(&format!("after {attempts} attempts")) } else { error }
        })?;
        reply::text(&self.target.host, reply)
    }

    fn call(&self, body: &str) -> Result<Vec<u8>, Failure> {
        let left = self.budget.left();
        if left.is_zero() {
            return Err(explain::timed_out(self.target, self.budget.limit));
        }
        let limits = Limits { time: left, connect: Duration::from_secs(5), body: MAX_BODY };
        let post = Post {
            uri: self.target.uri.clone(),
            authorization: self.target.key.basic_auth(),
            body: body.to_owned(),
        };
        match http::post(self.cx, post, limits) {
            Ok(reply) if reply.status == 200 => Ok(reply.body),
            Ok(reply) => Err(explain::status(&reply, self.target)),
            Err(CallError::Cancelled) => {
                Err(Failure::permanent(SourceError::new(ErrorKind::Cancelled, "cancelled")))
            }
            Err(CallError::NoThread(error)) => Err(explain::no_thread(&error)),
            Err(CallError::Http(error)) => {
                Err(explain::transport(error, self.target, limits, self.budget.limit))
            }
        }
    }

    /// Reads a list of `wanted` runs in a reply with `read`.
    pub(super) fn with_reader<T>(&self, wanted: usize, read: impl FnOnce(&Reader<'_>) -> T) -> T {
        read(&Reader {
            from: &self.target.host,
            thing: "runs",
            wanted,
            cancelled: &|| self.cx.is_cancelled(),
            redact: &|text| self.target.key.redact(text),
        })
    }
}
