//! The demo: a small world of builds, executions, jobs and runs, made up from a seed, in which time passes.
//!
//! The rows are a pure function of (seed, time since the world began), in `world`. The first fetch of a table always
//! sees the world's first moment, so that `--once` prints the same for the same seed; later ones see it as it is by
//! then.

mod names;
mod world;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use worker_core::WorkerContext;

use crate::model::{PerTable, Row, Table};
use crate::source::{Batch, ErrorKind, Source, SourceError};
use crate::wall_clock::WallClock;
use world::World;

pub use world::EPOCH;

/// One fetch in so many fails, each table in its own workload, never the first.
const FAIL_ONE_IN: u64 = 12;

/// A source that makes its rows up.
#[derive(Debug)]
pub struct Demo {
    world: World,
    wall_clock: WallClock,
    fetches: PerTable<AtomicU64>,
}

impl Demo {
    /// The world of this seed, with as many rows in each table if a number is given. `wall_clock` should have begun at
    /// [`EPOCH`].
    pub fn new(seed: u64, rows: Option<usize>, wall_clock: WallClock) -> Self {
        Self { world: World::new(seed, rows), wall_clock, fetches: PerTable::default() }
    }

    /// How long a fetch of this table takes.
    pub const fn latency(table: Table) -> Duration {
        Duration::from_millis(match table {
            Table::Runner => 800,
            Table::Active => 1200,
            Table::Completed => 1500,
            Table::Builds => 2100,
            Table::Vertex => 2800,
        })
    }

    /// Whether the `fetch`th fetch of a table, counted from 0, fails: a function of the seed, like everything here.
    fn fails(&self, table: Table, fetch: u64) -> bool {
        fetch > 0 && self.world.rng(table.name(), fetch).u64(0..FAIL_ONE_IN) == 0
    }

    fn after_latency(
        &self,
        table: Table,
        cx: &WorkerContext,
        rows: impl FnOnce(World, Timestamp) -> Vec<Row>,
    ) -> Result<Batch, SourceError> {
        let fetch = self.fetches[table].fetch_add(1, Ordering::Relaxed);
        cx.sleep(Self::latency(table))?;
        if self.fails(table, fetch) {
            return Err(self.failure(table, fetch));
        }
        let now = self.wall_clock.now();
        let now = if fetch == 0 || now < EPOCH { EPOCH } else { now };
        // Whole seconds, as the services give them.
        let as_of = EPOCH + SignedDuration::from_secs(now.duration_since(EPOCH).as_secs());
        Ok(Batch::complete(rows(self.world, as_of), as_of))
    }

    fn failure(&self, table: Table, fetch: u64) -> SourceError {
        match self.world.rng(table.name(), fetch + 1_000_000).u8(0..4) {
            0 => SourceError::new(ErrorKind::Unavailable, "the service answered 503 (demo)")
                .with_advice("it is usually back within a minute; try again then"),
            1 => SourceError::new(ErrorKind::RateLimited, "too many requests (demo)")
                .with_advice("try again in 20s"),
            2 => SourceError::new(ErrorKind::TimedOut, "no answer within 10s (demo)")
                .with_advice("check the network, then try again"),
            _ => SourceError::new(ErrorKind::NotLoggedIn, "the login has expired (demo)")
                .with_advice("run `gcloud auth login`, then try again"),
        }
    }
}

impl Source for Demo {
    fn builds(&self, cx: &WorkerContext) -> Result<Batch, SourceError> {
        self.after_latency(Table::Builds, cx, World::builds)
    }

    fn runner(&self, cx: &WorkerContext) -> Result<Batch, SourceError> {
        self.after_latency(Table::Runner, cx, World::executions)
    }

    fn vertex(&self, cx: &WorkerContext) -> Result<Batch, SourceError> {
        self.after_latency(Table::Vertex, cx, World::jobs)
    }

    fn active(&self, cx: &WorkerContext) -> Result<Batch, SourceError> {
        self.after_latency(Table::Active, cx, World::active_runs)
    }

    fn completed(&self, cx: &WorkerContext) -> Result<Batch, SourceError> {
        self.after_latency(Table::Completed, cx, World::completed_runs)
    }
}

#[cfg(test)]
mod tests;
