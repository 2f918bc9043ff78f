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

use super::{Batch, Problem, Source, SourceError};
use crate::model::{PerTable, Row, Table};
use crate::wall::Wall;
use world::World;

/// The moment at which every demo world begins: 2026-01-14T09:30:00Z.
pub const BEGINNING: Timestamp = Timestamp::constant(1_768_383_000, 0);

/// One fetch in so many fails, each table in its own rhythm, never the first.
const FAILS_ONE_IN: u64 = 12;

/// A source that makes its rows up.
#[derive(Debug)]
pub struct Demo {
    world: World,
    wall: Wall,
    fetches: PerTable<AtomicU64>,
}

impl Demo {
    /// The world of this seed, with as many rows in each table if a number is given. `wall` should have begun at
    /// [`BEGINNING`].
    pub fn new(seed: u64, rows: Option<usize>, wall: Wall) -> Self {
        Self { world: World::new(seed, rows), wall, fetches: PerTable::default() }
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
        fetch > 0 && self.world.dice(table.name(), fetch).u64(0..FAILS_ONE_IN) == 0
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
        let now = self.wall.now();
        let now = if fetch == 0 || now < BEGINNING { BEGINNING } else { now };
        // Whole seconds, as the services give them.
        let as_of = BEGINNING + SignedDuration::from_secs(now.duration_since(BEGINNING).as_secs());
        Ok(Batch::whole(rows(self.world, as_of), as_of))
    }

    fn failure(&self, table: Table, fetch: u64) -> SourceError {
        match self.world.dice(table.name(), fetch + 1_000_000).u8(0..4) {
            0 => SourceError::new(Problem::Unavailable, "the service answered 503 (demo)")
                .advise("it is usually back within a minute; try again then"),
            1 => {
                SourceError::new(Problem::RateLimited, "too many requests (demo)").advise("try again in 20s")
            }
            2 => SourceError::new(Problem::TimedOut, "no answer within 10s (demo)")
                .advise("check the network, then try again"),
            _ => SourceError::new(Problem::NotLoggedIn, "the login has expired (demo)")
                .advise("run `gcloud auth login`, then try again"),
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
