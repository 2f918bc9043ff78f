//! The real thing: Google Cloud through the `gcloud` command, Weights & Biases through its GraphQL service.
//!
//! A fetch that is cancelled ends at once: its `gcloud` children are killed with everything they started, its HTTP
//! call is shut down. Neither reads the process's environment later than its `from_env`, so tests bring an
//! environment of their own.

mod child;
pub mod gcloud;
mod http;
mod key;
mod reply;
pub mod wandb;
mod wire;

use worker_core::WorkerContext;

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
    /// Watches what the two configurations name. Nothing is contacted yet.
    pub fn new(gcloud: GcloudConfig, wandb: WandbConfig) -> Self {
        Self { gcloud: Gcloud::new(gcloud), wandb: Wandb::new(wandb) }
    }
}

impl Source for Live {
    fn builds(&self, cx: &WorkerContext) -> Result<Batch, SourceError> {
        self.gcloud.list(Listing::Builds, cx)
    }

    fn runner(&self, cx: &WorkerContext) -> Result<Batch, SourceError> {
        self.gcloud.list(Listing::Executions, cx)
    }

    fn vertex(&self, cx: &WorkerContext) -> Result<Batch, SourceError> {
        self.gcloud.list(Listing::Jobs, cx)
    }

    fn active(&self, cx: &WorkerContext) -> Result<Batch, SourceError> {
        self.wandb.active(cx)
    }

    fn completed(&self, cx: &WorkerContext) -> Result<Batch, SourceError> {
        self.wandb.completed(cx)
    }
}
