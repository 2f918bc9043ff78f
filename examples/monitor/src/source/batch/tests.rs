use super::*;
use crate::model::Phase;
use crate::source::ErrorKind;

fn row(key: &str, region: &str) -> Row {
    Row {
        key: key.to_owned(),
        region: Some(region.to_owned()),
        phase: Phase::Ended,
        created: None,
        cells: Vec::new(),
        details: Vec::new(),
    }
}

fn part(region: Option<&str>, what: &str) -> PartError {
    PartError {
        region: region.map(str::to_owned),
        extent: Extent::Whole,
        error: SourceError::new(ErrorKind::Denied, what),
    }
}

fn keys(batch: &Batch) -> Vec<&str> {
    batch.rows.iter().map(|row| row.key.as_str()).collect()
}

#[test]
fn rows_of_a_region_that_failed_are_kept_and_those_of_others_replaced() {
    let mut batch = Batch::complete(vec![row("new", "a")], Timestamp::UNIX_EPOCH);
    batch.failed.push(part(Some("b"), "denied"));
    assert_eq!(batch.retain_failed_regions(&[row("gone", "a"), row("kept", "b")]), ["kept"]);
    assert_eq!(keys(&batch), ["new", "kept"]);
}

#[test]
fn a_row_that_came_again_is_not_doubled() {
    let mut batch = Batch::complete(vec![row("same", "a")], Timestamp::UNIX_EPOCH);
    batch.failed.push(part(Some("a"), "denied"));
    assert_eq!(batch.retain_failed_regions(&[row("same", "a"), row("missed", "a")]), ["missed"]);
    assert_eq!(keys(&batch), ["same", "missed"]);
}

#[test]
fn an_unreadable_row_or_page_keeps_nothing() {
    for failed in [
        PartError { extent: Extent::Some, ..part(Some("a"), "1 of 2 builds could not be read") },
        PartError { extent: Extent::Some, ..part(None, "page 2 is missing") },
        part(None, "it could not be said where"),
    ] {
        let mut batch = Batch::complete(vec![row("new", "a")], Timestamp::UNIX_EPOCH);
        batch.failed.push(failed);
        assert_eq!(batch.retain_failed_regions(&[row("gone", "a"), row("gone too", "b")]), [""; 0]);
        assert_eq!(keys(&batch), ["new"]);
    }
}

#[test]
fn nothing_is_kept_when_nothing_failed() {
    let mut batch = Batch::complete(Vec::new(), Timestamp::UNIX_EPOCH);
    assert_eq!(batch.retain_failed_regions(&[row("old", "a")]), [""; 0]);
    assert_eq!(keys(&batch), [""; 0]);
    assert_eq!(batch.failure(), None);
}

#[test]
fn regions_with_the_same_error_are_reported_together() {
    let mut batch = Batch::complete(Vec::new(), Timestamp::UNIX_EPOCH);
    batch.failed = vec![part(Some("a"), "denied"), part(Some("b"), "gone"), part(Some("c"), "denied")];
    assert_eq!(batch.failure().expect("a failure").to_string(), "a, c: denied | b: gone");
    batch.failed = vec![part(None, "denied"), part(None, "denied")];
    assert_eq!(batch.failure().expect("a failure").to_string(), "denied");
}

#[test]
fn an_error_says_what_failed_and_what_to_do() {
    let error = SourceError::new(ErrorKind::NotLoggedIn, "gcloud is not logged in")
        .with_advice("run `gcloud auth login`");
    assert_eq!(error.to_string(), "gcloud is not logged in; run `gcloud auth login`");
}
