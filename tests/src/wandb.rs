//! [`FakeWandb`]: a fake Weights & Biases server on a loopback port.

use std::sync::Arc;
use std::thread;

use parking_lot::Mutex;
use tiny_http::{Header, Response, Server};

/// A server with prepared replies, which records its requests.
pub struct FakeWandb {
    server: Arc<Server>,
    requests: Arc<Mutex<Vec<Request>>>,
}

/// A recorded request.
#[derive(Clone, Debug)]
struct Request {
    authorization: String,
    body: String,
}

/// The reply for running runs, and the reply for ended runs.
const RUNNING: &str = include_str!("wandb/running.json");
const ENDED: &str = include_str!("wandb/ended.json");

impl FakeWandb {
    /// Replies with one running run or one ended run, depending on the filter.
    pub fn with_runs() -> Self {
        Self::answering(|body| (200, if asks_for_running(body) { RUNNING } else { ENDED }.to_owned()))
    }

    /// Replies to every request with this status and body.
    pub fn with_answer(status: u16, body: &'static str) -> Self {
        Self::answering(move |_| (status, body.to_owned()))
    }

    /// # Panics
    ///
    /// If there is no loopback port.
    fn answering(answer: impl Fn(&str) -> (u16, String) + Send + 'static) -> Self {
        let server = Arc::new(Server::http("127.0.0.1:0").expect("a loopback port"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        thread::spawn({
            let (server, requests) = (server.clone(), requests.clone());
            move || {
                for mut request in server.incoming_requests() {
                    let mut body = String::new();
                    if request.as_reader().read_to_string(&mut body).is_err() {
                        continue;
                    }
                    let header = request.headers().iter().find(|header| header.field.equiv("Authorization"));
                    let authorization = header.map(|header| header.value.to_string()).unwrap_or_default();
                    let (status, text) = answer(&body);
                    requests.lock().push(Request { authorization, body });
                    let json = Header::from_bytes("Content-Type", "application/json").expect("a header");
                    let _ = request
                        .respond(Response::from_string(text).with_status_code(status).with_header(json));
                }
            }
        });
        Self { server, requests }
    }

    /// The value for `WANDB_BASE_URL`.
    pub fn url(&self) -> String {
        format!("http://{}", self.server.server_addr())
    }

    /// The `Authorization` headers of the requests.
    pub fn authorizations(&self) -> Vec<String> {
        self.requests.lock().iter().map(|request| request.authorization.clone()).collect()
    }

    /// The bodies of the requests for runs. Those for their metrics are left out.
    pub fn bodies(&self) -> Vec<String> {
        let requests = self.requests.lock();
        let bodies = requests.iter().map(|request| request.body.clone());
        bodies.filter(|body| !body.contains("summaryMetrics")).collect()
    }
}

/// Asks for running runs, or by name for the metrics of the one that runs. The filter is JSON
/// within JSON, so its quotes are escaped twice.
fn asks_for_running(body: &str) -> bool {
    [r#"\"$in\":[\"running\""#, r#"\"state\":\"running\""#, r#"\"$in\":[\"a1b2c3d4\"]"#]
        .iter()
        .any(|filter| body.contains(filter))
}

impl Drop for FakeWandb {
    fn drop(&mut self) {
        self.server.unblock();
    }
}

impl std::fmt::Debug for FakeWandb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FakeWandb").field("url", &self.url()).finish_non_exhaustive()
    }
}
