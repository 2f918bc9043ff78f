//! [`Live`]: Google Cloud through the `gcloud` command, Weights & Biases through its GraphQL API.
//!
//! Cancelling a fetch ends it at once: its `gcloud` process groups are killed, its HTTP call is
//! shut down. The environment is read in `KeySources::from_env` and `setup` only, so tests can
//! provide their own.

mod child;
#[cfg(fuzzing)]
pub mod fuzzing;
pub mod gcloud;
mod guardian;
mod http;
mod json;
mod key;
mod reply;
mod retry_after;
pub mod wandb;
mod wire;

use worker_core::{Result, WorkerContext};

use crate::model::{Row, Table};
use crate::source::{Batch, ErrorKind, Lines, Source, SourceError};
use crate::sources::browser;
use gcloud::Gcloud;
use wandb::Wandb;
use wire::Listing;

pub use gcloud::GcloudConfig;
pub use key::Secret;
pub use wandb::WandbConfig;

/// Google Cloud and Weights & Biases.
#[derive(Debug)]
pub struct Live {
    gcloud: Gcloud,
    wandb: Wandb,
}

impl Live {
    /// Creates the source. Contacts no service.
    pub fn new(gcloud: GcloudConfig, wandb: WandbConfig) -> Self {
        Self { gcloud: Gcloud::new(gcloud), wandb: Wandb::new(wandb) }
    }
}

impl Source for Live {
    fn regions(&self, table: Table) -> Vec<String> {
        listing(table).map_or_else(Vec::new, |_| self.gcloud.regions().to_vec())
    }

    fn fetch(&self, table: Table, region: Option<&str>, cx: &WorkerContext) -> Result<Batch, SourceError> {
        match (listing(table), table) {
            (Some(listing), _) => self.gcloud.list(listing, region, cx),
            (None, Table::Active) => self.wandb.active(cx),
            (None, _) => self.wandb.completed(cx),
        }
    }

    fn stop(&self, table: Table, row: &Row, cx: &WorkerContext) -> Result<(), SourceError> {
        let Some(listing) = listing(table) else {
            let what = "a W&B run cannot be stopped from here";
            return Err(SourceError::new(ErrorKind::Refused, what).with_advice("stop it on its page"));
        };
        self.gcloud.stop(listing, row, cx)
    }

    fn open_url(&self, url: &str, cx: &WorkerContext) -> Result<(), SourceError> {
        browser::open(url, cx)
    }

    fn follow_log(&self, table: Table, row: &Row, cx: &WorkerContext, lines: &Lines<'_>) -> Result<()> {
        let Some(listing) = listing(table) else {
            let what = "the log of a W&B run cannot be read from here";
            return Err(SourceError::new(ErrorKind::Refused, what).with_advice("read it on its page").into());
        };
        self.gcloud.follow_log(listing, row, cx, lines)
    }
}

/// What `gcloud` lists for a table; `None` if it is Weights & Biases'.
fn listing(table: Table) -> Option<Listing> {
    match table {
        Table::Builds => Some(Listing::Builds),
        Table::Runner => Some(Listing::Executions),
        Table::Vertex => Some(Listing::Jobs),
        Table::Active | Table::Completed => None,
    }
}
