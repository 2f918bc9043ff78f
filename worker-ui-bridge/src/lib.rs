//! One queue from worker threads to the UI thread, for any UI loop.

mod bridge;
mod call;
mod error;
mod handle;
mod queue;
mod source;
mod tasks;
mod timers;

pub use bridge::{BridgeBuilder, Pumped, UiBridge};
pub use error::{CallError, PostError, PumpError, TryPostError};
pub use handle::UiHandle;
pub use source::Reading;
pub use timers::TimerId;
