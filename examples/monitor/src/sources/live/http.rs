//! [`post`]: one HTTP call that ends promptly when its worker is cancelled.
//!
//! The call runs on a thread of its own, and the worker waits for the reply or for the cancel. A
//! cancel shuts the connection down, which ends the thread at once while it reads or writes. While
//! it resolves the host or connects, it continues until its own short timeout, and its result is
//! dropped.

use std::fmt;
use std::io::{self, Read};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, SystemTime};

use ureq::Agent;
use ureq::http::Uri;
use worker_core::{Cancelled, WorkerContext};

use super::retry_after::retry_after;

/// How many bytes of an error page are read. A message is in its beginning.
const MAX_ERROR_BODY: u64 = 64 * 1024;

/// The limits of a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// For the whole call.
    pub(super) time: Duration,
    /// For resolving the host, and again for connecting.
    pub(super) connect: Duration,
    /// For the body of the reply, in bytes.
    pub(super) body: u64,
}

/// A request. Its `Debug` shows the host only, because the request contains a secret.
pub(super) struct Post {
    pub(super) uri: Uri,
    pub(super) authorization: String,
    pub(super) body: String,
}

impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Post").field("host", &self.uri.host()).finish_non_exhaustive()
    }
}

/// A reply of any status.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// How long the service asks to wait before the next request.
    pub(super) retry_after: Option<Duration>,
    /// The body; only its beginning, if the status is not 200.
    pub(super) body: Vec<u8>,
}

/// Why a call has no reply.
#[derive(Debug)]
pub(super) enum CallError {
    Cancelled,
    /// The thread for the call could not be spawned.
    NoThread(io::Error),
    Http(ureq::Error),
}

impl From<Cancelled> for CallError {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

enum Message {
    Replied(Box<Result<Reply, ureq::Error>>),
    Cancelled,
}

/// Sends a request and waits for the reply, or until the worker is cancelled.
pub(super) fn post(cx: &WorkerContext, post: Post, limits: Limits) -> Result<Reply, CallError> {
    cx.check()?;
    // One agent per call, so that shutting it down affects no other call.
    let agent = agent(limits);
    let (sender, messages) = mpsc::channel();
    let hook = cx.on_cancel({
        let (agent, sender) = (agent.clone(), sender.clone());
        move || {
            let _ = sender.send(Message::Cancelled);
            agent.shutdown();
        }
    });
    thread::Builder::new()
        .name("http".to_owned())
        .spawn(move || {
            let reply = call(&agent, &post, limits.body);
            let _ = sender.send(Message::Replied(Box::new(reply)));
        })
        .map_err(CallError::NoThread)?;
    let message = messages.recv();
    drop(hook);
    cx.check()?;
    match message {
        Ok(Message::Replied(reply)) => reply.map_err(CallError::Http),
        Ok(Message::Cancelled) | Err(mpsc::RecvError) => Err(CallError::Cancelled),
    }
}

fn agent(limits: Limits) -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        // A redirected POST means a wrong address; following it could send the key to another host.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_global(Some(limits.time))
        .timeout_resolve(Some(limits.connect))
        .timeout_connect(Some(limits.connect))
        .user_agent(concat!("monitor/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent()
}

fn call(agent: &Agent, post: &Post, limit: u64) -> Result<Reply, ureq::Error> {
    let mut response = agent
        .post(&post.uri)
        .header("Authorization", &post.authorization)
        .header("Content-Type", "application/json")
        .send(&post.body)?;
    let status = response.status().as_u16();
    let retry_after = retry_after(status, response.headers(), SystemTime::now());
    let body = if status == 200 {
        response.body_mut().with_config().limit(limit).read_to_vec()?
    } else {
        let mut start = Vec::new();
        // The status says enough if the rest of the page does not come.
        let _ = response.body_mut().as_reader().take(MAX_ERROR_BODY).read_to_end(&mut start);
        start
    };
    Ok(Reply { status, retry_after, body })
}
