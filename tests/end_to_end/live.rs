//! `--source live`, with a fake gcloud and a fake W&B server.

use serde_json::Value;
use tests::{FakeGcloud, FakeWandb, LIVE, Output, once};

const JSON: [&str; 2] = ["--format", "json"];

fn live(gcloud: &FakeGcloud, wandb: &FakeWandb) -> Output {
    live_with(&JSON, &gcloud.path(), wandb)
}

/// Runs `--once` with these arguments.
fn live_with(arguments: &[&str], path: &str, wandb: &FakeWandb) -> Output {
    let environment =
        [("PATH", path), ("WANDB_BASE_URL", &wandb.url()), ("WANDB_API_KEY", "k3y-of-a-test"), ("HOME", "/")];
    once(&[&["--once"], &LIVE[..], arguments].concat(), &environment)
}

#[test]
fn live_rows_come_from_gcloud_and_wandb() {
    let (gcloud, wandb) = (FakeGcloud::with_rows(), FakeWandb::with_runs());
    let output = live(&gcloud, &wandb);
    assert_eq!(output.code, Some(0), "{} {}", output.stdout, output.stderr);
    let json = output.json();
    let row = |table: &str| json[table]["rows"][0].clone();
    assert_eq!(row("builds")["id"], "7f3c1a52-9d0e-4b7a-8a61-2f5d1c0be9a4");
    assert_eq!(
        (&row("builds")["image"], &row("builds")["region"]),
        (&"trainer".into(), &"us-central1".into())
    );
    assert_eq!(
        (&row("runner")["queue"], &row("runner")["status"]),
        (&"vertex-queue".into(), &"Failed".into())
    );
    assert_eq!(
        (&row("vertex")["job_id"], &row("vertex")["state"]),
        (&"4839201746352947200".into(), &"FAILED".into())
    );
    assert_eq!((&row("active")["id"], &row("active")["state"]), (&"a1b2c3d4".into(), &"running".into()));
    assert_eq!((&row("completed")["id"], &row("completed")["exit_code"]), (&"e5f6a7b8".into(), &Value::Null));
    let invocations = gcloud.invocations();
    assert_eq!(invocations.len(), 3);
    assert!(
        invocations[0].starts_with("ai custom-jobs list") && invocations[0].contains("--region=us-central1"),
        "{invocations:?}"
    );
    assert!(
        invocations.iter().all(|line| line.contains("--format=json") && line.contains("--project=demo")),
        "{invocations:?}"
    );
    assert!(invocations[2].contains("--job=vertex-ai-launcher"), "{invocations:?}");
    // base64("api:k3y-of-a-test"), of two tables with two questions each
    assert_eq!(wandb.authorizations(), ["Basic YXBpOmszeS1vZi1hLXRlc3Q="; 4]);
    assert!(wandb.bodies().iter().all(|body| body.contains("\"entity\":\"team\"")));
}

#[test]
fn the_key_of_one_service_is_not_handed_to_the_program_of_another() {
    let (gcloud, wandb) = (FakeGcloud::with_script("env > environment; echo '[]'"), FakeWandb::with_runs());
    assert_eq!(live(&gcloud, &wandb).code, Some(0));
    let environment = std::fs::read_to_string(gcloud.file("environment")).unwrap();
    assert!(environment.contains("HOME=/") && !environment.contains("WANDB"), "{environment}");
}

#[test]
fn a_monitor_that_is_killed_leaves_no_children() {
    let gcloud = FakeGcloud::with_script("(sleep 1000 & sleep 1000) & echo $$ > pid; sleep 1000");
    let path = gcloud.path();
    let mut monitor = std::process::Command::new(tests::monitor());
    monitor.args(["--once"]).args(LIVE).env_clear().env("PATH", path).env("HOME", "/");
    let mut monitor = monitor.stdout(std::process::Stdio::null()).spawn().unwrap();
    let group = loop {
        match std::fs::read_to_string(gcloud.file("pid")) {
            Ok(pid) if pid.ends_with('\n') => break pid.trim().to_owned(),
            _ => std::thread::yield_now(),
        }
    };
    monitor.kill().unwrap();
    monitor.wait().unwrap();
    let is_there = || {
        let found = std::process::Command::new("pgrep").args(["-g", &group]).output().unwrap();
        !found.stdout.is_empty()
    };
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while is_there() && std::time::Instant::now() < until {
        std::thread::yield_now();
    }
    assert!(!is_there(), "its children outlive it");
}

#[test]
fn no_more_rows_are_asked_for_than_are_to_be_shown() {
    let (gcloud, wandb) = (FakeGcloud::with_rows(), FakeWandb::with_runs());
    let output = live_with(&[&JSON[..], &["--rows", "7"]].concat(), &gcloud.path(), &wandb);
    assert_eq!(output.code, Some(0), "{} {}", output.stdout, output.stderr);
    // Active and ended builds are mixed in the list.
    let limits = ["--limit=7 ", "--limit=28 ", "--limit=7 "];
    let invocations = gcloud.invocations();
    assert!(invocations.iter().zip(limits).all(|(line, limit)| line.contains(limit)), "{invocations:?}");
    assert!(wandb.bodies().iter().all(|body| body.contains("\"perPage\":7,")), "{:?}", wandb.bodies());

    let wandb = FakeWandb::with_runs();
    let output = live_with(&[&JSON[..], &["--rows", "1000"]].concat(), &gcloud.path(), &wandb);
    assert_eq!(output.code, Some(0), "{} {}", output.stdout, output.stderr);
    assert!(wandb.bodies().iter().all(|body| body.contains("\"perPage\":100,")), "page by page");
}

