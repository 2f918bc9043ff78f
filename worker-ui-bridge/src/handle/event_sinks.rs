//! The sinks that a [`UiHandle`] gives to a manager: state changes and progress, handled on the UI
//! thread.

use std::panic::Location;

use worker_core::{EventSink, ProgressChanged, ProgressSink, StateChanged};

use crate::handle::ui_handle::UiHandle;
use crate::queue::entry::Handler;

impl<A: 'static> UiHandle<A> {
    /// A sink for [`ManagerBuilder::events`](worker_core::ManagerBuilder::events): `handler` is
    /// called on the UI thread for every state change. Textual's `on_worker_state_changed`.
    ///
    /// The events and callbacks of one worker arrive in the order in which it made them. An event
    /// never waits for a full queue and costs no allocation.
    #[track_caller]
    pub fn state_changes<F>(&self, handler: F) -> impl EventSink + use<A, F>
    where
        F: Fn(&mut A, &StateChanged) + Send + Sync + 'static,
    {
        let handler = Handler { run: Box::new(handler), call_site: Location::caller() };
        self.target.clone().event_sink(handler)
    }

    /// A sink for [`ManagerBuilder::progress`](worker_core::ManagerBuilder::progress): `handler` is
    /// called on the UI thread when the progress of a worker has changed.
    ///
    /// A worker has at most one notice in the queue, and its progress is read when the notice is
    /// run, so a body that counts in a tight loop does not flood the queue. Like a callback, a
    /// notice of a cancelled worker is dropped.
    ///
    /// ```
    /// use worker_core::{ProgressChanged, WorkerManager};
    /// use worker_ui_bridge::UiBridge;
    ///
    /// let mut bridge = UiBridge::new();
    /// let on_progress = |bar: &mut f64, event: &ProgressChanged| *bar = event.progress.percent();
    /// let sink = bridge.handle().progress_changes(on_progress);
    /// let workers = WorkerManager::builder().progress(sink).build();
    /// workers.worker("copy").thread(|cx| {
    ///     cx.set_total(1000);
    ///     for _ in 0..1000 {
    ///         cx.advance(1);
    ///     }
    ///     Ok(())
    /// });
    ///
    /// let mut bar = 0.0;
    /// while bar < 100.0 {
    ///     bridge.wait(&mut bar)?;
    /// }
    /// # Ok::<(), worker_ui_bridge::PumpError>(())
    /// ```
    #[track_caller]
    pub fn progress_changes<F>(&self, handler: F) -> impl ProgressSink + use<A, F>
    where
        F: Fn(&mut A, &ProgressChanged) + Send + Sync + 'static,
    {
        let handler = Handler { run: Box::new(handler), call_site: Location::caller() };
        self.target.clone().progress_sink(handler)
    }
}
