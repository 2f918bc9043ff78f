//! `--once`: the output for scripts.

use serde_json::Value;
use tests::{monitor, once};

const TABLES: [&str; 5] = ["builds", "runner", "vertex", "active", "completed"];

#[test]
fn s04_five_full_tables_come_side_by_side() {
    monitor();
    let began = std::time::Instant::now();
    let output = once(&["--once", "--format", "json"], &[]);
    let took = began.elapsed().as_millis();
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let json = output.json();
    let printed: Vec<_> = json.as_object().unwrap().keys().collect();
    assert_eq!(printed, ["runner", "active", "completed", "builds", "vertex"], "as they came");
    for table in TABLES {
        assert!(!json[table]["rows"].as_array().unwrap().is_empty(), "{table}");
        assert_eq!(json[table]["error"], Value::Null);
    }
    let slowest = u128::from(json["vertex"]["elapsed_ms"].as_u64().unwrap());
    assert!(slowest >= 2800);
    // Sequential fetches would take three times as long as the slowest.
    assert!(took * 10 < slowest * 18, "{took} ms is about what the slowest takes, {slowest} ms");
}

#[test]
fn as_many_rows_come_as_are_asked_for() {
    let json = once(&["--once", "--format", "json", "--rows", "200"], &[]).json();
    for table in TABLES {
        assert_eq!(json[table]["rows"].as_array().unwrap().len(), 200, "{table}");
    }
}

#[test]
fn columns_come_in_their_order_and_uncut() {
    let json = once(&["--once", "--format", "json"], &[]).json();
    let values = |table: &str| -> String {
        let names: Vec<_> = json[table]["rows"][0].as_object().unwrap().keys().cloned().collect();
        names.join(" ") + " "
    };
    assert!(values("builds").starts_with("key id status image region duration created logUrl "));
    assert!(values("runner").starts_with("key queue region status runs runtime created note name "));
    assert!(values("vertex").starts_with("key job_id name state runtime created note region "));
    assert!(values("active").starts_with("key id name state runtime created "));
    assert!(values("completed").starts_with("key id name state runtime exit_code created "));
    assert_eq!(json["builds"]["rows"][0]["id"].as_str().unwrap().len(), 36);
    assert!(json["builds"]["rows"][0]["logUrl"].as_str().unwrap().len() > 50);
}

#[test]
fn a_seed_gives_the_same_rows_again_and_another_gives_others() {
    let ids = |seed: &str| {
        let json = once(&["--once", "--format", "json", "--seed", seed], &[]).json();
        TABLES.map(|table| json[table]["rows"].clone())
    };
    let first = ids("1");
    assert_eq!(first, ids("1"));
    assert_ne!(first, ids("2"));
}

#[test]
fn the_table_format_is_for_people() {
    let output = once(&["--once"], &[]);
    assert_eq!(output.code, Some(0));
    for title in ["Builds", "Runner", "Vertex", "Active", "Completed"] {
        assert!(output.stdout.lines().any(|line| line == title), "{title} in\n{}", output.stdout);
    }
    assert!(!output.stdout.contains('\u{1b}'), "no escape sequences in a file");
}

#[test]
fn bad_usage_is_said_clearly_and_exits_with_2() {
    for (arguments, said) in [
        (&["--bogus"][..], "unexpected argument '--bogus'"),
        (&["--refresh", "0"], "invalid value '0' for '--refresh"),
        (&["--refresh", "soon"], "invalid value 'soon'"),
        (&["--source", "nowhere", "--once"], "possible values: demo, live"),
        (&["--once", "--format", "xml"], "possible values: table, json"),
        (&["--region", "", "--once"], "--region"),
        (&["--seed=-1", "--once"], "--seed"),
    ] {
        let output = once(arguments, &[]);
        assert_eq!(output.code, Some(2), "{arguments:?}");
        assert!(output.stderr.contains(said), "{arguments:?}: {}", output.stderr);
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn help_names_every_option() {
    let output = once(&["--help"], &[]);
    assert_eq!(output.code, Some(0));
    for option in [
        "--once",
        "--format",
        "--source",
        "--seed",
        "--refresh",
        "--project",
        "--region",
        "--job",
        "--entity",
        "--wandb-project",
    ] {
        assert!(output.stdout.contains(option), "{option}");
    }
}

#[test]
fn without_a_terminal_and_without_once_it_says_so() {
    let output = once(&[], &[]);
    assert_ne!(output.code, Some(0));
    assert!(
        output.stderr.contains("not a terminal") && output.stderr.contains("--once"),
        "{}",
        output.stderr
    );
    assert!(output.stdout.is_empty(), "and draws nothing");
}
