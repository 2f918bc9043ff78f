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
