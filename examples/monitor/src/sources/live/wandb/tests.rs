mod fake;
mod secrets;
mod summaries;
mod waiting;

use serde_json::{Value, json};

use super::*;
use crate::model::{Cell, Span};
use fake::*;

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
    assert_eq!(asked.filters(), json!({"state": {"$in": ["running", "pending", "preempting"]}}));
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
    let (rows, failed) = active(&fake).expect("rows");
    assert_eq!(rows.len(), 2);
    assert!(failed[0].error.to_string().contains("has more runs than these 2"), "{failed:?}");
}

#[test]
fn pages_of_one_row_are_requested_until_there_are_enough() {
    let mut number = 0;
    let fake = FakeWandb::answering(move |_| {
        number += 1;
        page(&[run(&format!("r{number}"), "")], Some(&format!("c{number}")))
    });
    let (rows, failed) = active(&fake).expect("rows");
    assert_eq!(rows.len(), Caps::default().active_runs);
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn an_empty_page_that_is_not_the_last_leaves_the_table_incomplete() {
    let fake = FakeWandb::new(vec![page(&[run("a", "")], Some("c1")), page(&[], Some("c2"))]);
    let (rows, failed) = active(&fake).expect("rows");
    assert_eq!(keys(&rows), ["a"]);
    assert_eq!((failed[0].extent, &failed[0].region), (Extent::Some, &None));
    assert!(failed[0].error.to_string().contains("has more runs than these 1"), "{failed:?}");
}

#[test]
fn errors_beside_the_data_leave_the_rows_and_are_told() {
    let (_, _, body) = page(&[run("a", "")], None);
    let both = body.replacen('{', r#"{"errors":[{"message":"one shard is down"}],"#, 1);
    let (rows, failed) = active(&FakeWandb::new(vec![ok(both)])).expect("rows");
    assert_eq!(keys(&rows), ["a"]);
    assert_eq!((failed[0].extent, &failed[0].region), (Extent::Some, &None));
    assert!(failed[0].error.to_string().contains("one shard is down"), "{failed:?}");
}

#[test]
fn an_odd_value_makes_its_cell_missing_and_no_run_is_lost() {
    for odd in ["null", "5", "1e999", "[]", "{}", "true", r#""\ud800""#, r#""soon""#, "[[[0]]]"] {
        let fields = ["state", "createdAt", "heartbeatAt", "summaryMetrics", "x"];
        let fields: Vec<_> = fields.map(|field| format!(r#","{field}":{odd}"#)).into();
        let fake = FakeWandb::new(vec![page(&[run("a", &fields.concat())], None)]);
        let (rows, failed) = fetch(fake.config(), Wandb::completed).expect("rows");
        assert_eq!((keys(&rows), rows[0].created), (vec!["a"], None), "{odd}");
        assert!(failed.is_empty(), "{odd}: {failed:?}");
    }
}

#[test]
fn odd_statuses_are_told_in_clear_words() {
    for (status, kind, words) in [
        (204, ErrorKind::BadReply, "a status that is not expected (204)"),
        (206, ErrorKind::BadReply, "a status that is not expected (206)"),
        (405, ErrorKind::NotFound, "no W&B service at this address (405)"),
        (407, ErrorKind::NotLoggedIn, "a proxy wants a login (407)"),
        (418, ErrorKind::Refused, "rejected the request (418)"),
        (504, ErrorKind::Unavailable, "is not available (504)"),
        (599, ErrorKind::Unavailable, "an internal error (599)"),
        (999, ErrorKind::BadReply, "a status that is not expected (999)"),
    ] {
        let error = error((status, Vec::new(), String::new()));
        assert_eq!(error.kind(), kind, "{status}");
        assert!(error.to_string().contains(words), "{error}");
    }
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
fn names_with_control_characters_arrive_whole_and_are_shown_escaped() {
    let hostile = r#"{"node":{"name":"a","displayName":"\u001b]0;owned\u0007","state":"running"}}"#;
    let fake = FakeWandb::new(vec![page(&[hostile.to_owned()], None)]);
    let (rows, _) = active(&fake).expect("rows");
    assert_eq!(rows[0].cells[1], Cell::Text("\u{1b}]0;owned\u{7}".to_owned()));
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
