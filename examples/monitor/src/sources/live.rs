//! [`Live`]: Google Cloud through the `gcloud` command, Weights & Biases through its GraphQL API.
//!
//! Cancelling a fetch ends it at once: its `gcloud` process groups are killed, its HTTP call is
//! shut down. The environment is read in `KeySources::from_env` and `setup` only, so tests can
//! provide their own.

mod child;
pub mod gcloud;
mod guardian;
mod http;
mod key;
mod reply;
mod retry_after;
pub mod wandb;
mod wire;

use worker_core::WorkerContext;

use crate::model::Table;
use crate::source::{Batch, Source, SourceError};
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
        match table {
            Table::Builds | Table::Runner | Table::Vertex => self.gcloud.regions().to_vec(),
            Table::Active | Table::Completed => Vec::new(),
        }
    }

    fn fetch(&self, table: Table, region: Option<&str>, cx: &WorkerContext) -> Result<Batch, SourceError> {
        match table {
            Table::Builds => self.gcloud.list(Listing::Builds, region, cx),
            Table::Runner => self.gcloud.list(Listing::Executions, region, cx),
            Table::Vertex => self.gcloud.list(Listing::Jobs, region, cx),
            Table::Active => self.wandb.active(cx),
            Table::Completed => self.wandb.completed(cx),
        }
    }
}
