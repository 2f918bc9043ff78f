use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use tempfile::TempDir;
use worker_core::{WaitError, WorkerManager};

use super::*;
use crate::model::{Phase, Row};

/// A directory with a fake `gcloud`, a shell script.
struct FakeGcloud {
    dir: TempDir,
}

impl FakeGcloud {
    fn new(script: &str) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        fs::write(dir.path().join("script"), format!("#!/bin/sh\n{script}\n")).expect("written");
        let commands = "cp script gcloud && chmod +x gcloud";
        // Another process writes the program. If this one did, a concurrent fork in another test
        // could hold it open, and running it would fail with "text file busy".
        let made = Command::new("sh").args(["-c", commands]).current_dir(dir.path()).status().expect("sh");
        assert!(made.success());
        Self { dir }
    }

    fn config(&self, regions: &[&str]) -> GcloudConfig {
        GcloudConfig {
            program: self.dir.path().join("gcloud"),
            project: Some("demo".to_owned()),
            regions: regions.iter().map(|&region| region.to_owned()).collect(),
            env: vec![("DIR".into(), self.dir.path().into())],
            ..GcloudConfig::default()
        }
    }
}

fn list(config: GcloudConfig, listing: Listing) -> Result<Vec<String>, String> {
    batch(config, listing).map(|(keys, _)| keys)
}

/// The keys of the rows, and the failed parts.
fn batch(config: GcloudConfig, listing: Listing) -> Result<(Vec<String>, Vec<PartError>), String> {
    let gcloud = Gcloud::new(config);
    let worker = WorkerManager::new().worker("test").exit_on_error(false).thread(move |cx| {
        let batch = gcloud.list(listing, gcloud.regions().first().map(String::as_str), cx)?;
        Ok((batch.rows.into_iter().map(|row| row.key).collect::<Vec<_>>(), batch.failed))
    });
    worker.wait().cloned().map_err(|error| error.to_string())
}

