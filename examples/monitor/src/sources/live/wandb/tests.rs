use std::io::Read as _;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use serde_json::Value;
use tiny_http::{Header, Response, Server};
use worker_core::{WaitError, WorkerManager};

use super::*;
use crate::model::{Cell, Span};
use crate::sources::live::key::Secret;

/// A reply of the fake service: status, additional headers, body.
type Answer = (u16, Vec<(&'static str, &'static str)>, String);

/// A fake W&B service on the loopback interface. It sends the given replies in order.
struct FakeWandb {
    url: String,
    server: Arc<Server>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

#[derive(Clone, Debug)]
struct Asked {
    authorization: String,
    path: String,
    body: Value,
}

impl FakeWandb {
    fn new(answers: Vec<Answer>) -> Self {
        let server = Arc::new(Server::http("127.0.0.1:0").expect("a port"));
        let url = format!("http://{}", server.server_addr().to_ip().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        thread::spawn({
            let (server, asked) = (server.clone(), asked.clone());
            move || answer_all(&server, &asked, answers)
        });
        Self { url, server, asked }
    }

    fn config(&self) -> WandbConfig {
        WandbConfig {
            base_url: self.url.clone(),
            entity: Some("team".to_owned()),
            project: Some("proj".to_owned()),
            keys: KeySources { key: Secret::new("hunter2"), netrc: None },
            retries: Vec::new(),
            ..WandbConfig::default()
        }
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no panic").clone()
    }
}

impl Drop for FakeWandb {
    fn drop(&mut self) {
        self.server.unblock();
    }
}

fn answer_all(server: &Server, asked: &Mutex<Vec<Asked>>, answers: Vec<Answer>) {
    let mut answers = answers.into_iter();
    while let Ok(mut request) = server.recv() {
        let mut body = String::new();
        request.as_reader().read_to_string(&mut body).expect("a body");
        let header = request.headers().iter().find(|header| header.field.equiv("Authorization"));
        let authorization = header.map(|header| header.value.to_string()).unwrap_or_default();
        let body = serde_json::from_str(&body).expect("JSON");
        asked.lock().expect("no panic").push(Asked { authorization, path: request.url().to_owned(), body });
        let (status, headers, body) =
            answers.next().unwrap_or((500, Vec::new(), "no more answers".to_owned()));
        let mut response = Response::from_string(body).with_status_code(status);
        for (name, value) in headers {
            response.add_header(Header::from_bytes(name, value).expect("a header"));
        }
        request.respond(response).expect("answered");
    }
}

fn ok(body: impl Into<String>) -> Answer {
    (200, Vec::new(), body.into())
}

fn run(id: &str, more: &str) -> String {
    format!(r#"{{"node":{{"id":"x","name":"{id}","displayName":"sunny-{id}"{more}}},"cursor":"{id}"}}"#)
}

fn page(runs: &[String], next: Option<&str>) -> Answer {
    let info = match next {
        Some(cursor) => format!(r#"{{"endCursor":"{cursor}","hasNextPage":true}}"#),
        None => r#"{"endCursor":null,"hasNextPage":false}"#.to_owned(),
    };
    let edges = runs.join(",");
    ok(format!(r#"{{"data":{{"project":{{"runCount":9,"runs":{{"edges":[{edges}],"pageInfo":{info}}}}}}}}}"#))
}

/// The rows and the failed parts, or the error of the fetch.
type Fetched = Result<(Vec<Row>, Vec<PartError>), SourceError>;

fn fetch(config: WandbConfig, what: fn(&Wandb, &WorkerContext) -> Result<Batch, SourceError>) -> Fetched {
    let wandb = Wandb::new(config);
    let worker = WorkerManager::new()
        .worker("test")
        .exit_on_error(false)
        .thread(move |cx| Ok(what(&wandb, cx).map(|batch| (batch.rows, batch.failed))));
    worker.wait().expect("no panic").clone()
}

fn active(fake: &FakeWandb) -> Fetched {
    fetch(fake.config(), Wandb::active)
}

fn error(answer: Answer) -> SourceError {
    active(&FakeWandb::new(vec![answer])).expect_err("an error")
}

fn keys(rows: &[Row]) -> Vec<&str> {
    rows.iter().map(|row| row.key.as_str()).collect()
}

#[test]
fn the_request_has_the_shape_of_the_api() {
    let fake = FakeWandb::new(vec![page(&[], None)]);
    let (rows, failed) = active(&fake).expect("rows");
    assert!(rows.is_empty() && failed.is_empty());
    let asked = &fake.asked()[0];
    assert_eq!(asked.path, "/graphql");
    assert_eq!(asked.authorization, "Basic YXBpOmh1bnRlcjI=");
    let variables = &asked.body["variables"];
    assert_eq!((&variables["entity"], &variables["project"]), (&json!("team"), &json!("proj")));
    assert_eq!((&variables["order"], &variables["cursor"]), (&json!("-created_at"), &Value::Null));
    let filters: Value =
        serde_json::from_str(variables["filters"].as_str().expect("a string")).expect("JSON");
    assert_eq!(filters, json!({"state": {"$in": ["running", "pending", "preempting"]}}));
    assert!(asked.body["query"].as_str().expect("a query").contains("summaryMetrics"));
}

#[test]
fn a_run_converts_whatever_its_time_and_runtime_format() {
    let runs = [
        run(
            "a",
            r#","state":"finished","createdAt":"2026-01-14T09:00:00","summaryMetrics":"{\"_runtime\":61.5,\"exit_code\":3}""#,
        ),
        run(
            "b",
            r#","state":"crashed","createdAt":"2026-01-14T09:00:00Z","summaryMetrics":"{\"_wandb\":{\"runtime\":5}}""#,
        ),
        run(
            "c",
            r#","state":"failed","createdAt":"2026-01-14T09:00:00Z","summaryMetrics":"{}","heartbeatAt":null"#,
        ),
        run("d", r#","summaryMetrics":"no JSON at all""#),
    ];
    let fake = FakeWandb::new(vec![page(&runs, None)]);
    let (rows, _) = fetch(fake.config(), Wandb::completed).expect("rows");
    assert_eq!(keys(&rows), ["a", "b", "c", "d"]);
    assert_eq!(rows[0].created, rows[1].created, "without a zone it is UTC");
    let over = |millis| Cell::Span(Span::Ended(jiff::SignedDuration::from_millis(millis)));
    assert_eq!((&rows[0].cells[3], &rows[0].cells[4]), (&over(61_500), &Cell::Number(3)));
    assert_eq!((&rows[1].cells[3], &rows[1].cells[4]), (&over(5000), &Cell::Missing));
    assert_eq!(rows[2].cells[3], Cell::Missing);
    assert_eq!(rows[3].cells[1], Cell::Text("sunny-d".to_owned()));
}

#[test]
fn pages_are_requested_until_the_last() {
    let fake = FakeWandb::new(vec![
        page(&[run("a", "")], Some("c1")),
        page(&[run("b", "")], Some("c2")),
        page(&[run("c", "")], None),
    ]);
    let (rows, _) = active(&fake).expect("rows");
    assert_eq!(keys(&rows), ["a", "b", "c"]);
    let cursors: Vec<_> =
        fake.asked().iter().map(|asked| asked.body["variables"]["cursor"].clone()).collect();
    assert_eq!(cursors, [Value::Null, json!("c1"), json!("c2")]);
}

#[test]
fn pages_are_turned_no_further_than_the_cap() {
    let many: Vec<_> = (0..15).map(|number| run(&format!("r{number}"), "")).collect();
    let fake = FakeWandb::new(vec![page(&many, Some("c1")), page(&many, Some("c2"))]);
    let (rows, _) = active(&fake).expect("rows");
    assert_eq!(rows.len(), Caps::default().active_runs);
    assert_eq!(fake.asked().len(), 2);
    assert_eq!(fake.asked()[1].body["variables"]["perPage"], json!(5));
}

#[test]
fn a_repeated_cursor_ends_the_paging() {
    let fake = FakeWandb::new(vec![page(&[run("a", "")], Some("same")), page(&[run("b", "")], Some("same"))]);
    let (rows, _) = active(&fake).expect("rows");
    assert_eq!(rows.len(), 2);
}

#[test]
fn a_failed_page_keeps_the_rows_of_earlier_pages() {
    let fake = FakeWandb::new(vec![page(&[run("a", "")], Some("c1")), (403, Vec::new(), "no".to_owned())]);
    let (rows, failed) = active(&fake).expect("rows");
    assert_eq!(keys(&rows), ["a"]);
    assert_eq!(failed[0].error.kind(), ErrorKind::Denied);
}

#[test]
fn refusals_are_reported_with_advice_and_without_the_key() {
    let cases = [
        (401, r#"{"error":"invalid key hunter2"}"#, ErrorKind::NotLoggedIn, "WANDB_API_KEY"),
        (403, r#"{"message":"no"}"#, ErrorKind::Denied, "team/proj"),
        (404, "<html>nothing here</html>", ErrorKind::NotFound, "WANDB_BASE_URL"),
        (422, r#"{"errors":["bad field"]}"#, ErrorKind::Refused, "bad field"),
        (302, "", ErrorKind::NotConfigured, "WANDB_BASE_URL"),
        (503, r#"{"errors":[{"message":"down"}]}"#, ErrorKind::Unavailable, "try again"),
    ];
    for (status, body, problem, message) in cases {
        let error = error((status, Vec::new(), body.to_owned()));
        assert_eq!(error.kind(), problem, "{status}");
        assert!(error.to_string().contains(message), "{error}");
        assert!(!error.to_string().contains("hunter2") && !error.to_string().contains("YXBp"), "{error}");
    }
}

#[test]
fn a_rate_limit_says_when_it_is_lifted() {
    let headers = vec![("RateLimit-Remaining", "0"), ("RateLimit-Reset", "41.2")];
    let error = error((429, headers, r#"{"error":"rate limit exceeded"}"#.to_owned()));
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    let message = error.to_string();
    assert!(message.contains("try again in 42s") && message.contains("rate limit exceeded"), "{message}");
}

#[test]
fn a_refusal_inside_a_200_is_one() {
    let mixed = error(ok(r#"{"errors":["first",{"message":"permission denied for hunter2"}],"data":null}"#));
    assert_eq!(mixed.kind(), ErrorKind::Denied);
    assert!(mixed.to_string().contains("first; permission denied for [key]"), "{mixed}");
    assert!(error(ok(r#"{"error":"it broke"}"#)).to_string().contains("it broke"));
}

#[test]
fn a_project_that_is_not_there_is_told() {
    let error = error(ok(r#"{"data":{"project":null}}"#));
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("no project team/proj"), "{error}");
}

#[test]
fn a_malformed_reply_is_reported() {
    for body in [
        "",
        "<html>",
        "{",
        "[]",
        "5",
        r#""text""#,
        r#"{"data":5}"#,
        r#"{"data":{"project":{"runs":{"edges":7}}}}"#,
    ] {
        assert_eq!(error(ok(body)).kind(), ErrorKind::BadReply, "{body}");
    }
}

#[test]
fn one_unreadable_run_keeps_the_others() {
    let fake = FakeWandb::new(vec![page(&[run("a", ""), r#"{"node":{"name":5}}"#.to_owned()], None)]);
    let (rows, failed) = active(&fake).expect("rows");
    assert_eq!(keys(&rows), ["a"]);
    assert!(failed[0].error.to_string().contains("1 of 2 runs"));
}

#[test]
fn transient_failures_are_retried_and_permanent_ones_are_not() {
    let again = vec![Duration::ZERO, Duration::ZERO];
    for (status, tries) in
        [(500, 3), (503, 3), (429, 3), (408, 3), (400, 1), (401, 1), (403, 1), (422, 1), (501, 1)]
    {
        let fake = FakeWandb::new(vec![(status, Vec::new(), String::new()); 5]);
        let config = WandbConfig { retries: again.clone(), ..fake.config() };
        assert!(fetch(config, Wandb::active).is_err());
        assert_eq!(fake.asked().len(), tries, "{status}");
    }
    let fake = FakeWandb::new(vec![(502, Vec::new(), String::new()), page(&[run("a", "")], None)]);
    let config = WandbConfig { retries: again, ..fake.config() };
    assert_eq!(keys(&fetch(config, Wandb::active).expect("rows").0), ["a"]);
}

#[test]
fn a_long_rate_limit_is_not_waited_for() {
    let fake = FakeWandb::new(vec![(429, vec![("RateLimit-Reset", "3600")], String::new())]);
    let config = WandbConfig { retries: vec![Duration::ZERO], ..fake.config() };
    assert!(fetch(config, Wandb::active).expect_err("limited").to_string().contains("3600s"));
    assert_eq!(fake.asked().len(), 1);
}

#[test]
fn a_missing_setting_is_reported_with_its_option() {
    let fake = FakeWandb::new(Vec::new());
    let message = |config| fetch(config, Wandb::active).expect_err("not set").to_string();
    assert!(message(WandbConfig { entity: None, ..fake.config() }).contains("--entity"));
    assert!(message(WandbConfig { project: None, ..fake.config() }).contains("--wandb-project"));
    assert!(message(WandbConfig { keys: KeySources::default(), ..fake.config() }).contains("WANDB_API_KEY"));
    for url in ["", "nonsense", "ftp://h", "http://", "http://user:hunter2@"] {
        let message = message(WandbConfig { base_url: url.to_owned(), ..fake.config() });
        assert!(message.contains("WANDB_BASE_URL") && !message.contains("hunter2"), "{url}: {message}");
    }
    assert!(fake.asked().is_empty());
}

#[test]
fn an_unreachable_service_is_reported() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let config = WandbConfig { base_url: url, ..FakeWandb::new(Vec::new()).config() };
    let error = fetch(config, Wandb::active).expect_err("unreachable");
    assert_eq!(error.kind(), ErrorKind::Unreachable);
}

#[test]
fn a_silent_service_times_out() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let time_limit = Duration::from_millis(150);
    let config = WandbConfig { base_url: url, time_limit, ..FakeWandb::new(Vec::new()).config() };
    let error = fetch(config, Wandb::active).expect_err("silence");
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(error.to_string().contains("150ms"), "{error}");
}

#[test]
fn a_cancel_ends_a_call_at_once_and_closes_its_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let wandb = Wandb::new(WandbConfig { base_url: url, ..FakeWandb::new(Vec::new()).config() });
    let worker = WorkerManager::new()
        .worker("active")
        .exit_on_error(false)
        .thread(move |cx| Ok(wandb.active(cx).map(|batch| batch.rows.len())?));
    let (mut connection, _) = listener.accept().expect("a call");
    let mut head = [0; 4];
    connection.read_exact(&mut head).expect("the request has begun");
    let began = Instant::now();
    worker.cancel();
    assert!(worker.wait().is_err_and(|error: WaitError| error.is_cancelled()));
    let mut rest = Vec::new();
    // The connection ends; the system decides whether by a close or a reset.
    let _ = connection.read_to_end(&mut rest);
    assert!(began.elapsed() < Duration::from_secs(10), "not the call's time limit of 30s");
}

#[test]
fn names_with_control_characters_arrive_whole_and_are_shown_escaped() {
    let hostile = r#"{"node":{"name":"a","displayName":"\u001b]0;owned\u0007","state":"running"}}"#;
    let fake = FakeWandb::new(vec![page(&[hostile.to_owned()], None)]);
    let (rows, _) = active(&fake).expect("rows");
    assert_eq!(rows[0].cells[1], Cell::Text("\u{1b}]0;owned\u{7}".to_owned()));
}

/// base64("api:hunter2"), the credentials that are sent.
const SENT: &str = "YXBpOmh1bnRlcjI=";

#[test]
fn a_reply_that_contains_the_key_or_the_header_is_redacted() {
    let filler = "x".repeat(70);
    let row = |more: &str| format!(r#"{{"data":{{"project":{{"runs":{{"edges":[{{"node":{more}}}]}}}}}}}}"#);
    let cases = [
        (401, format!(r#"{{"error":"bad header Basic {SENT}"}}"#)),
        (401, r#"{"error":"bad header Basic YXBpOmh1bnRlcjI\u003d"}"#.to_owned()),
        (500, format!("Authorization: Basic {SENT}")),
        (200, format!("{filler} hunter2")),
        (200, format!("{filler}:{SENT}")),
        (200, format!(r#"{{"errors":["Basic {SENT}"]}}"#)),
        (200, format!(r#"{{"data":{{"project":{{"runs":{{"edges":"{filler}hunter2"}}}}}}}}"#)),
        (200, format!(r#"{{"data":{{"project":{{"runs":{{"edges":{{"hunter2":"{SENT}"}}}}}}}}}}"#)),
        (200, row(r#"{"name":"a","displayName":5,"state":"hunter2"}"#)),
        (200, row(r#""hunter2""#)),
        (200, row(&format!(r#""Basic {SENT}""#))),
        (200, format!(r#"{{"data":{{"hunter2":"{SENT}"}}}}"#)),
    ];
    for (status, body) in cases {
        let message = error((status, Vec::new(), body.clone())).to_string();
        for part in ["hunter", "hunte", "YXBpOm"] {
            assert!(!message.contains(part), "{body}: {message}");
        }
    }
}

#[test]
fn a_row_that_holds_the_key_shows_it_nowhere() {
    let named = format!(r#"{{"node":{{"name":"a","displayName":"hunter2 {SENT}"}}}}"#);
    let (rows, _) = active(&FakeWandb::new(vec![page(&[named], None)])).expect("rows");
    assert_eq!(rows[0].cells[1], Cell::Text("[key] [key]".to_owned()));
}

#[test]
fn a_malformed_run_of_megabytes_makes_a_short_message() {
    let long = format!(r#"{{"node":"{}"}}"#, "x".repeat(1_000_000));
    let message = error(page(&[long], None)).to_string();
    assert!(message.chars().count() < 500, "{} characters", message.chars().count());
}

#[test]
fn all_missing_settings_are_reported_at_once() {
    let fake = FakeWandb::new(Vec::new());
    let bare = WandbConfig { entity: None, project: None, keys: KeySources::default(), ..fake.config() };
    let message = fetch(bare, Wandb::active).expect_err("not set").to_string();
    for option in ["--entity", "--wandb-project", "WANDB_API_KEY"] {
        assert!(message.contains(option), "{option} in {message}");
    }
}
