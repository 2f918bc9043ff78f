//! [`TokioLoop`]: an [`EventLoop`] of tokio. Exists with the feature `tokio`.

use crate::body::event_loop::EventLoop;
use crate::body::local_spawn::LocalFuture;

/// A current-thread tokio runtime with I/O and time, made for each worker. `tokio::spawn` and
/// `spawn_local` work in it; what they started ends with the worker. The default with the feature
/// `tokio`.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioLoop;

impl EventLoop for TokioLoop {
    /// # Panics
    ///
    /// If the system has no room for another runtime: the worker then ends in `Error(Panicked)`.
    fn run(&self, future: LocalFuture) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime =
            runtime.unwrap_or_else(|error| panic!("the worker's tokio runtime cannot be made: {error}"));
        let background = InBackground(Some(runtime));
        // Dropped before the runtime, whatever happens: local tasks end in it.
        let local = tokio::task::LocalSet::new();
        if let Some(runtime) = &background.0 {
            local.block_on(runtime, future);
        }
    }
}

/// Ends a runtime without waiting for the blocking jobs it was given: a worker ends with its body.
struct InBackground(Option<tokio::runtime::Runtime>);

impl Drop for InBackground {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
