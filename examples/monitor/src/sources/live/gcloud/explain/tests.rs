use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use super::*;

fn failed(code: i32, stderr: &[u8]) -> SourceError {
    let output = ChildOutput {
        status: ExitStatus::from_raw(code << 8),
        stdout: b"[]\n".to_vec(),
        stderr: stderr.to_vec(),
    };
    failure(&output, Some("demo"))
}

#[test]
fn each_failure_people_meet_is_recognised() {
    let cases: &[(&str, ErrorKind, &str)] = &[
        (
            "ERROR: (gcloud.builds.list) You do not currently have an active account selected.\nPlease run:\n\n  $ gcloud auth login\n",
            ErrorKind::NotLoggedIn,
            "gcloud auth login",
        ),
        (
            "ERROR: (gcloud.builds.list) There was a problem refreshing your current auth tokens: ('invalid_grant: Bad Request')",
            ErrorKind::NotLoggedIn,
            "has expired",
        ),
        (
            "ERROR: (gcloud.builds.list) PERMISSION_DENIED: The caller does not have permission. This command …",
            ErrorKind::Denied,
            "in project demo",
        ),
        ("ERROR: (gcloud.ai.custom-jobs.list) NOT_FOUND: no such thing", ErrorKind::NotFound, "--region"),
        (
            "ERROR: (gcloud.ai.custom-jobs.list) RESOURCE_EXHAUSTED: Quota exceeded for quota metric",
            ErrorKind::RateLimited,
            "--refresh",
        ),
        (
            "ERROR: (gcloud.builds.list) unrecognized arguments: --colour\n",
            ErrorKind::Refused,
            "components update",
        ),
        (
            "ERROR: (gcloud.builds.list) The required property [project] is not currently set.",
            ErrorKind::NotConfigured,
            "--project",
        ),
        (
            "ERROR: (gcloud.builds.list) Unable to find the server at cloudbuild.googleapis.com",
            ErrorKind::Unreachable,
            "network",
        ),
        ("ERROR: (gcloud.builds.list) UNAVAILABLE: try later", ErrorKind::Unavailable, "try again"),
    ];
    for (stderr, problem, message) in cases {
        let error = failed(1, stderr.as_bytes());
        assert_eq!(error.kind(), *problem, "{stderr}");
        assert!(error.to_string().contains(message), "{error}");
    }
}

#[test]
fn the_endpoint_that_gcloud_names_on_success_too_is_not_the_error() {
    let stderr = b"Using endpoint [https://us-central1-aiplatform.googleapis.com/]\nERROR: (gcloud.ai.custom-jobs.list) NOT_FOUND: gone\n";
    let error = failed(1, stderr).to_string();
    assert!(error.contains("NOT_FOUND: gone") && !error.contains("endpoint"), "{error}");
}

#[test]
fn an_unknown_failure_quotes_gcloud() {
    let error = failed(3, b"\nTraceback (most recent call last):\n").to_string();
    assert!(error.contains("exit status: 3") && error.contains("Traceback"), "{error}");
    assert!(failed(1, b"").to_string().contains("exit status: 1"));
}

#[test]
fn a_long_or_binary_complaint_is_cut_and_readable() {
    let mut stderr = b"ERROR: (gcloud.x) ".to_vec();
    stderr.extend(std::iter::repeat_n(0xff, 100_000));
    let error = failed(1, &stderr).to_string();
    assert!(error.chars().count() < 500);
}

#[test]
fn a_missing_project_is_told_apart_from_a_missing_region() {
    let stderr = b"ERROR: (gcloud.ai.custom-jobs.list) Error parsing [region].\nThe [region] resource is not properly specified.\nFailed to find attribute [project]. The attribute can be set in the following ways: \n- provide the argument `--project` on the command line\n- set the property `core/project`";
    let error = failed(1, stderr);
    assert_eq!(error.kind(), ErrorKind::NotConfigured);
    assert!(error.to_string().starts_with("no project is set"), "{error}");
    assert!(error.to_string().contains("--project PROJECT"), "{error}");
}
