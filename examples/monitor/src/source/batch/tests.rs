use std::time::Duration;

use super::*;
use crate::source::ErrorKind;

fn part(region: Option<&str>, what: &str) -> PartError {
    PartError {
        region: region.map(str::to_owned),
        extent: Extent::Whole,
        error: SourceError::new(ErrorKind::Denied, what),
    }
}

#[test]
fn regions_with_the_same_error_are_reported_together() {
    let text = |failed: &[PartError]| combined(failed).map(|error| error.to_string());
    let failed = [part(Some("a"), "denied"), part(Some("b"), "gone"), part(Some("c"), "denied")];
    assert_eq!(text(&failed).as_deref(), Some("a, c: denied | b: gone"));
    assert_eq!(text(&[part(None, "denied"), part(None, "denied")]).as_deref(), Some("denied"));
    assert_eq!(text(&[]), None);
}

#[test]
fn an_error_says_what_failed_and_what_to_do() {
    let error = SourceError::new(ErrorKind::NotLoggedIn, "gcloud is not logged in")
        .with_advice("run `gcloud auth login`");
    assert_eq!(error.to_string(), "gcloud is not logged in; run `gcloud auth login`");
}

#[test]
fn all_failures_as_one_wait_for_the_last() {
    let mut batch = Batch::complete(Vec::new(), Timestamp::UNIX_EPOCH);
    for (region, seconds) in [("a", 5), ("b", 40), ("c", 7)] {
        let mut part = part(Some(region), region);
        part.error = part.error.with_retry_after(Duration::from_secs(seconds));
        batch.failed.push(part);
    }
    batch.failed.push(part(Some("d"), "denied"));
    let all = batch.failure().expect("a failure");
    assert_eq!(all.retry_after(), Some(Duration::from_secs(40)));
}
