//! Builds, executions and jobs, from `gcloud … list --format=json`, one child process
//! per region.
//!
//! Regions are queried concurrently. If a region fails, the rows of the others are returned
//! together with its error ([`Batch::failed`]). The whole fetch fails only if no region returned a
//! row.

mod explain;

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use worker_core::WorkerContext;

use super::child::{self, ChildError, KillSwitch, Limits};
use super::wire::{self, Listing};
use crate::model::{Caps, Row};
use crate::source::{Batch, ErrorKind, Extent, PartError, SourceError};
use crate::wall_clock::WallClock;

/// How many `gcloud` processes run at once for one table; each is a Python process of about 100 MB.
const MAX_CONCURRENT: usize = 6;

/// The limit of stdout. A list of a few thousand rows, the most that is requested, is smaller.
const MAX_STDOUT: usize = 64 * 1024 * 1024;

/// What to list, and how `gcloud` is run.
#[derive(Clone, Debug)]
pub struct GcloudConfig {
    /// The program, looked up on `PATH` if it is a bare name.
    pub program: PathBuf,
    /// The project; `None` leaves it to `gcloud`'s configuration.
    pub project: Option<String>,
    /// The regions to query; none leaves it to `gcloud`'s configuration.
    pub regions: Vec<String>,
    /// The launch agent's Cloud Run job.
    pub job: String,
    /// The time limit of one `gcloud` process. It retries for more than half a minute when a
    /// service or the network is down.
    pub time_limit: Duration,
    /// How many rows are shown, which limits how many are requested.
    pub caps: Caps,
    /// Additional environment variables of the child process.
    pub env: Vec<(OsString, OsString)>,
    /// The clock for the time of a batch.
    pub wall_clock: WallClock,
}

impl Default for GcloudConfig {
    fn default() -> Self {
        Self {
            program: PathBuf::from("gcloud"),
            project: None,
            regions: Vec::new(),
            job: "vertex-ai-launcher".to_owned(),
            time_limit: Duration::from_mins(1),
            caps: Caps::default(),
            env: Vec::new(),
            wall_clock: WallClock::system(),
        }
    }
}

/// The `gcloud` command.
#[derive(Debug)]
pub(super) struct Gcloud {
    config: GcloudConfig,
}

/// The reply of one region.
struct RegionReply {
    region: Option<String>,
    rows: Vec<Row>,
    failed: Option<(Extent, SourceError)>,
}

impl Gcloud {
    pub(super) fn new(config: GcloudConfig) -> Self {
        Self { config }
    }

    /// The rows of one table from all regions.
    pub(super) fn list(&self, listing: Listing, cx: &WorkerContext) -> Result<Batch, SourceError> {
        cx.check()?;
        let as_of = self.config.wall_clock.now();
        let switch = KillSwitch::new().map_err(|error| no_resources(&error))?;
        let hook = cx.on_cancel(switch.trigger());
        let replies = self.query_all(listing, &switch, cx);
        drop(hook);
        cx.check()?;
        Self::merge(replies, as_of)
    }

    fn query_all(&self, listing: Listing, switch: &KillSwitch, cx: &WorkerContext) -> Vec<RegionReply> {
        let regions = self.regions();
        let (count, at_once) = (regions.len(), regions.len().min(MAX_CONCURRENT));
        let todo: Mutex<VecDeque<_>> = Mutex::new(regions.into());
        let (sender, replies) = mpsc::channel();
        cx.set_total(count as u64);
        let mut collected: Vec<(usize, RegionReply)> = thread::scope(|scope| {
            let todo = &todo;
            let query_in_turn = move |sender: mpsc::Sender<_>| {
                let next = || todo.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                while let Some((index, region)) = next() {
                    // Cannot fail: the receiver outlives this thread.
                    let _ = sender.send((index, self.query_region(listing, region, switch)));
                }
            };
            let spawned = (0..at_once).filter(|_| {
                let sender = sender.clone();
                let thread = thread::Builder::new().name("gcloud".to_owned());
                thread.spawn_scoped(scope, move || query_in_turn(sender)).is_ok()
            });
            // The threads that could be spawned share the work. If there are none, this thread does
            // it.
            if spawned.count() == 0 {
                query_in_turn(sender.clone());
            }
            drop(sender);
            replies.iter().inspect(|_| cx.advance(1)).collect()
        });
        collected.sort_by_key(|(index, _)| *index);
        collected.into_iter().map(|(_, answer)| answer).collect()
    }

    /// The regions to query; `None` stands for `gcloud`'s configured one.
    fn regions(&self) -> Vec<(usize, Option<String>)> {
        if self.config.regions.is_empty() {
            return vec![(0, None)];
        }
        self.config.regions.iter().cloned().map(Some).enumerate().collect()
    }

