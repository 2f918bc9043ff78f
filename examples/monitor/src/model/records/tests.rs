use super::*;
use crate::model::{Table, time};

fn at(text: &str) -> Option<Timestamp> {
    time::parse(text)
}

fn job() -> Job {
    Job {
        id: "4839201746352947200".to_owned(),
        name: Some("train".to_owned()),
        region: Some("us-central1".to_owned()),
        state: Status::of_job("JOB_STATE_FAILED"),
        created: at("2026-01-14T08:00:00Z"),
        started: at("2026-01-14T08:05:00Z"),
        ended: at("2026-01-14T08:30:00Z"),
        error: Some("\nquota exceeded\nin us-central1".to_owned()),
    }
}

fn run(word: &str) -> Run {
    Run {
        id: "abcd1234".to_owned(),
        name: None,
        state: Status::of_run(word),
        created: at("2026-01-14T08:00:00Z"),
        heartbeat: at("2026-01-14T09:00:00Z"),
        runtime: Some(SignedDuration::from_mins(30)),
        exit_code: Some(1),
        url: None,
    }
}

fn build(word: &str) -> Build {
    Build {
        id: "b".to_owned(),
        status: Status::of_build(word),
        image: None,
        region: None,
        created: None,
        started: None,
        ended: None,
        log_url: None,
        failure: None,
    }
}

#[test]
fn every_row_has_a_cell_for_each_column() {
    let execution = Execution {
        name: "x".to_owned(),
        queue: None,
        region: None,
        status: Status::of_execution(None, "", false),
        runs: (0, 1),
        failed: 0,
        created: None,
        started: None,
        ended: None,
        message: None,
        log_url: None,
    };
    let rows = [
        (Table::Builds, build("WORKING").into()),
        (Table::Runner, execution.into()),
        (Table::Vertex, job().into()),
        (Table::Active, run("running").into_active()),
        (Table::Completed, run("finished").into_completed()),
    ];
    for (table, row) in rows {
        let row: Row = row;
        assert_eq!(row.cells.len(), table.columns().len(), "{table}");
    }
}

#[test]
fn the_note_is_the_first_line_of_the_error_and_the_popup_has_all_of_it() {
    let row = Row::from(job());
    assert_eq!(row.cells[5], Cell::Text("quota exceeded".to_owned()));
    let described = row.full_texts(Table::Vertex, Timestamp::UNIX_EPOCH);
    assert!(described.contains(&("error", "\nquota exceeded\nin us-central1".to_owned())));
    assert!(described.contains(&("region", "us-central1".to_owned())));
}

#[test]
fn waiting_and_working_builds_are_the_active_ones() {
    let phase = |word| Row::from(build(word)).phase;
    for word in ["WORKING", "QUEUED", "PENDING"] {
        assert_eq!(phase(word), Phase::Active, "{word}");
    }
    for word in ["SUCCESS", "FAILURE", "TIMEOUT", "CANCELLED", "EXPIRED", "STATUS_UNKNOWN"] {
        assert_eq!(phase(word), Phase::Ended, "{word}");
    }
}

#[test]
fn a_running_run_ticks_on_from_its_last_heartbeat() {
    let row = run("running").into_active();
    assert_eq!(row.cells[3], Cell::Span(Span::Running(at("2026-01-14T08:30:00Z").expect("a time"))));
    assert!(row.ticks());
    let never_logged = Run { runtime: None, ..run("running") }.into_active();
    assert_eq!(never_logged.cells[3], Cell::Span(Span::Running(at("2026-01-14T08:00:00Z").expect("a time"))));
    assert_eq!(run("pending").into_active().cells[3], Cell::Missing);
}

#[test]
fn an_ended_run_has_its_runtime_and_exit_code() {
    let row = run("failed").into_completed();
    assert_eq!(row.cells[3], Cell::Span(Span::Ended(SignedDuration::from_mins(30))));
    assert_eq!(row.cells[4], Cell::Number(1));
    assert!(!row.ticks());
}

#[test]
fn what_is_over_without_an_end_does_not_tick() {
    let row = Row::from(Job { ended: None, ..job() });
    assert_eq!(row.cells[3], Cell::Missing);
    let cancelling = Job { ended: None, state: Status::of_job("JOB_STATE_CANCELLING"), ..job() };
    assert!(Row::from(cancelling).ticks());
}