#[test]
fn every_region_is_asked() {
    let (gcloud, wandb) = (FakeGcloud::with_rows(), FakeWandb::with_runs());
    let arguments = [&JSON[..], &["--region", "europe-west4"]].concat();
    let output = live_with(&arguments, &gcloud.path(), &wandb);
    assert_eq!(output.code, Some(0), "{}", output.stdout);
    let invocations = gcloud.invocations();
    for region in ["us-central1", "europe-west4"] {
        assert_eq!(
            invocations.iter().filter(|line| line.contains(&format!("--region={region}"))).count(),
            3,
            "{invocations:?}"
        );
    }
}

/// The error of a table in a run that failed.
fn error_of(output: &Output, table: &str) -> String {
    assert_eq!(output.code, Some(1), "{}", output.stderr);
    output.json()[table]["error"].as_str().unwrap_or_else(|| panic!("{table}: {}", output.stdout)).to_owned()
}

#[test]
fn without_gcloud_it_says_what_to_install_and_the_other_tables_come() {
    let output = live_with(&JSON, "/nowhere", &FakeWandb::with_runs());
    for table in ["builds", "runner", "vertex"] {
        let error = error_of(&output, table);
        assert!(error.contains("gcloud") && error.contains("install"), "{error}");
    }
    assert_eq!(output.json()["active"]["error"], Value::Null);
    assert_eq!(output.json()["active"]["rows"][0]["id"], "a1b2c3d4");
}

#[test]
fn errors_of_gcloud_are_explained() {
    let wandb = FakeWandb::with_runs();
    for (message, expected) in [
        (
            "ERROR: (gcloud.builds.list) You do not currently have an active account selected.",
            "gcloud auth login",
        ),
        (
            "ERROR: (gcloud.builds.list) There was a problem refreshing your current auth tokens: x",
            "gcloud auth login",
        ),
        ("ERROR: (gcloud.builds.list) PERMISSION_DENIED: The caller does not have permission", "permission"),
        ("ERROR: (gcloud.builds.list) RESOURCE_EXHAUSTED: Quota exceeded for quota metric", "quota"),
        ("ERROR: (gcloud.builds.list) NOT_FOUND: nothing here", "not found"),
    ] {
        // Like the real gcloud: an empty list on standard output, and exit status 1.
        let gcloud = FakeGcloud::with_script(&format!("echo '[]'; echo '{message}' >&2; exit 1\n"));
        let error = error_of(&live(&gcloud, &wandb), "builds");
        assert!(error.to_lowercase().contains(expected), "{message}: {error}");
    }
}

#[test]
fn malformed_output_of_gcloud_is_reported() {
    let wandb = FakeWandb::with_runs();
    for script in
        ["echo 'not json'", "echo '{\"a\": 1}'", "echo '[1, 2]'", "printf '[\\377\\376'", "printf ''"]
    {
        let error = error_of(&live(&FakeGcloud::with_script(script), &wandb), "builds");
        assert!(error.contains("gcloud"), "{script}: {error}");
        assert!(!error.contains('\n') && !error.contains('\u{1b}'), "{error:?}");
    }
}

#[test]
fn a_name_with_escape_sequences_reaches_no_terminal() {
    let name = "\\u001b[31mred\\u0007\\u001b]0;title\\u0007";
    let script = format!(
        "case $1 in ai) echo '[{{\"name\":\"p/l/r/customJobs/1\",\"displayName\":\"{name}\",\"state\":\"JOB_STATE_RUNNING\"}}]';; *) echo '[]';; esac"
    );
    let (gcloud, wandb) = (FakeGcloud::with_script(&script), FakeWandb::with_runs());
    let printed = live_with(&["--format", "table"], &gcloud.path(), &wandb);
    assert!(printed.stdout.contains("red"), "{}", printed.stdout);
    assert!(!printed.stdout.contains(['\u{1b}', '\u{7}']), "{:?}", printed.stdout);
    let json = live(&gcloud, &wandb).json();
    assert_eq!(
        json["vertex"]["rows"][0]["name"], "\u{1b}[31mred\u{7}\u{1b}]0;title\u{7}",
        "JSON keeps it as it is"
    );
}

#[test]
fn errors_of_wandb_are_explained() {
    let gcloud = FakeGcloud::with_rows();
    for (status, body, expected) in [
        (401, "{\"error\":\"unauthorized\"}", "WANDB_API_KEY"),
        (403, "{\"error\":\"permission denied\"}", "permission"),
        (404, "{}", "404"),
        (200, "{\"data\":{\"project\":null}}", "train"),
        (200, "{\"errors\":[\"broken query\", {\"message\":\"second\"}]}", "broken query"),
        (200, "not json", "JSON"),
        (200, "{\"data\":[]}", "WANDB_BASE_URL"),
    ] {
        let output = live(&gcloud, &FakeWandb::with_answer(status, body));
        for table in ["active", "completed"] {
            let error = error_of(&output, table);
            assert!(error.contains(expected), "{status} {body}: {error}");
            assert!(!error.contains("k3y-of-a-test"), "a secret in {error}");
        }
        assert_eq!(output.json()["builds"]["error"], Value::Null, "the others go on");
    }
}
