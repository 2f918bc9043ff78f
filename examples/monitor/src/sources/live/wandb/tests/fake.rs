//! [`FakeWandb`], a fake service, and what it is asked with.

use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;
use tiny_http::{Header, Response, Server};
use worker_core::WorkerManager;

use super::*;
use crate::model::Row;
use crate::sources::live::key::Secret;

/// A reply of the fake service: status, additional headers, body.
pub(super) type Answer = (u16, Vec<(&'static str, &'static str)>, String);

/// A fake W&B service on the loopback interface. It sends the given replies in order.
pub(super) struct FakeWandb {
    pub(super) url: String,
    server: Arc<Server>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) authorization: String,
    pub(super) path: String,
    pub(super) body: Value,
}

impl FakeWandb {
    /// Questions for metrics get the last page of runs again.
    pub(super) fn new(answers: Vec<Answer>) -> Self {
        let mut answers = answers.into_iter();
        let mut last = ok("");
        Self::answering(move |asked| {
            if !asked.is_about_metrics() {
                last = answers.next().unwrap_or((500, Vec::new(), "no more answers".to_owned()));
            }
            last.clone()
        })
    }

    pub(super) fn answering(answer: impl FnMut(&Asked) -> Answer + Send + 'static) -> Self {
        let server = Arc::new(Server::http("127.0.0.1:0").expect("a port"));
        let url = format!("http://{}", server.server_addr().to_ip().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        thread::spawn({
            let (server, asked) = (server.clone(), asked.clone());
            move || answer_all(&server, &asked, answer)
        });
        Self { url, server, asked }
    }

    pub(super) fn config(&self) -> WandbConfig {
        WandbConfig {
            base_url: self.url.clone(),
            entity: Some("team".to_owned()),
            project: Some("proj".to_owned()),
            keys: KeySources { key: Secret::new("hunter2"), netrc: None },
            retries: Vec::new(),
            ..WandbConfig::default()
        }
    }

    /// The questions for runs.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.all_asked().into_iter().filter(|asked| !asked.is_about_metrics()).collect()
    }

    /// The questions for metrics.
    pub(super) fn asked_metrics(&self) -> Vec<Asked> {
        self.all_asked().into_iter().filter(Asked::is_about_metrics).collect()
    }

    pub(super) fn all_asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no panic").clone()
    }
}

impl Asked {
    pub(super) fn is_about_metrics(&self) -> bool {
        self.body["query"].as_str().expect("a query").contains("summaryMetrics")
    }

    /// The filters, which are JSON in a text.
    pub(super) fn filters(&self) -> Value {
        let filters = self.body["variables"]["filters"].as_str().expect("a text");
        serde_json::from_str(filters).expect("JSON")
    }

    /// The names of the runs whose metrics are asked for.
    pub(super) fn names(&self) -> Vec<String> {
        serde_json::from_value(self.filters()["name"]["$in"].clone()).expect("names")
    }
}

impl Drop for FakeWandb {
    fn drop(&mut self) {
        self.server.unblock();
    }
}

fn answer_all(server: &Server, asked: &Mutex<Vec<Asked>>, mut answer: impl FnMut(&Asked) -> Answer) {
    while let Ok(mut request) = server.recv() {
        let mut body = String::new();
        request.as_reader().read_to_string(&mut body).expect("a body");
        let header = request.headers().iter().find(|header| header.field.equiv("Authorization"));
        let authorization = header.map(|header| header.value.to_string()).unwrap_or_default();
        let body = serde_json::from_str(&body).expect("JSON");
        let question = Asked { authorization, path: request.url().to_owned(), body };
        let (status, headers, body) = answer(&question);
        asked.lock().expect("no panic").push(question);
        let mut response = Response::from_string(body).with_status_code(status);
        for (name, value) in headers {
            response.add_header(Header::from_bytes(name, value).expect("a header"));
        }
        // The caller may have gone.
        let _ = request.respond(response);
    }
}

pub(super) fn ok(body: impl Into<String>) -> Answer {
    (200, Vec::new(), body.into())
}

pub(super) fn run(id: &str, more: &str) -> String {
    format!(r#"{{"node":{{"id":"x","name":"{id}","displayName":"sunny-{id}"{more}}},"cursor":"{id}"}}"#)
}

pub(super) fn page(runs: &[String], next: Option<&str>) -> Answer {
    let info = match next {
        Some(cursor) => format!(r#"{{"endCursor":"{cursor}","hasNextPage":true}}"#),
        None => r#"{"endCursor":null,"hasNextPage":false}"#.to_owned(),
    };
    let edges = runs.join(",");
    ok(format!(r#"{{"data":{{"project":{{"runCount":9,"runs":{{"edges":[{edges}],"pageInfo":{info}}}}}}}}}"#))
}

/// The rows and the failed parts, or the error of the fetch.
pub(super) type Fetched = Result<(Vec<Row>, Vec<PartError>), SourceError>;

pub(super) fn fetch(
    config: WandbConfig,
    what: fn(&Wandb, &WorkerContext) -> Result<Batch, SourceError>,
) -> Fetched {
    let wandb = Wandb::new(config);
    let worker = WorkerManager::new()
        .worker("test")
        .exit_on_error(false)
        .thread(move |cx| Ok(what(&wandb, cx).map(|batch| (batch.rows, batch.failed))));
    worker.wait().expect("no panic").clone()
}

pub(super) fn active(fake: &FakeWandb) -> Fetched {
    fetch(fake.config(), Wandb::active)
}

pub(super) fn error(answer: Answer) -> SourceError {
    active(&FakeWandb::new(vec![answer])).expect_err("an error")
}

pub(super) fn keys(rows: &[Row]) -> Vec<&str> {
    rows.iter().map(|row| row.key.as_str()).collect()
}
