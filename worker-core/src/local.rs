//! The seam to the UI's loop: core hands it futures and knows nothing of what is behind.

use std::any::Any;
use std::pin::Pin;
use std::task::Waker;
use std::time::Instant;

/// A future that stays on the UI thread.
pub type LocalFuture = Pin<Box<dyn Future<Output = ()>>>;

/// A loop, on a UI thread, that futures can run on.
///
/// Implemented by a bridge's handle. A user only passes it to [`WorkerBuilder::task`](crate::WorkerBuilder::task).
pub trait LocalSpawn: Send + Sync {
    /// Calls `make` on the UI thread and runs the future it gives there, to its end.
    ///
    /// The future is polled when it was just made and when its waker was called, never else. If the loop has gone, or goes
    /// before the end, `make` or the future is dropped.
    fn spawn_local(&self, make: Box<dyn FnOnce() -> LocalFuture + Send>);

    /// The time by the loop's clock.
    fn now(&self) -> Instant;

    /// Calls `waker` on the UI thread at `deadline`, or soon after, unless what is returned is dropped before. If the loop has
    /// gone, never.
    fn wake_at(&self, deadline: Instant, waker: Waker) -> Box<dyn Any>;
}
