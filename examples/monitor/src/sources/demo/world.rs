//! [`World`]: the demo's rows at a given time, as a pure function of the seed and the time.
//!
//! Items of each kind arrive in an endless sequence, one per `interval_ms` on average. The seed and
//! the item's number determine when it arrives, how long it queues, how long it runs and how it
//! ends.

use jiff::{SignedDuration, Timestamp};

use super::names;
use crate::model::{Build, Execution, Job, Row, Run, State, Status, Table};

/// The time at which every demo world starts: 2026-01-14T09:30:00Z.
pub const EPOCH: Timestamp = Timestamp::constant(1_768_383_000, 0);

/// The parameters of one kind of item.
#[derive(Clone, Copy, Debug)]
struct Workload {
    kind: &'static str,
    /// Average time between arrivals, in milliseconds.
    interval_ms: i64,
    /// Time in the queue, in seconds: from, to.
    queue_secs: (i64, i64),
    /// Time running, in seconds: from, to.
    run_secs: (i64, i64),
    /// How many of the latest arrivals are considered.
    window: i64,
}

const BUILDS: Workload =
    Workload { kind: "build", interval_ms: 55_000, queue_secs: (15, 90), run_secs: (60, 420), window: 24 };
const EXECUTIONS: Workload = Workload {
    kind: "execution",
    interval_ms: 170_000,
    queue_secs: (5, 40),
    run_secs: (240, 1500),
    window: 12,
};
const JOBS: Workload =
    Workload { kind: "job", interval_ms: 210_000, queue_secs: (30, 400), run_secs: (300, 2400), window: 14 };
const RUNS: Workload =
    Workload { kind: "run", interval_ms: 130_000, queue_secs: (5, 60), run_secs: (200, 1800), window: 26 };

impl Workload {
    /// Widens the window so that it has at least this many items.
    fn with_at_least(self, rows: i64) -> Self {
        // Two more, because the latest may not have arrived yet.
        Self { window: rows + 2, ..self }
    }

    /// Adapts interval and window so that at least this many items are active and this many have
    /// ended.
    fn with_at_least_of_each(self, rows: i64) -> Self {
        let life = (self.queue_secs.0 + self.queue_secs.1 + self.run_secs.0 + self.run_secs.1) / 2 * 1000;
        // Twice as many, because some items are active for much less than the average.
        let interval_ms = (life / (rows * 2)).clamp(1, self.interval_ms);
        let longest = (self.queue_secs.1 + self.run_secs.1) * 1000;
        Self { interval_ms, window: longest / interval_ms + rows + 2, ..self }
    }
}

/// One item and its stage at the requested time.
struct Item {
    number: i64,
    created: Timestamp,
    began: Timestamp,
    ended: Timestamp,
    stage: Stage,
    rng: fastrand::Rng,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Queued,
    Running,
    Ended,
}

impl Item {
    fn started(&self) -> Option<Timestamp> {
        (self.stage != Stage::Queued).then_some(self.began)
    }

    fn ended(&self) -> Option<Timestamp> {
        (self.stage == Stage::Ended).then_some(self.ended)
    }
}

/// The world of one seed.
#[derive(Clone, Copy, Debug)]
pub(super) struct World {
    seed: u64,
    /// How many rows each table has; `None` leaves it to the simulation.
    rows: Option<usize>,
}

impl World {
    pub(super) const fn new(seed: u64, rows: Option<usize>) -> Self {
        Self { seed, rows }
    }

    /// The workload, adapted to the requested number of rows.
    fn workload(self, workload: Workload, enough: fn(Workload, i64) -> Workload) -> Workload {
        self.rows.and_then(|rows| i64::try_from(rows).ok()).map_or(workload, |rows| enough(workload, rows))
    }

    fn row_limit(self) -> usize {
        self.rows.unwrap_or(usize::MAX)
    }

