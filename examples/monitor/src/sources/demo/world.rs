//! The demo's world: what there is at a moment, as a pure function of the seed and the moment.
//!
//! Every kind of thing arrives in an endless sequence, one per `spacing` on average. The number in the sequence and
//! the seed give the arrival's moment, how long it waits, how long it works and how it ends; the rest follows from
//! the time.

use jiff::{SignedDuration, Timestamp};

use super::{BEGINNING, names};
use crate::model::{Build, Execution, Job, Row, Run, State, Status};

/// How things of one kind come and go.
#[derive(Clone, Copy, Debug)]
struct Rhythm {
    kind: &'static str,
    /// Milliseconds from one arrival to the next, on average.
    spacing: i64,
    /// Seconds of waiting: from, to.
    wait: (i64, i64),
    /// Seconds of work: from, to.
    work: (i64, i64),
    /// How many of the latest arrivals are looked at.
    last: i64,
}

const BUILDS: Rhythm = Rhythm { kind: "build", spacing: 55_000, wait: (15, 90), work: (60, 420), last: 24 };
const EXECUTIONS: Rhythm =
    Rhythm { kind: "execution", spacing: 170_000, wait: (5, 40), work: (240, 1500), last: 12 };
const JOBS: Rhythm = Rhythm { kind: "job", spacing: 210_000, wait: (30, 400), work: (300, 2400), last: 14 };
const RUNS: Rhythm = Rhythm { kind: "run", spacing: 130_000, wait: (5, 60), work: (200, 1800), last: 26 };

impl Rhythm {
    /// So that of the latest arrivals at least this many are there.
    fn with_at_least(self, rows: i64) -> Self {
        // One or two of them may not have come yet.
        Self { last: rows + 2, ..self }
    }

    /// So that at least this many go on, and at least this many are over.
    fn with_at_least_of_each(self, rows: i64) -> Self {
        let life = (self.wait.0 + self.wait.1 + self.work.0 + self.work.1) / 2 * 1000;
        // Twice as many, as some live for much less than the average.
        let spacing = (life / (rows * 2)).clamp(1, self.spacing);
        let longest = (self.wait.1 + self.work.1) * 1000;
        Self { spacing, last: longest / spacing + rows + 2, ..self }
    }
}

/// One thing: when it came, what it was doing at the moment asked about.
struct Thing {
    number: i64,
    created: Timestamp,
    began: Timestamp,
    ended: Timestamp,
    stage: Stage,
    dice: fastrand::Rng,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waiting,
    Working,
    Over,
}

impl Thing {
    fn started(&self) -> Option<Timestamp> {
        (self.stage != Stage::Waiting).then_some(self.began)
    }

    fn ended(&self) -> Option<Timestamp> {
        (self.stage == Stage::Over).then_some(self.ended)
    }
}

/// The world of one seed.
#[derive(Clone, Copy, Debug)]
pub(super) struct World {
    seed: u64,
    /// How many rows there are in each table; `None`: as many as there happen to be.
    rows: Option<usize>,
}

impl World {
    pub(super) const fn new(seed: u64, rows: Option<usize>) -> Self {
        Self { seed, rows }
    }

    /// A rhythm that brings the rows wanted.
    fn brings(self, rhythm: Rhythm, enough: fn(Rhythm, i64) -> Rhythm) -> Rhythm {
        self.rows.and_then(|rows| i64::try_from(rows).ok()).map_or(rhythm, |rows| enough(rhythm, rows))
    }

    fn most(self) -> usize {
        self.rows.unwrap_or(usize::MAX)
    }

    /// Random numbers that depend on the seed, the kind of thing and its number only.
    pub(super) fn dice(self, kind: &str, number: u64) -> fastrand::Rng {
        // FNV-1a, so that the rows of a seed stay the same whatever the standard library's hasher does.
        let bytes = self.seed.to_le_bytes().into_iter().chain(kind.bytes()).chain(number.to_le_bytes());
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        fastrand::Rng::with_seed(hash)
    }