#[test]
fn each_table_asks_its_own_question() {
    let fake =
        FakeGcloud::new(r#"echo "$@" "[$CLOUDSDK_CORE_DISABLE_PROMPTS]" >> "$DIR/invocations"; echo '[]'"#);
    for table in [Listing::Builds, Listing::Executions, Listing::Jobs] {
        assert_eq!(list(fake.config(&["r1"]), table), Ok(Vec::new()));
    }
    let invocations = fs::read_to_string(fake.dir.path().join("invocations")).expect("invocations");
    assert_eq!(
        invocations.lines().collect::<Vec<_>>(),
        [
            "builds list --region=r1 --project=demo --limit=40 --format=json [1]",
            "run jobs executions list --region=r1 --project=demo --job=vertex-ai-launcher --limit=20 --format=json [1]",
            "ai custom-jobs list --region=r1 --project=demo --limit=20 --format=json [1]",
        ]
    );
}

#[test]
fn a_region_with_an_unreadable_row_counts_as_partly_failed() {
    let fake = FakeGcloud::new(r#"echo '[{"id":"good"},{"id":5}]'"#);
    let (keys, failed) = batch(fake.config(&["a"]), Listing::Builds).expect("rows");
    assert_eq!(keys, ["good"]);
    assert_eq!((failed[0].error.kind(), failed[0].extent), (ErrorKind::BadReply, Extent::Some));
}

#[test]
fn a_failed_exit_status_overrides_an_empty_list() {
    let fake = FakeGcloud::new("echo '[]'; echo 'ERROR: (gcloud.builds.list) NOT_FOUND: x' >&2; exit 1");
    assert!(list(fake.config(&["a"]), Listing::Builds).expect_err("failed").starts_with("not found"));
}

#[test]
fn without_a_region_gcloud_decides() {
    let fake = FakeGcloud::new(r#"case "$*" in *--region*) exit 9;; esac; echo '[{"name":"customJobs/7"}]'"#);
    assert_eq!(list(fake.config(&[]), Listing::Jobs), Ok(vec!["7".to_owned()]));
}

#[test]
fn a_missing_gcloud_is_reported_with_advice() {
    let config = GcloudConfig { program: "no-such-gcloud".into(), ..GcloudConfig::default() };
    let error = list(config, Listing::Builds).expect_err("not there");
    assert!(error.contains("`no-such-gcloud` was not found") && error.contains("install"), "{error}");
}

#[test]
fn a_gcloud_over_its_time_limit_is_killed_and_reported() {
    let fake = FakeGcloud::new("sleep 1000");
    let config = GcloudConfig { time_limit: Duration::from_millis(100), ..fake.config(&["a"]) };
    let caps = Caps::all(1);
    let error = list(GcloudConfig { caps, ..config }, Listing::Executions).expect_err("too long");
    assert!(error.contains("within 100ms") && error.contains("stopped"), "{error}");
}

#[test]
fn a_cancel_kills_the_child_with_all_it_started() {
    let fake = FakeGcloud::new(r#"exec 3>"$DIR/alive"; (sleep 1000 & sleep 1000) & echo up >&3; sleep 1000"#);
    let alive = fake.dir.path().join("alive");
    assert!(Command::new("mkfifo").arg(&alive).status().expect("mkfifo").success());
    // So long that the time limit cannot be what ends them.
    let time_limit = Duration::from_hours(1);
    let gcloud = Gcloud::new(GcloudConfig { time_limit, ..fake.config(&["a"]) });
    let worker = WorkerManager::new()
        .worker("builds")
        .exit_on_error(false)
        .thread(move |cx| Ok(gcloud.list(Listing::Builds, Some("a"), cx).map(|batch| batch.rows.len())?));
    let mut pipe = File::open(&alive).expect("opened");
    let mut up = [0; 3];
    pipe.read_exact(&mut up).expect("it is up");
    worker.cancel();
    assert!(worker.wait().is_err_and(|error: WaitError| error.is_cancelled()));
    // The pipe ends when no process holds it any more: all have exited.
    let mut rest = Vec::new();
    pipe.read_to_end(&mut rest).expect("the end");
    assert!(rest.is_empty());
}

#[test]
fn the_environment_given_is_the_childs() {
    let fake = FakeGcloud::new(r#"test "$EXTRA" = here && echo '[{"id":"seen"}]'"#);
    let mut config = fake.config(&["a"]);
    config.env.push(("EXTRA".into(), "here".into()));
    assert_eq!(list(config, Listing::Builds), Ok(vec!["seen".to_owned()]));
}

#[test]
fn a_program_without_permission_is_reported() {
    let fake = FakeGcloud::new("echo");
    let config = GcloudConfig { program: Path::new("/").join("tmp"), ..fake.config(&["a"]) };
    assert!(list(config, Listing::Builds).expect_err("a directory").contains("may not be run"));
}

fn row(key: &str, phase: Phase) -> Row {
    Row {
        key: key.to_owned(),
        region: Some("r1".to_owned()),
        phase,
        created: None,
        cells: Vec::new(),
        details: Vec::new(),
    }
}

fn in_a_worker<T: Clone + Send + Sync + 'static>(
    config: GcloudConfig,
    body: impl FnOnce(&Gcloud, &WorkerContext) -> worker_core::Result<T> + Send + 'static,
) -> Result<T, String> {
    let gcloud = Gcloud::new(config);
    let worker = WorkerManager::new().worker("test").exit_on_error(false).thread(move |cx| body(&gcloud, cx));
    worker.wait().cloned().map_err(|error| error.to_string())
}

fn log_of(config: GcloudConfig, listing: Listing, row: Row) -> Result<Vec<String>, String> {
    in_a_worker(config, move |gcloud, cx| {
        let all = std::sync::Mutex::new(Vec::new());
        gcloud.follow_log(listing, &row, cx, &|mut lines| {
            all.lock().expect("no panic").append(&mut lines);
            Ok(())
        })?;
        Ok(all.into_inner().expect("no panic"))
    })
}

#[test]
fn m09_a_build_that_runs_is_streamed_and_entries_are_read_oldest_first() {
    let fake = FakeGcloud::new(
        r#"echo "$@" >> "$DIR/invocations"
        case "$1" in builds) echo one; echo two; printf three;;
        *) echo '[{"textPayload":"later"},{"textPayload":"earlier"}]';; esac"#,
    );
    let lines = log_of(fake.config(&[]), Listing::Builds, row("b-1", Phase::Active));
    assert_eq!(lines.as_deref(), Ok(&["one", "two", "three"].map(str::to_owned)[..]));
    let lines = log_of(fake.config(&[]), Listing::Executions, row("x-1", Phase::Ended));
    assert_eq!(lines.as_deref(), Ok(&["earlier", "later"].map(str::to_owned)[..]));
    let invocations = fs::read_to_string(fake.dir.path().join("invocations")).expect("invocations");
    assert_eq!(invocations.lines().next(), Some("builds log b-1 --region=r1 --project=demo --stream"));
    assert!(
        invocations.contains(r#"labels."run.googleapis.com/execution_name"="x-1" --freshness=30d"#),
        "{invocations}"
    );
}

#[test]
fn m08_each_kind_is_stopped_by_its_own_command_and_gcloud_says_why_not() {
    let fake = FakeGcloud::new(
        r#"echo "$@" >> "$DIR/invocations"
        case "$*" in *denied*) echo 'ERROR: (gcloud.x) PERMISSION_DENIED: not yours' >&2; exit 1;; esac"#,
    );
    let stop = |listing, key: &str| {
        let row = row(key, Phase::Active);
        in_a_worker(fake.config(&[]), move |gcloud, cx| Ok(gcloud.stop(listing, &row, cx)?))
    };
    for (listing, key) in [(Listing::Builds, "b"), (Listing::Executions, "x"), (Listing::Jobs, "7")] {
        assert_eq!(stop(listing, key), Ok(()));
    }
    assert!(stop(Listing::Builds, "denied").expect_err("refused").contains("PERMISSION_DENIED: not yours"));
    for hostile in ["--impersonate-service-account=x", "", "a b", "a\" OR \"", "-1"] {
        let error = stop(Listing::Jobs, hostile).expect_err("not run");
        assert!(error.contains("an id that cannot be one"), "{error}");
    }
    let invocations = fs::read_to_string(fake.dir.path().join("invocations")).expect("invocations");
    assert_eq!(
        invocations.lines().take(3).collect::<Vec<_>>(),
        [
            "builds cancel b --region=r1 --project=demo",
            "run jobs executions cancel x --quiet --region=r1 --project=demo",
            "ai custom-jobs cancel 7 --region=r1 --project=demo",
        ]
    );
    assert_eq!(invocations.lines().count(), 4, "no hostile id was passed on");
}

#[test]
fn a_list_that_is_too_large_is_told_with_its_limit() {
    let fake = FakeGcloud::new("head -c 20000000 /dev/zero");
    for (regions, limit) in [(&["a"][..], "more than 16 MB"), (&["a", "b"], "more than 8 MB")] {
        let error = list(fake.config(regions), Listing::Jobs).expect_err("too large");
        assert!(error.contains(limit) && error.contains("--rows"), "{error}");
    }
}
