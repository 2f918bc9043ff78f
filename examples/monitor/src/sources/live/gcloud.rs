//! Builds, executions and jobs, by running `gcloud … list --format=json`, one child per region, side by side.
//!
//! *A region that fails* takes nothing from the others: their rows come, and its error comes with them
//! ([`Batch::failed`]). Only if no region brought a single row is the whole fetch an error.

mod explain;

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use worker_core::WorkerContext;

use super::child::{self, ChildError, KillSwitch, Limits};
use super::wire::{self, Listing};
use crate::model::{Caps, Row};
use crate::source::{Batch, ErrorKind, Extent, PartError, SourceError};
use crate::wall_clock::WallClock;

/// No more `gcloud`s than this run at once for one table; each is a Python of some 100 MB.
const MAX_CONCURRENT: usize = 6;

/// More output than this is no list of a few thousand rows, which is the most that is asked for.
const MAX_STDOUT: usize = 64 * 1024 * 1024;

/// What to watch, and how `gcloud` is run.
#[derive(Clone, Debug)]
pub struct GcloudConfig {
    /// The program, looked up on `PATH` if it is only a name.
    pub program: PathBuf,
    /// The project; `gcloud`'s own configuration decides if there is none.
    pub project: Option<String>,
    /// The regions to ask, side by side; `gcloud`'s own configuration decides if there are none.
    pub regions: Vec<String>,
    /// The launch agent's Cloud Run job.
    pub job: String,
    /// How long one `gcloud` may take. It retries for more than half a minute when a service or the network is down.
    pub time_limit: Duration,
    /// How many rows are of use.
    pub caps: Caps,
    /// Variables added to the child's environment.
    pub env: Vec<(OsString, OsString)>,
    /// The time of day.
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

/// What one region brought.
struct RegionReply {
    region: Option<String>,
    rows: Vec<Row>,
    failed: Option<(Extent, SourceError)>,
}

impl Gcloud {
    pub(super) fn new(config: GcloudConfig) -> Self {
        Self { config }
    }

    /// One table's rows from all regions.
    pub(super) fn list(&self, listing: Listing, cx: &WorkerContext) -> Result<Batch, SourceError> {
        cx.check()?;
        let switch = KillSwitch::new().map_err(|error| no_resources(&error))?;
        let hook = cx.on_cancel(switch.trigger());
        let replies = self.query_all(listing, &switch, cx);
        drop(hook);
        cx.check()?;
        self.merge(replies)
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
                    // The receiver outlives this thread.
                    let _ = sender.send((index, self.query_region(listing, region, switch)));
                }
            };
            let spawned = (0..at_once).filter(|_| {
                let sender = sender.clone();
                let thread = thread::Builder::new().name("gcloud".to_owned());
                thread.spawn_scoped(scope, move || query_in_turn(sender)).is_ok()
            });
            // Those that could be made share the work; with none, it is done here.
            if spawned.count() == 0 {
                query_in_turn(sender.clone());
            }
            drop(sender);
            replies.iter().inspect(|_| cx.advance(1)).collect()
        });
        collected.sort_by_key(|(index, _)| *index);
        collected.into_iter().map(|(_, answer)| answer).collect()
    }

    /// The regions to ask; one without a name stands for `gcloud`'s own choice.
    fn regions(&self) -> Vec<(usize, Option<String>)> {
        if self.config.regions.is_empty() {
            return vec![(0, None)];
        }
        self.config.regions.iter().cloned().map(Some).enumerate().collect()
    }

    fn merge(&self, replies: Vec<RegionReply>) -> Result<Batch, SourceError> {
        let mut batch = Batch::complete(Vec::new(), self.config.wall_clock.now());
        let mut any_ok = false;
        for RegionReply { region, rows, failed } in replies {
            any_ok |= failed.is_none() || !rows.is_empty();
            batch.rows.extend(rows);
            batch.failed.extend(failed.map(|(extent, error)| PartError { region, extent, error }));
        }
        if any_ok {
            return Ok(batch);
        }
        // Nobody needs to hear the only region's name, nor one story once per region.
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
                // The newest builds of both kinds are mixed: enough are asked for that the caps can be filled.
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
                    .with_advice("close other programs, or reinstall the Google Cloud SDK")
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
        .with_advice("too many files may be open: close other programs, then try again")
}

#[cfg(test)]
mod tests;
