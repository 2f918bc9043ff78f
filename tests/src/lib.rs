//! What the end-to-end tests share: the examples as processes, on a pseudo-terminal, and stand-ins for the outside world.

mod gcloud;
mod monitor;
mod terminal;
mod wandb;

pub use gcloud::FakeGcloud;
pub use monitor::{LIVE, Output, example, monitor, once, release_monitor};
pub use terminal::{Terminal, UnreadTerminal};
pub use wandb::FakeWandb;
