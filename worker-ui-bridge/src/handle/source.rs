//! Sources: blocking readers, above all of terminal input, each on a thread of its own.

use std::io;
use std::panic::Location;
use std::sync::Arc;

use worker_core::blocking::spawn;

use crate::handle::ui_handle::UiHandle;
use crate::queue::callback::Callback;
use crate::queue::entry::Entry;
use crate::sync::{catch, thread};

/// What the `read` function of a source returns: one reading, and whether it is the last.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say whether more can be read",
    label = "a source's `read` must return an `Option` or a `Result`",
    note = "`None` and `Err` end the source; they reach the UI thread like every other reading"
)]
pub trait Reading: Send + 'static {
    /// Whether this is the last reading.
    fn is_last(&self) -> bool;
}

/// `None` is the last reading.
impl<T: Send + 'static> Reading for Option<T> {
    fn is_last(&self) -> bool {
        self.is_none()
    }
}

/// `Err` is the last reading.
impl<T: Send + 'static, E: Send + 'static> Reading for Result<T, E> {
    fn is_last(&self) -> bool {
        self.is_err()
    }
}

impl<A: 'static> UiHandle<A> {
    /// Calls `read` in a loop on a thread of its own, and `on_reading` with each reading on the UI
    /// thread.
    ///
    /// For functions that block and cannot be interrupted, like `crossterm::event::read`. Every
    /// reading is delivered, also the last one (`None` or `Err`); then the thread ends. It also
    /// ends with the first reading after the bridge was closed. It does not keep the process from
    /// exiting.
    ///
    /// # Errors
    ///
    /// If the thread cannot be made.
    ///
    /// # Panics
    ///
    /// If the name contains a NUL. A panic in `read` ends the source: it is logged, and comes out
    /// of the loop as [`PumpError::SourcePanicked`](crate::PumpError::SourcePanicked).
    ///
    /// ```
    /// use worker_ui_bridge::UiBridge;
    ///
    /// let mut bridge = UiBridge::new();
    /// let mut lines = ["one", "two"].into_iter();
    /// let on_line = |seen: &mut Vec<Option<&str>>, line| seen.push(line);
    /// bridge.handle().source("lines", move || lines.next(), on_line)?;
    ///
    /// let mut seen = Vec::new();
    /// while seen.last() != Some(&None) {
    ///     bridge.wait(&mut seen)?;
    /// }
    /// assert_eq!(seen, [Some("one"), Some("two"), None]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn source<R, Read, On>(
        &self,
        name: impl Into<String>,
        mut read: Read,
        on_reading: On,
    ) -> io::Result<()>
    where
        R: Reading,
        Read: FnMut() -> R + Send + 'static,
        On: Fn(&mut A, R) + Send + Sync + 'static,
    {
        let queue = self.queue().clone();
        let (on_reading, call_site) = (Arc::new(on_reading), Location::caller());
        let name: Arc<str> = name.into().into();
        let thread = thread::Builder::new().name(name.to_string());
        let read_and_post = move || {
            loop {
                let reading = match catch(&mut read) {
                    Ok(reading) => reading,
                    Err(panic) => {
                        tracing::error!(target: "worker_ui_bridge", %panic, "the source {name:?} has ended");
                        // Closed: there is no loop to end.
                        let _ = queue.push(Entry::SourcePanicked(name, Arc::new(panic)));
                        return;
                    }
                };
                let last = reading.is_last();
                let on_reading = on_reading.clone();
                let posted = queue.post(Callback::new(None, call_site, move |app| on_reading(app, reading)));
                if last || posted.is_err() {
                    return;
                }
            }
        };
        spawn(&*self.queue().clock, thread, Box::new(read_and_post)).map(drop)
    }
}
