use super::*;
use crate::model::{Cell, Phase, Span, State, Table, time};
use crate::source::ErrorKind;

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

fn parsed(
    listing: Listing,
    region: Option<&str>,
    body: impl Into<Vec<u8>>,
) -> Result<List<Row>, SourceError> {
    read(listing, region, body.into(), 20, &|| false)
}

fn rows(listing: Listing, body: &str) -> Vec<Row> {
    let read = parsed(listing, Some("asked-region"), body).expect("readable");
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
        assert_eq!(queue(Json::new(&template)).as_deref(), Some("gpu"), "{arguments}");
    }
    assert_eq!(queue(Json::NULL), None);
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
    let read = parsed(Listing::Builds, None, body).expect("partly readable");
    assert_eq!(read.rows.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(), ["good", "fine"]);
    let error = read.error.expect("an error").to_string();
    assert!(error.contains("2 of 4 builds could not be read (number 2: it has no `id`)"), "{error}");
}

#[test]
fn json_of_the_wrong_shape_is_told() {
    let error = |body: &str| parsed(Listing::Jobs, None, body).expect_err("wrong").to_string();
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
    let read = parsed(Listing::Builds, None, body).expect("readable");
    assert_eq!(read.rows.len(), 2);
    assert_eq!(read.rows[0].cells[6], Cell::Text("x??".to_owned()));
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

#[test]
fn an_odd_value_makes_its_cell_missing_and_no_row_is_lost() {
    let odd = ["null", "5", "1e999", "[]", "{}", "true", r#""\ud800""#, r#""soon""#, r#"[{"a":[[0]]}]"#];
    for odd in odd {
        let fields = ["name", "status", "createTime", "startTime", "logUrl", "images", "failureInfo", "x"];
        let fields: Vec<_> = fields.map(|field| format!(r#","{field}":{odd}"#)).into();
        let build = &rows(Listing::Builds, &format!(r#"[{{"id":"a"{}}}]"#, fields.concat()))[0];
        assert_eq!((build.key.as_str(), build.created), ("a", None), "{odd}");
        assert_eq!((&build.cells[2], &build.cells[5]), (&Cell::Missing, &Cell::Missing), "{odd}");
        let execution = format!(
            r#"[{{"metadata":{{"name":"x","creationTimestamp":{odd},"labels":{odd}}},"spec":{{"taskCount":{odd},"template":{odd}}},
            "status":{{"failedCount":{odd},"startTime":{odd},"conditions":{odd}}}}},{{"metadata":{{"name":"y"}},"spec":{odd},"status":{odd}}}]"#
        );
        assert_eq!(rows(Listing::Executions, &execution).len(), 2, "{odd}");
        let job =
            format!(r#"[{{"name":"7","displayName":{odd},"state":{odd},"endTime":{odd},"error":{odd}}}]"#);
        assert_eq!(rows(Listing::Jobs, &job).len(), 1, "{odd}");
    }
}

#[test]
fn a_row_of_the_future_says_so() {
    let body = r#"[{"id":"a","status":"WORKING","createTime":"2026-01-17T10:00:00Z","startTime":"2026-01-17T10:00:00Z"},
        {"id":"b","status":"SUCCESS","startTime":"2026-01-14T09:00:00Z","finishTime":"2026-01-13T09:00:00Z"}]"#;
    let rows = rows(Listing::Builds, body);
    assert_eq!(shown(Listing::Builds, &rows[0])[4..6], ["0s", "in 3d"]);
    assert_eq!(shown(Listing::Builds, &rows[1])[4], "0s", "it ended before it began");
}

#[test]
fn no_more_is_read_than_is_wanted() {
    let body = format!("[{} nonsense", r#"{"id":"a"},"#.repeat(20));
    assert_eq!(rows(Listing::Builds, &body).len(), 20);
}

#[test]
fn a_list_of_nothing_but_unreadable_rows_is_not_read_to_its_end() {
    let error = parsed(Listing::Builds, None, format!("[{}0]", "0,".repeat(5000))).expect("a list").error;
    assert!(error.expect("an error").to_string().contains("1000 of 1000 builds"));
}

#[test]
fn a_list_that_breaks_off_keeps_the_rows_before() {
    let read = parsed(Listing::Builds, None, r#"[{"id":"a"},{"id":"#).expect("a row");
    assert_eq!(read.rows.len(), 1);
    let error = read.error.expect("an error").to_string();
    assert!(error.contains("the list breaks off after 1 "), "{error}");
}

#[test]
fn reading_ends_when_it_is_cancelled() {
    let error =
        read(Listing::Builds, None, br#"[{"id":"a"}]"#.to_vec(), 20, &|| true).expect_err("cancelled");
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}

#[test]
fn what_is_no_text_at_all_is_told() {
    let error = parsed(Listing::Builds, None, vec![0xff; 100_000]).expect_err("no text").to_string();
    assert!(error.contains("did not reply in UTF-8"), "{error}");
}
