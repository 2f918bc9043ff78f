use super::*;
use crate::model::Table;
use crate::model::{Cell, Phase, Span, State};

const BUILDS: &str = r#"[{"name":"projects/123456789012/locations/us-central1/builds/7f3c1a52-9d0e-4b7a-8a61-2f5d1c0be9a4",
  "id":"7f3c1a52-9d0e-4b7a-8a61-2f5d1c0be9a4","status":"FAILURE","createTime":"2026-01-14T09:12:03.123456Z",
  "startTime":"2026-01-14T09:12:05.004Z","finishTime":"2026-01-14T09:20:44.9Z",
  "logUrl":"https://console.cloud.google.com/cloud-build/builds;region=us-central1/7f3c1a52?project=123456789012",
  "images":["us-docker.pkg.dev/demo/repo/trainer:latest"],
  "failureInfo":{"type":"USER_BUILD_STEP","detail":"Build step failure: …"}}]"#;

const EXECUTIONS: &str = r#"[{"apiVersion":"run.googleapis.com/v1","kind":"Execution","metadata":{"name":"vertex-ai-launcher-x7k2p",
  "creationTimestamp":"2026-01-14T09:00:00.000Z",
  "labels":{"run.googleapis.com/job":"vertex-ai-launcher","cloud.googleapis.com/location":"us-central1"}},
  "spec":{"taskCount":1,"template":{"spec":{"containers":[{"image":"…","args":["-q","vertex-queue"]}]}}},
  "status":{"startTime":"2026-01-14T09:00:05Z","completionTime":"2026-01-14T09:31:00Z","failedCount":1,"logUri":"https://…",
  "conditions":[{"type":"Completed","status":"False","reason":"NonZeroExitCode","message":"Execution failed."}]}}]"#;

const JOBS: &str = r#"[{"name":"projects/123456789012/locations/us-central1/customJobs/4839201746352947200","displayName":"train",
  "state":"JOB_STATE_FAILED","createTime":"2026-01-14T08:00:00Z","startTime":"2026-01-14T08:05:00Z",
  "endTime":"2026-01-14T08:30:00Z","error":{"code":8,"message":"quota …"}}]"#;

fn rows(listing: Listing, body: &str) -> Vec<Row> {
    let read = read(listing, Some("asked-region"), body.as_bytes()).expect("readable");
    assert_eq!(read.error, None);
    read.rows
}

fn shown(listing: Listing, row: &Row) -> Vec<String> {
    let table = match listing {
        Listing::Builds => Table::Builds,
        Listing::Executions => Table::Runner,
        Listing::Jobs => Table::Vertex,
    };
    let now = time::parse("2026-01-14T10:00:00Z").expect("a time");
    row.cells.iter().zip(table.columns()).map(|(cell, column)| cell.shown(column, now).into_owned()).collect()
}

#[test]
fn a_build_has_its_image_region_and_duration() {
    let rows = rows(Listing::Builds, BUILDS);
    assert_eq!(
        shown(Listing::Builds, &rows[0]),
        [
            "7f3c1a52-9d0",
            "✗  FAILURE",
            "trainer",
            "us-central1",
            "8m 39s",
            "47m ago",
            "https://console.cloud.google.com/cloud-build/build",
        ]
    );
    assert!(
        rows[0]
            .details
            .contains(&("failure", Cell::Text("USER_BUILD_STEP: Build step failure: …".to_owned())))
    );
}

#[test]
fn an_execution_has_its_queue_runs_and_error() {
    let rows = rows(Listing::Executions, EXECUTIONS);
    assert_eq!(
        shown(Listing::Executions, &rows[0]),
        ["vertex-queue", "us-central1", "✗  Failed", "0/1", "30m 55s", "1h ago", "Execution failed."]
    );
}

#[test]
fn a_job_has_its_id_state_and_error() {
    let rows = rows(Listing::Jobs, JOBS);
    assert_eq!(
        shown(Listing::Jobs, &rows[0]),
        ["483920174635", "train", "✗  FAILED", "25m 00s", "2h ago", "quota …"]
    );
    assert_eq!(rows[0].region.as_deref(), Some("us-central1"));
}