    /// A random generator that depends only on the seed, the kind of item and its number.
    pub(super) fn rng(self, kind: &str, number: u64) -> fastrand::Rng {
        // FNV-1a: the rows of a seed must not depend on the standard library's hasher.
        let bytes = self.seed.to_le_bytes().into_iter().chain(kind.bytes()).chain(number.to_le_bytes());
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        fastrand::Rng::with_seed(hash)
    }

    fn latest(self, workload: Workload, now: Timestamp) -> impl Iterator<Item = Item> {
        self.items(self.workload(workload, Workload::with_at_least), now).take(self.row_limit())
    }

    fn runs(self, now: Timestamp, wanted: impl Fn(Stage) -> bool) -> impl Iterator<Item = Item> {
        let workload = self.workload(RUNS, Workload::with_at_least_of_each);
        self.items(workload, now).filter(move |item| wanted(item.stage)).take(self.row_limit())
    }

    fn items(self, workload: Workload, now: Timestamp) -> impl Iterator<Item = Item> {
        let elapsed = now.duration_since(EPOCH).as_secs() * 1000;
        let newest = elapsed.div_euclid(workload.interval_ms);
        (newest - workload.window..=newest).rev().filter_map(move |number| {
            let mut rng = self.rng(workload.kind, number.cast_unsigned());
            let created = EPOCH
                + SignedDuration::from_secs((number * workload.interval_ms).div_euclid(1000))
                + SignedDuration::from_secs(rng.i64(0..(workload.interval_ms / 2000).max(1)));
            let began =
                created + SignedDuration::from_secs(rng.i64(workload.queue_secs.0..workload.queue_secs.1));
            let ended = began + SignedDuration::from_secs(rng.i64(workload.run_secs.0..workload.run_secs.1));
            let stage = match () {
                () if now < began => Stage::Queued,
                () if now < ended => Stage::Running,
                () => Stage::Ended,
            };
            (created <= now).then_some(Item { number, created, began, ended, stage, rng })
        })
    }

    /// The rows of a table at a moment.
    pub(super) fn rows(self, table: Table, now: Timestamp) -> Vec<Row> {
        let active = |stage| stage != Stage::Ended;
        match table {
            Table::Builds => self.latest(BUILDS, now).map(|mut item| build(&mut item).into()).collect(),
            Table::Runner => {
                self.latest(EXECUTIONS, now).map(|mut item| execution(&mut item).into()).collect()
            }
            Table::Vertex => self.latest(JOBS, now).map(|mut item| job(&mut item).into()).collect(),
            Table::Active => {
                self.runs(now, active).map(|mut item| run(&mut item, now).into_active()).collect()
            }
            Table::Completed => self
                .runs(now, move |stage| !active(stage))
                .map(|mut item| run(&mut item, now).into_completed())
                .collect(),
        }
    }
}