    fn merge(replies: Vec<RegionReply>, as_of: Timestamp) -> Result<Batch, SourceError> {
        let mut batch = Batch::complete(Vec::new(), as_of);
        let mut any_ok = false;
        for RegionReply { region, rows, failed } in replies {
            any_ok |= failed.is_none() || !rows.is_empty();
            batch.rows.extend(rows);
            batch.failed.extend(failed.map(|(extent, error)| PartError { region, extent, error }));
        }
        if any_ok {
            return Ok(batch);
        }
        // Regions that failed with the same error are reported once and without their names.
        let mut errors: Vec<&SourceError> = batch.failed.iter().map(|failed| &failed.error).collect();
        errors.dedup();
        match (errors.as_slice(), batch.failure()) {
            ([one], _) => Err((*one).clone()),
            (_, Some(all)) => Err(all),
            (_, None) => Ok(batch),
        }
    }

    fn query_region(&self, listing: Listing, region: Option<String>, switch: &KillSwitch) -> RegionReply {
        let limits = Limits { time: self.config.time_limit, stdout: MAX_STDOUT };
        let mut command = self.command(listing, region.as_deref());
        let read = child::run(&mut command, limits, switch)
            .map_err(|error| self.explain(listing, error))
            .and_then(|output| {
                if output.status.success() {
                    wire::read(listing, region.as_deref(), &output.stdout)
                } else {
                    Err(explain::failure(&output, self.config.project.as_deref()))
                }
            });
        match read {
            Ok(read) => {
                RegionReply { region, rows: read.rows, failed: read.error.map(|error| (Extent::Some, error)) }
            }
            Err(error) => RegionReply { region, rows: Vec::new(), failed: Some((Extent::Whole, error)) },
        }
    }

    fn command(&self, listing: Listing, region: Option<&str>) -> Command {
        let mut command = Command::new(&self.config.program);
        let caps = self.config.caps;
        let limit = match listing {
            Listing::Builds => {
                command.args(["builds", "list"]);
                // The list mixes active and ended builds, so twice the caps are requested to fill
                // both.
                2 * (caps.active_builds + caps.completed_builds)
            }
            Listing::Executions => {
                command.args(["run", "jobs", "executions", "list"]);
                command.arg(format!("--job={}", self.config.job));
                caps.executions
            }
            Listing::Jobs => {
                command.args(["ai", "custom-jobs", "list"]);
                caps.vertex_jobs
            }
        };
        command.args(region.map(|region| format!("--region={region}")));
        command.args(self.config.project.as_ref().map(|project| format!("--project={project}")));
        command.arg(format!("--limit={limit}")).arg("--format=json");
        command.env("CLOUDSDK_CORE_DISABLE_PROMPTS", "1").envs(self.config.env.iter().cloned());
        command
    }

    fn explain(&self, listing: Listing, error: ChildError) -> SourceError {
        let program = self.config.program.display();
        match error {
            ChildError::Spawn(error) if error.kind() == io::ErrorKind::NotFound => {
                SourceError::new(ErrorKind::NotInstalled, format!("the program `{program}` was not found")).with_advice(
                    "install the Google Cloud SDK (https://cloud.google.com/sdk/docs/install) and have it on PATH, or use --source demo",
                )
            }
            ChildError::Spawn(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                SourceError::new(ErrorKind::NotInstalled, format!("the program `{program}` may not be run: {error}"))
                    .with_advice(format!("make it executable: chmod +x {program}"))
            }
            ChildError::Spawn(error) => {
                SourceError::new(ErrorKind::NotInstalled, format!("the program `{program}` could not be started: {error}"))
                    .with_advice("check the limits on processes and memory, or reinstall the Google Cloud SDK")
            }
            ChildError::Killed => SourceError::new(ErrorKind::Cancelled, "cancelled"),
            ChildError::TimedOut => SourceError::new(
                ErrorKind::TimedOut,
                format!("gcloud gave no list of {listing} within {:?} and was stopped", self.config.time_limit),
            )
            .with_advice("check the network, then try again"),
            ChildError::OutputLimit => SourceError::new(
                ErrorKind::BadReply,
                format!("gcloud wrote more than {} MB for a list of {listing}", MAX_STDOUT / 1024 / 1024),
            ),
            ChildError::Io(error) => no_resources(&error),
        }
    }
}

fn no_resources(error: &io::Error) -> SourceError {
    SourceError::new(ErrorKind::Unavailable, format!("gcloud could not be watched: {error}"))
        .with_advice("the limit on open files may be reached; raise it (ulimit -n), then try again")
}

#[cfg(test)]
mod tests;