#[test]
fn what_is_left_out_is_missing_and_no_error() {
    let build = &rows(Listing::Builds, r#"[{"id":"a"}]"#)[0];
    assert_eq!(shown(Listing::Builds, build), ["a", "?  STATUS_UNKNOWN", "—", "asked-region", "—", "—", "—"]);
    let execution = &rows(Listing::Executions, r#"[{"metadata":{"name":"x"}}]"#)[0];
    assert_eq!(
        shown(Listing::Executions, execution),
        ["—", "asked-region", "⏳ Pending", "0/1", "—", "—", "—"]
    );
    let job = &rows(Listing::Jobs, r#"[{"name":"customJobs/7","displayName":null,"error":{}}]"#)[0];
    assert_eq!(shown(Listing::Jobs, job), ["7", "—", "?  UNSPECIFIED", "—", "—", "—"]);
}

#[test]
fn a_running_execution_ticks_and_shows_no_note() {
    let body = r#"[{"metadata":{"name":"x"},"spec":{"taskCount":3},"status":{"startTime":"2026-01-14T09:59:00Z",
        "succeededCount":1,"conditions":[{"type":"ResourcesAvailable","status":"True"},
        {"type":"Completed","status":"Unknown","message":"Waiting for execution to complete."}]}}]"#;
    let row = &rows(Listing::Executions, body)[0];
    assert_eq!(
        shown(Listing::Executions, row),
        ["—", "asked-region", "▶  Running", "1/3", "1m 00s", "—", "—"]
    );
    assert!(row.ticks());
}

#[test]
fn the_queue_is_found_in_each_way_of_writing_it() {
    for arguments in [
        r#"["run","-q","gpu"]"#,
        r#"["-qgpu"]"#,
        r#"["-q=gpu"]"#,
        r#"["--queue","gpu"]"#,
        r#"["x","--queue=gpu"]"#,
    ] {
        let template = format!(r#"{{"spec":{{"containers":[{{"args":{arguments}}}]}}}}"#);
        let template: Value = serde_json::from_str(&template).expect("JSON");
        assert_eq!(queue(&template).as_deref(), Some("gpu"), "{arguments}");
    }
    assert_eq!(queue(&Value::Null), None);
}

#[test]
fn an_image_loses_path_tag_and_digest() {
    assert_eq!(image_name("us-docker.pkg.dev/demo/repo/trainer:latest"), "trainer");
    assert_eq!(image_name("localhost:5000/trainer"), "trainer");
    assert_eq!(image_name("gcr.io/p/trainer@sha256:abcd"), "trainer");
    assert_eq!(image_name("trainer"), "trainer");
}

#[test]
fn one_unreadable_row_keeps_the_others() {
    let body = r#"[{"id":"good"},{"id":5},{"status":"WORKING"},{"id":"fine"}]"#;
    let read = read(Listing::Builds, None, body.as_bytes()).expect("partly readable");
    assert_eq!(read.rows.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(), ["good", "fine"]);
    let error = read.error.expect("an error").to_string();
    assert!(error.contains("2 of 4 builds could not be read (number 2: invalid type"), "{error}");
}

#[test]
fn json_of_the_wrong_shape_is_told() {
    let error = |body: &str| read(Listing::Jobs, None, body.as_bytes()).expect_err("wrong").to_string();
    assert!(error(r#"{"jobs":[]}"#).contains("should have replied with a list"));
    assert!(error("<html>").contains("did not reply in JSON"));
    assert!(error("").contains("the reply was empty"));
    assert!(error(&"x".repeat(10_000)).len() < 300);
}

#[test]
fn invalid_utf8_affects_its_own_value_only() {
    let mut body = br#"[{"id":"a","logUrl":"x"#.to_vec();
    body.extend([0xff, 0xfe]);
    body.extend(br#""},{"id":"b"}]"#);
    let read = read(Listing::Builds, None, &body).expect("readable");
    assert_eq!(read.rows.len(), 2);
    assert_eq!(read.rows[0].cells[6], Cell::Text("x\u{fffd}\u{fffd}".to_owned()));
}

#[test]
fn a_time_that_makes_no_sense_is_missing() {
    let row =
        &rows(Listing::Builds, r#"[{"id":"a","status":"WORKING","createTime":"soon","startTime":null}]"#)[0];
    assert_eq!((&row.cells[4], &row.cells[5]), (&Cell::Missing, &Cell::Missing));
    assert_eq!((row.phase, row.created), (Phase::Active, None));
}

#[test]
fn control_characters_are_kept_here_and_shown_escaped() {
    let row = &rows(Listing::Jobs, "[{\"name\":\"7\",\"displayName\":\"\\u001b[2Jgone\"}]")[0];
    assert_eq!(row.cells[1], Cell::Text("\u{1b}[2Jgone".to_owned()));
    assert_eq!(shown(Listing::Jobs, row)[1], "␛[2Jgone");
}

#[test]
fn a_job_that_was_never_started_has_no_runtime() {
    let body = r#"[{"name":"1","state":"JOB_STATE_QUEUED","createTime":"2026-01-14T08:00:00Z"},
        {"name":"2","state":"JOB_STATE_RUNNING","startTime":"2026-01-14T09:00:00Z"}]"#;
    let rows = rows(Listing::Jobs, body);
    assert_eq!(rows[0].cells[3], Cell::Missing);
    assert!(matches!(rows[1].cells[3], Cell::Span(Span::Running(_))));
    assert!(matches!(&rows[0].cells[2], Cell::Status(status) if status.state == State::Queued));
}