    fn latest(self, rhythm: Rhythm, now: Timestamp) -> impl Iterator<Item = Thing> {
        self.things(self.brings(rhythm, Rhythm::with_at_least), now).take(self.most())
    }

    fn runs(self, now: Timestamp, wanted: impl Fn(Stage) -> bool) -> impl Iterator<Item = Thing> {
        let rhythm = self.brings(RUNS, Rhythm::with_at_least_of_each);
        self.things(rhythm, now).filter(move |thing| wanted(thing.stage)).take(self.most())
    }

    fn things(self, rhythm: Rhythm, now: Timestamp) -> impl Iterator<Item = Thing> {
        let elapsed = now.duration_since(BEGINNING).as_secs() * 1000;
        let newest = elapsed.div_euclid(rhythm.spacing);
        (newest - rhythm.last..=newest).rev().filter_map(move |number| {
            let mut dice = self.dice(rhythm.kind, number.cast_unsigned());
            let created = BEGINNING
                + SignedDuration::from_secs((number * rhythm.spacing).div_euclid(1000))
                + SignedDuration::from_secs(dice.i64(0..(rhythm.spacing / 2000).max(1)));
            let began = created + SignedDuration::from_secs(dice.i64(rhythm.wait.0..rhythm.wait.1));
            let ended = began + SignedDuration::from_secs(dice.i64(rhythm.work.0..rhythm.work.1));
            let stage = match () {
                () if now < began => Stage::Waiting,
                () if now < ended => Stage::Working,
                () => Stage::Over,
            };
            (created <= now).then_some(Thing { number, created, began, ended, stage, dice })
        })
    }

    pub(super) fn builds(self, now: Timestamp) -> Vec<Row> {
        self.latest(BUILDS, now).map(|mut thing| build(&mut thing).into()).collect()
    }

    pub(super) fn executions(self, now: Timestamp) -> Vec<Row> {
        self.latest(EXECUTIONS, now).map(|mut thing| execution(&mut thing).into()).collect()
    }

    pub(super) fn jobs(self, now: Timestamp) -> Vec<Row> {
        self.latest(JOBS, now).map(|mut thing| job(&mut thing).into()).collect()
    }

    pub(super) fn active_runs(self, now: Timestamp) -> Vec<Row> {
        self.runs(now, |stage| stage != Stage::Over)
            .map(|mut thing| run(&mut thing, now).into_active())
            .collect()
    }

    pub(super) fn completed_runs(self, now: Timestamp) -> Vec<Row> {
        self.runs(now, |stage| stage == Stage::Over)
            .map(|mut thing| run(&mut thing, now).into_completed())
            .collect()
    }
}

