//! [`Fetcher`]: asks a source for all regions of a table, some at once.

use std::sync::Arc;

use worker_core::{ConcurrencyLimit, Result, WorkerContext, WorkerManager};

use super::batch::{Batch, Extent, PartError, combined};
use super::error::{ErrorKind, SourceError};
use super::interface::Source;
use crate::model::Table;

/// How many questions are asked at once in the whole program. Each is a `gcloud` process, which
/// takes about 100 MB.
const AT_ONCE: usize = 6;

/// Asks a source for all regions of a table.
///
/// All clones share one limit. A table has at most so many questions in its line, so that the
/// tables take turns.
#[derive(Clone, Debug)]
pub struct Fetcher {
    source: Arc<dyn Source>,
    workers: WorkerManager,
    limit: ConcurrencyLimit,
}

/// What came from one region of a table.
#[derive(Debug)]
pub struct Part {
    /// The region; `None` if the table has none.
    pub region: Option<String>,
    /// Its rows, or why there are none.
    pub fetched: Result<Batch, SourceError>,
}

impl Part {
    /// What failed: the whole part, or some of its rows.
    pub fn failure(&self) -> Option<PartError> {
        let (extent, error) = match &self.fetched {
            Ok(batch) => (Extent::Some, batch.failure()?),
            Err(error) => (Extent::Whole, error.clone()),
        };
        Some(PartError { region: self.region.clone(), extent, error })
    }
}

impl Fetcher {
    /// What asks `source`, by workers of `workers`.
    pub fn new(source: Arc<dyn Source>, workers: WorkerManager) -> Self {
        Self { source, workers, limit: ConcurrencyLimit::new(AT_ONCE) }
    }

    /// The source.
    pub fn source(&self) -> &Arc<dyn Source> {
        &self.source
    }

    /// The manager of all workers.
    pub fn workers(&self) -> &WorkerManager {
        &self.workers
    }

    /// Fetches a table. What came from a region is given to `land` as soon as it is there, in the
    /// region's own worker, or in the caller's if there are no regions. Returns what failed.
    ///
    /// # Errors
    ///
    /// If nothing came from any region, why.
    pub fn fetch<F>(&self, table: Table, cx: &WorkerContext, land: F) -> Result<Vec<PartError>>
    where
        F: Fn(&WorkerContext, Part) -> Result<()> + Clone + Send + Sync + 'static,
    {
        let regions = self.source.regions(table);
        let failures: Vec<Option<PartError>> = if regions.is_empty() {
            vec![ask(&*self.source, table, None, cx, &land)?]
        } else {
            let ask = |cx: &WorkerContext, region| self.ask_region(table, region, cx, land.clone());
            cx.map(regions, AT_ONCE, ask).into_iter().collect::<Result<_>>()?
        };
        let is_whole = |failure: &PartError| failure.extent == Extent::Whole;
        let nothing_came = failures.iter().all(|failure| failure.as_ref().is_some_and(is_whole));
        let failures: Vec<PartError> = failures.into_iter().flatten().collect();
        match said_once(&failures) {
            Some(error) if nothing_came => Err(error.into()),
            _ => Ok(failures),
        }
    }

    /// Asks for one region, in a worker of its own that waits for its turn.
    fn ask_region<F>(
        &self,
        table: Table,
        region: String,
        cx: &WorkerContext,
        land: F,
    ) -> Result<Option<PartError>>
    where
        F: Fn(&WorkerContext, Part) -> Result<()> + Clone + Send + 'static,
    {
        let (source, asked, land_here) = (self.source.clone(), region.clone(), land.clone());
        let worker = self.workers.worker(format!("{table} {region}")).child().limit(&self.limit);
        let question =
            worker.exit_on_error(false).thread(move |cx| ask(&*source, table, Some(asked), cx, &land_here));
        match question.wait() {
            Ok(failure) => Ok(failure.clone()),
            Err(error) if error.is_cancelled() => Err(error.into()),
            Err(error) => {
                let bug = SourceError::new(ErrorKind::BadReply, error.to_string());
                hand_over(Part { region: Some(region), fetched: Err(bug) }, cx, &land)
            }
        }
    }
}

fn ask(
    source: &dyn Source,
    table: Table,
    region: Option<String>,
    cx: &WorkerContext,
    land: &impl Fn(&WorkerContext, Part) -> Result<()>,
) -> Result<Option<PartError>> {
    let mut fetched = source.fetch(table, region.as_deref(), cx);
    cx.check()?;
    if let (Ok(batch), Some(_)) = (&mut fetched, &region) {
        for row in &mut batch.rows {
            row.region.clone_from(&region);
        }
    }
    hand_over(Part { region, fetched }, cx, land)
}

fn hand_over(
    part: Part,
    cx: &WorkerContext,
    land: &impl Fn(&WorkerContext, Part) -> Result<()>,
) -> Result<Option<PartError>> {
    let failure = part.failure();
    land(cx, part)?;
    Ok(failure)
}

/// All failures as one. One that all regions have in common is said once, without their names.
fn said_once(failures: &[PartError]) -> Option<SourceError> {
    let first = &failures.first()?.error;
    if failures.iter().all(|failure| failure.error == *first) {
        Some(first.clone())
    } else {
        combined(failures)
    }
}

#[cfg(test)]
mod tests;
