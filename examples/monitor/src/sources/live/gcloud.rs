//! Builds, executions and jobs, from `gcloud … list --format=json`, one child process
//! per region.

mod explain;
mod log;
mod stop;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use worker_core::WorkerContext;

use super::child::{self, ChildError, KillSwitch, Limits};
use super::wire::{self, Listing};
use crate::model::Caps;
use crate::source::{Batch, ErrorKind, Extent, PartError, SourceError};
use crate::sources::environment::without_secrets;
use crate::wall_clock::WallClock;

/// The limit of stdout, for all processes that run at once: the monitor keeps it in memory until it
/// is read.
const MAX_STDOUT: usize = 48 * 1024 * 1024;

/// `gcloud` takes about a minute for a thousand rows.
const TIME_PER_ROW: Duration = Duration::from_millis(60);

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
    /// The time limit of one `gcloud` process. `gcloud` itself retries for more than half a minute
    /// when a service or the network is down.
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
            time_limit: Duration::from_secs(34),
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

impl Gcloud {
    pub(super) fn new(config: GcloudConfig) -> Self {
        Self { config }
    }

    /// The regions to ask; none leaves it to `gcloud`'s configuration.
    pub(super) fn regions(&self) -> &[String] {
        &self.config.regions
    }

    /// The rows of one table from one region.
    pub(super) fn list(
        &self,
        listing: Listing,
        region: Option<&str>,
        cx: &WorkerContext,
    ) -> Result<Batch, SourceError> {
        cx.check()?;
        let as_of = self.config.wall_clock.now();
        let what = format!("list of {listing}");
        let stdout =
            self.ask(self.list_command(listing, region), &what, self.list_time(listing), cx, |_| {})?;
        let cancelled = || cx.is_cancelled();
        let read = wire::read(listing, region, stdout, self.wanted(listing), &cancelled)?;
        let unread = |error| PartError { region: None, extent: Extent::Some, error };
        Ok(Batch { rows: read.rows, as_of, failed: read.error.map(unread).into_iter().collect() })
    }

    /// Runs `gcloud` for `what` and gives its stdout, without what `take` has taken of it.
    fn ask(
        &self,
        mut command: Command,
        what: &str,
        time: Duration,
        cx: &WorkerContext,
        take: impl FnMut(&mut Vec<u8>),
    ) -> Result<Vec<u8>, SourceError> {
        let mut switch = KillSwitch::new().map_err(|error| no_resources(&error))?;
        let hook = cx.on_cancel(switch.trigger());
        let limits = Limits { time, stdout: self.max_stdout() };
        let output = child::run(&mut command, limits, &switch, take)
            .map_err(|error| self.explain(what, time, error))?;
        drop(hook);
        // One that lingers after its output has said what there is to say.
        if output.status.is_some_and(|status| !status.success()) {
            return Err(explain::failure(&output, self.config.project.as_deref()));
        }
        Ok(output.stdout)
    }

    /// The limit of stdout of one process. Three run at once, one per table, or up to six with
    /// several regions.
    fn max_stdout(&self) -> usize {
        MAX_STDOUT / (3 * self.config.regions.len()).clamp(3, 6)
    }

    /// The time limit of a list: longer if very many rows are requested.
    fn list_time(&self, listing: Listing) -> Duration {
        let of_rows = TIME_PER_ROW * u32::try_from(self.wanted(listing)).unwrap_or(u32::MAX);
        self.config.time_limit.max(of_rows)
    }

    /// How many rows are requested of a region.
    fn wanted(&self, listing: Listing) -> usize {
        let caps = self.config.caps;
        match listing {
            // The list mixes active and ended builds, so twice the caps are requested to fill both.
            Listing::Builds => 2 * (caps.active_builds + caps.completed_builds),
            Listing::Executions => caps.executions,
            Listing::Jobs => caps.vertex_jobs,
        }
    }

    fn list_command(&self, listing: Listing, region: Option<&str>) -> Command {
        let mut command = match listing {
            Listing::Builds => self.command(&["builds", "list"], region),
            Listing::Executions => self.command(&["run", "jobs", "executions", "list"], region),
            Listing::Jobs => self.command(&["ai", "custom-jobs", "list"], region),
        };
        if listing == Listing::Executions {
            command.arg(format!("--job={}", self.config.job));
        }
        command.arg(format!("--limit={}", self.wanted(listing))).arg("--format=json");
        command
    }

    /// `gcloud` with these arguments, for this region of the project.
    fn command(&self, arguments: &[&str], region: Option<&str>) -> Command {
        let mut command = Command::new(&self.config.program);
        command.args(arguments);
        command.args(region.map(|region| format!("--region={region}")));
        command.args(self.config.project.as_ref().map(|project| format!("--project={project}")));
        without_secrets(&mut command);
        command.env("CLOUDSDK_CORE_DISABLE_PROMPTS", "1").envs(self.config.env.iter().cloned());
        command
    }

    fn explain(&self, what: &str, time: Duration, error: ChildError) -> SourceError {
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
                format!("gcloud gave no {what} within {time:?} and was stopped"),
            )
            .with_advice("check the network, then try again"),
            ChildError::OutputLimit => SourceError::new(
                ErrorKind::BadReply,
                format!("gcloud wrote more than {} MB for a {what}", self.max_stdout() / 1024 / 1024),
            )
            .with_advice("ask for fewer rows (--rows)"),
            ChildError::Io(error) => no_resources(&error),
        }
    }
}

fn no_resources(error: &io::Error) -> SourceError {
    SourceError::new(ErrorKind::Unavailable, format!("gcloud could not be watched: {error}"))
        .with_advice("the limit on open files may be reached; raise it (ulimit -n), then try again")
}

/// For the fuzz targets.
#[cfg(fuzzing)]
pub(super) fn explain(output: &child::ChildOutput) -> SourceError {
    explain::failure(output, Some("project"))
}

#[cfg(test)]
mod tests;