fn choose(rng: &mut fastrand::Rng, from: &[&'static str]) -> &'static str {
    from[rng.usize(0..from.len())]
}

fn build(item: &mut Item) -> Build {
    let rng = &mut item.rng;
    let (high, low) = (rng.u64(..), rng.u64(..));
    let id = format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0xfff,
        low & 0xffff_ffff_ffff
    );
    let region = choose(rng, names::REGIONS);
    let image = choose(rng, names::IMAGES);
    let failure = choose(rng, names::BUILD_FAILURES);
    let status = match (item.stage, rng.u8(0..100)) {
        (Stage::Queued, 0..15) => "PENDING",
        (Stage::Queued, _) => "QUEUED",
        (Stage::Running, _) => "WORKING",
        (Stage::Ended, 0..68) => "SUCCESS",
        (Stage::Ended, 68..86) => "FAILURE",
        (Stage::Ended, 86..93) => "TIMEOUT",
        (Stage::Ended, _) => "CANCELLED",
    };
    Build {
        status: Status::of_build(status),
        image: Some(image.to_owned()),
        region: Some(region.to_owned()),
        created: Some(item.created),
        started: item.started(),
        ended: item.ended(),
        log_url: Some(format!(
            "https://console.cloud.google.com/cloud-build/builds;region={region}/{id}?project=123456789012"
        )),
        failure: (status == "FAILURE").then(|| failure.to_owned()),
        id,
    }
}

fn execution(item: &mut Item) -> Execution {
    let suffix: String = (0..5).map(|_| item.rng.alphanumeric().to_ascii_lowercase()).collect();
    let queue = choose(&mut item.rng, names::QUEUES);
    let region = choose(&mut item.rng, names::REGIONS);
    let message = choose(&mut item.rng, names::EXECUTION_ERRORS);
    let tasks = item.rng.i64(1..5);
    let fails = item.rng.u8(0..100) < 20;
    let (completed, succeeded) = match item.stage {
        Stage::Ended if fails => (Some("False"), item.rng.i64(0..tasks)),
        Stage::Ended => (Some("True"), tasks),
        _ => (Some("Unknown"), 0),
    };
    let failed = completed == Some("False");
    Execution {
        name: format!("vertex-ai-launcher-{suffix}"),
        queue: Some(queue.to_owned()),
        region: Some(region.to_owned()),
        status: Status::of_execution(completed, "NonZeroExitCode", item.stage != Stage::Queued),
        runs: (succeeded, tasks),
        failed: if failed { tasks - succeeded } else { 0 },
        created: Some(item.created),
        started: item.started(),
        ended: item.ended(),
        message: failed.then(|| message.to_owned()),
        log_url: None,
    }
}

fn job(item: &mut Item) -> Job {
    let id = item.rng.u64(1_000_000_000_000_000_000..9_000_000_000_000_000_000);
    let name = format!("{}-{}", choose(&mut item.rng, names::JOBS), choose(&mut item.rng, names::MODELS));
    let region = choose(&mut item.rng, names::REGIONS);
    let error = choose(&mut item.rng, names::JOB_ERRORS);
    let state = match (item.stage, item.rng.u8(0..100)) {
        (Stage::Queued, 0..40) => "JOB_STATE_QUEUED",
        (Stage::Queued, _) => "JOB_STATE_PENDING",
        (Stage::Running, _) => "JOB_STATE_RUNNING",
        (Stage::Ended, 0..65) => "JOB_STATE_SUCCEEDED",
        (Stage::Ended, 65..88) => "JOB_STATE_FAILED",
        (Stage::Ended, _) => "JOB_STATE_CANCELLED",
    };
    Job {
        id: id.to_string(),
        name: Some(name),
        region: Some(region.to_owned()),
        state: Status::of_job(state),
        created: Some(item.created),
        started: item.started(),
        ended: item.ended(),
        error: (state == "JOB_STATE_FAILED").then(|| error.to_owned()),
    }
}

fn run(item: &mut Item, now: Timestamp) -> Run {
    let id: String = (0..8).map(|_| item.rng.alphanumeric().to_ascii_lowercase()).collect();
    let adjective = choose(&mut item.rng, names::ADJECTIVES);
    let noun = choose(&mut item.rng, names::NOUNS);
    let (raw, exit_code) = match (item.stage, item.rng.u8(0..100)) {
        (Stage::Queued, _) => ("pending", None),
        (Stage::Running, 0..8) => ("preempting", None),
        (Stage::Running, _) => ("running", None),
        (Stage::Ended, 0..62) => ("finished", Some(0)),
        (Stage::Ended, 62..80) => ("failed", Some(1)),
        (Stage::Ended, 80..92) => ("crashed", Some(255)),
        (Stage::Ended, _) => ("killed", None),
    };
    let state = Status::of_run(raw);
    let until = if item.stage == Stage::Ended { item.ended } else { now };
    let runtime = (state.state != State::Pending).then(|| until.duration_since(item.began));
    Run {
        url: Some(format!("https://wandb.ai/demo/vision/runs/{id}")),
        id,
        name: Some(format!("{adjective}-{noun}-{}", 400 + item.number)),
        state,
        created: Some(item.created),
        heartbeat: runtime.map(|_| until),
        runtime,
        exit_code,
    }
}
