//! Shared helpers of the end-to-end tests: the examples as processes ([`monitor`], [`once`]), a
//! pseudo-terminal ([`Terminal`]) and fake services ([`FakeGcloud`], [`FakeWandb`]).

pub mod architecture;
mod gcloud;
mod monitor;
mod outside;
pub mod svg;
mod terminal;
mod wandb;

pub use gcloud::FakeGcloud;
pub use monitor::{LIVE, Output, example, monitor, once, release_monitor};
pub use outside::run_within;
pub use terminal::{Terminal, UnreadTerminal};
pub use wandb::FakeWandb;