fn pick(dice: &mut fastrand::Rng, from: &[&'static str]) -> &'static str {
    from[dice.usize(0..from.len())]
}

fn build(thing: &mut Thing) -> Build {
    let dice = &mut thing.dice;
    let (high, low) = (dice.u64(..), dice.u64(..));
    let id = format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0xfff,
        low & 0xffff_ffff_ffff
    );
    let region = pick(dice, names::REGIONS);
    let image = pick(dice, names::IMAGES);
    let failure = pick(dice, names::BUILD_FAILURES);
    let status = match (thing.stage, dice.u8(0..100)) {
        (Stage::Waiting, 0..15) => "PENDING",
        (Stage::Waiting, _) => "QUEUED",
        (Stage::Working, _) => "WORKING",
        (Stage::Over, 0..68) => "SUCCESS",
        (Stage::Over, 68..86) => "FAILURE",
        (Stage::Over, 86..93) => "TIMEOUT",
        (Stage::Over, _) => "CANCELLED",
    };
    Build {
        status: Status::of_build(status),
        image: Some(image.to_owned()),
        region: Some(region.to_owned()),
        created: Some(thing.created),
        started: thing.started(),
        ended: thing.ended(),
        log_url: Some(format!(
            "https://console.cloud.google.com/cloud-build/builds;region={region}/{id}?project=123456789012"
        )),
        failure: (status == "FAILURE").then(|| failure.to_owned()),
        id,
    }
}

fn execution(thing: &mut Thing) -> Execution {
    let suffix: String = (0..5).map(|_| thing.dice.alphanumeric().to_ascii_lowercase()).collect();
    let queue = pick(&mut thing.dice, names::QUEUES);
    let region = pick(&mut thing.dice, names::REGIONS);
    let message = pick(&mut thing.dice, names::EXECUTION_ERRORS);
    let tasks = thing.dice.i64(1..5);
    let fails = thing.dice.u8(0..100) < 20;
    let (completed, succeeded) = match thing.stage {
        Stage::Over if fails => (Some("False"), thing.dice.i64(0..tasks)),
        Stage::Over => (Some("True"), tasks),
        _ => (Some("Unknown"), 0),
    };
    let failed = completed == Some("False");
    Execution {
        name: format!("vertex-ai-launcher-{suffix}"),
        queue: Some(queue.to_owned()),
        region: Some(region.to_owned()),
        status: Status::of_execution(completed, "NonZeroExitCode", thing.stage != Stage::Waiting),
        runs: (succeeded, tasks),
        failed: if failed { tasks - succeeded } else { 0 },
        created: Some(thing.created),
        started: thing.started(),
        ended: thing.ended(),
        message: failed.then(|| message.to_owned()),
        log_url: None,
    }
}

fn job(thing: &mut Thing) -> Job {
    let id = thing.dice.u64(1_000_000_000_000_000_000..9_000_000_000_000_000_000);
    let name = format!("{}-{}", pick(&mut thing.dice, names::JOBS), pick(&mut thing.dice, names::MODELS));
    let region = pick(&mut thing.dice, names::REGIONS);
    let error = pick(&mut thing.dice, names::JOB_ERRORS);
    let state = match (thing.stage, thing.dice.u8(0..100)) {
        (Stage::Waiting, 0..40) => "JOB_STATE_QUEUED",
        (Stage::Waiting, _) => "JOB_STATE_PENDING",
        (Stage::Working, _) => "JOB_STATE_RUNNING",
        (Stage::Over, 0..65) => "JOB_STATE_SUCCEEDED",
        (Stage::Over, 65..88) => "JOB_STATE_FAILED",
        (Stage::Over, _) => "JOB_STATE_CANCELLED",
    };
    Job {
        id: id.to_string(),
        name: Some(name),
        region: Some(region.to_owned()),
        state: Status::of_job(state),
        created: Some(thing.created),
        started: thing.started(),
        ended: thing.ended(),
        error: (state == "JOB_STATE_FAILED").then(|| error.to_owned()),
    }
}

fn run(thing: &mut Thing, now: Timestamp) -> Run {
    let id: String = (0..8).map(|_| thing.dice.alphanumeric().to_ascii_lowercase()).collect();
    let adjective = pick(&mut thing.dice, names::ADJECTIVES);
    let noun = pick(&mut thing.dice, names::NOUNS);
    let (word, exit_code) = match (thing.stage, thing.dice.u8(0..100)) {
        (Stage::Waiting, _) => ("pending", None),
        (Stage::Working, 0..8) => ("preempting", None),
        (Stage::Working, _) => ("running", None),
        (Stage::Over, 0..62) => ("finished", Some(0)),
        (Stage::Over, 62..80) => ("failed", Some(1)),
        (Stage::Over, 80..92) => ("crashed", Some(255)),
        (Stage::Over, _) => ("killed", None),
    };
    let state = Status::of_run(word);
    let until = if thing.stage == Stage::Over { thing.ended } else { now };
    let runtime = (state.state != State::Pending).then(|| until.duration_since(thing.began));
    Run {
        id,
        name: Some(format!("{adjective}-{noun}-{}", 400 + thing.number)),
        state,
        created: Some(thing.created),
        heartbeat: runtime.map(|_| until),
        runtime,
        exit_code,
    }
}
