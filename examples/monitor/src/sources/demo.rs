//! [`Demo`]: a simulated source of builds, executions, jobs and runs, generated from a seed.
//!
//! The rows are a pure function of the seed and the time since [`EPOCH`]; `world` computes it. The
//! first fetch of a table always returns the rows at `EPOCH`, so that `--once` prints the same rows
//! for the same seed. Later fetches use the current time.

mod names;
mod world;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use worker_core::{Result, WorkerContext};

use crate::model::{PerTable, Phase, Row, Table};
use crate::source::{Batch, ErrorKind, Lines, Source, SourceError};
use crate::sources::browser;
use crate::wall_clock::WallClock;
use world::World;

pub use world::EPOCH;

/// One fetch in this many fails, on average; never the first of a table.
const FAIL_ONE_IN: u64 = 12;

/// What the log of a row says.
const STEPS: &[&str] =
    &["fetching layers", "compiling", "running tests", "uploading", "waiting for a worker"];

/// The time between two lines of a log.
const LOG_INTERVAL: Duration = Duration::from_secs(1);

/// A source that generates its rows.
#[derive(Debug)]
pub struct Demo {
    world: World,
    wall_clock: WallClock,
    fetches: PerTable<AtomicU64>,
}

impl Demo {
    /// Creates the source for a seed, with this many rows per table if given. `wall_clock` should
    /// have started at [`EPOCH`].
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

    /// Whether a table's fetch number `fetch`, counted from 0, fails: a function of the seed.
    fn fails(&self, table: Table, fetch: u64) -> bool {
        fetch > 0 && self.world.rng(table.name(), fetch).u64(0..FAIL_ONE_IN) == 0
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
    fn fetch(&self, table: Table, _: Option<&str>, cx: &WorkerContext) -> Result<Batch, SourceError> {
        let fetch = self.fetches[table].fetch_add(1, Ordering::Relaxed);
        cx.sleep(Self::latency(table))?;
        if self.fails(table, fetch) {
            return Err(self.failure(table, fetch));
        }
        let now = self.wall_clock.now();
        let now = if fetch == 0 || now < EPOCH { EPOCH } else { now };
        // Whole seconds, as the real services return.
        let as_of = EPOCH + SignedDuration::from_secs(now.duration_since(EPOCH).as_secs());
        Ok(Batch::complete(self.world.rows(table, as_of), as_of))
    }

    fn open_url(&self, url: &str, cx: &WorkerContext) -> Result<(), SourceError> {
        browser::open(url, cx)
    }

    fn follow_log(&self, _: Table, row: &Row, cx: &WorkerContext, lines: &Lines<'_>) -> Result<()> {
        let mut rng = self.world.rng(&row.key, 0);
        let mut line = |number: usize| {
            let step = rng.choice(STEPS).copied().unwrap_or_default();
            format!("step {number}: {step}, {} ms", rng.u32(20..900))
        };
        lines((1..=30).map(&mut line).collect())?;
        for number in 31.. {
            if row.phase == Phase::Ended {
                break;
            }
            cx.sleep(LOG_INTERVAL)?;
            lines(vec![line(number)])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
