//! [`TokioLoop`]: an [`EventLoop`] of tokio; a tokio [`Handle`] is one, too. Exists with the feature
//! `tokio`.

use tokio::runtime::Handle;
use tokio::task::LocalSet;

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
        let local = LocalSet::new();
        if let Some(runtime) = &background.0 {
            local.block_on(runtime, future);
        }
    }
}

/// The app's own runtime: the bodies of all workers share its I/O, and so the connections of an
/// HTTP client that is shared. With a runtime for each worker ([`TokioLoop`]) a connection ends
/// with the worker that made it.
///
/// A body's future is still polled on the worker's thread, so it may block, and need not be `Send`;
/// `spawn_local` works in it, and `spawn` goes to the runtime. A current-thread runtime does I/O
/// and time only while the app drives it, in `block_on`.
///
/// ```
/// use worker_core::WorkerManager;
///
/// let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
/// let workers = WorkerManager::builder().event_loop(runtime.handle().clone()).build();
/// let worker = workers.worker("join").thread_async(async |_| {
///     Ok(tokio::spawn(async { "on the app's runtime" }).await?)
/// });
/// assert_eq!(*worker.wait()?, "on the app's runtime");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl EventLoop for Handle {
    fn run(&self, future: LocalFuture) {
        self.block_on(LocalSet::new().run_until(future));
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
