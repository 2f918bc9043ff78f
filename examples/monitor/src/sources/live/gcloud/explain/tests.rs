use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use super::*;

fn failed(code: i32, stderr: &[u8]) -> SourceError {
    let output = ChildOutput {
        status: Some(ExitStatus::from_raw(code << 8)),
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
    assert!(error.chars().count() < 1200);
}

#[test]
fn a_missing_project_is_told_apart_from_a_missing_region() {
    let stderr = b"ERROR: (gcloud.ai.custom-jobs.list) Error parsing [region].\nThe [region] resource is not properly specified.\nFailed to find attribute [project]. The attribute can be set in the following ways: \n- provide the argument `--project` on the command line\n- set the property `core/project`";
    let error = failed(1, stderr);
    assert_eq!(error.kind(), ErrorKind::NotConfigured);
    assert!(error.to_string().starts_with("no project is set"), "{error}");
    assert!(error.to_string().contains("--project PROJECT"), "{error}");
}

#[test]
fn what_stands_before_the_error_does_not_hide_it() {
    let warned = "WARNING: quota exceeded is not what this is about\n".repeat(50)
        + "ERROR: (gcloud.builds.list) PERMISSION_DENIED: no";
    let error = failed(1, warned.as_bytes());
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert!(error.to_string().contains("PERMISSION_DENIED: no"), "{error}");

    let traceback = "WARNING: old Python\nTraceback (most recent call last):\n  File \"gcloud.py\", line 1\nOSError: disk full\n";
    assert!(failed(1, traceback.as_bytes()).to_string().contains("(OSError: disk full)"));
    let warning = failed(1, b"WARNING: old Python\nsomething else\n");
    assert!(warning.to_string().contains("(something else)"), "{warning}");
}

#[test]
fn the_address_under_which_an_api_is_enabled_is_told_whole() {
    let address = "https://console.developers.google.com/apis/api/cloudbuild.googleapis.com/overview?project=123456789012";
    let said = format!(
        "ERROR: (gcloud.builds.list) PERMISSION_DENIED: Cloud Build API has not been used in project 123456789012 before or it is disabled. \
         Enable it by visiting {address} then retry. If you enabled this API recently, wait a few minutes for the action to propagate \
         to our systems and retry. This command is authenticated as somebody@example.com which is the active account."
    );
    assert!(failed(1, said.as_bytes()).to_string().contains(address));
}
