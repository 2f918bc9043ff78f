//! [`LocalSpawn`]: the trait by which core runs futures on the UI's loop. The bridge implements it.

use std::fmt;
use std::pin::Pin;
use std::task::Waker;
use std::time::Instant;

/// A future that stays on the UI thread.
pub type LocalFuture = Pin<Box<dyn Future<Output = ()>>>;

/// A loop, on a UI thread, that futures can run on.
///
/// Implemented by a bridge's handle. A user only passes it to
/// [`WorkerBuilder::task`](crate::WorkerBuilder::task).
pub trait LocalSpawn: Send + Sync {
    /// Calls `make` on the UI thread and runs the future it gives there, to its end.
    ///
    /// The future is polled when it was just made and after its waker was called, at no other time.
    /// If the loop has gone, or goes before the end, `make` or the future is dropped.
    fn spawn_local(&self, make: Box<dyn FnOnce() -> LocalFuture + Send>);

    /// The time by the loop's clock.
    fn now(&self) -> Instant;

    /// Calls `waker` on the UI thread at `deadline`, or soon after, unless the guard is dropped
    /// before. If the loop has gone, never.
    fn wake_at(&self, deadline: Instant, waker: Waker) -> WakeupGuard;
}

/// A wake-up that is wanted until this is dropped; see [`LocalSpawn::wake_at`].
#[must_use = "dropping this cancels the wake-up"]
pub struct WakeupGuard(Option<Box<dyn FnOnce()>>);

impl WakeupGuard {
    /// `cancel` is called when the guard is dropped.
    pub fn new(cancel: impl FnOnce() + 'static) -> Self {
        Self(Some(Box::new(cancel)))
    }
}

impl Drop for WakeupGuard {
    fn drop(&mut self) {
        if let Some(cancel) = self.0.take() {
            cancel();
        }
    }
}

impl fmt::Debug for WakeupGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WakeupGuard").finish_non_exhaustive()
    }
}
