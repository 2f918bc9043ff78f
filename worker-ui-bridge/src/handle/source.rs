//! Sources: blocking readers, above all of terminal input, each on a thread of its own. A
//! [`Source`] can be paused, resumed and stopped.

use std::fmt;
use std::io;
use std::panic::Location;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use worker_core::Clock;
use worker_core::blocking::{block_until, spawn, unpark};

use crate::error::PauseError;
use crate::handle::ui_handle::UiHandle;
use crate::queue::callback::Callback;
use crate::sync::thread::Thread;
use crate::sync::{Mutex, catch, guard, thread};

/// How long a pause waits for a read that is under way.
const PAUSE_LIMIT: Duration = Duration::from_secs(1);

/// How often a read that is under way is interrupted again.
const INTERRUPT_EVERY: Duration = Duration::from_millis(10);

/// What the `read` function of a source returns: one reading, and whether it is the last.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say whether more can be read",
    label = "a source's `read` must return an `Option` or a `Result`, or a `Poll` of one",
    note = "`None` and `Err` end the source; they reach the UI thread like every other reading"
)]
pub trait Reading: Send + 'static {
    /// Whether this is the last reading.
    fn is_last(&self) -> bool;

    /// Whether there was nothing to read: then it is not delivered, and a pause may begin.
    fn is_nothing(&self) -> bool {
        false
    }

    /// Whether `read` says when there was nothing to read, so that a pause waits for that: nothing
    /// that the reader has taken in is left for later.
    const SAYS_NOTHING: bool = false;
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

/// `Pending`: there was nothing to read in the time that `read` has waited.
impl<R: Reading> Reading for Poll<R> {
    fn is_last(&self) -> bool {
        matches!(self, Self::Ready(reading) if reading.is_last())
    }

    fn is_nothing(&self) -> bool {
        self.is_pending()
    }

    const SAYS_NOTHING: bool = true;
}

/// A reader on a thread of its own; made by [`UiHandle::source`]. Dropping it lets the source go
/// on.
#[derive(Clone)]
pub struct Source {
    shared: Arc<Shared>,
}

struct Shared {
    name: Arc<str>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

struct State {
    wanted: Wanted,
    reader: Reader,
    /// Who waits for the reader to be out of its read.
    pausing: Option<Thread>,
    interrupt: Option<Arc<dyn Fn() + Send + Sync>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Reads,
    Paused,
    Stopped,
}

/// What the thread of the source does.
enum Reader {
    /// It may be inside `read`.
    Reading,
    /// It is parked, or about to park, until it is wanted.
    Paused(Thread),
    Ended,
}

impl Source {
    /// Pauses the source: for `$EDITOR`, a pager, a password prompt. Once this has returned,
    /// nothing is read until [`resume`](Self::resume). What was read before is delivered.
    ///
    /// It waits for a `read` that is under way. One that blocks, like `crossterm::event::read`,
    /// must therefore be [interrupted](Self::interrupt_with), or wait for a short time only and
    /// return a [`Poll`](std::task::Poll): with that, a pause also waits until there is nothing
    /// left to read, so no key that the reader has taken in comes late.
    ///
    /// # Errors
    ///
    /// [`PauseError`] if the read has not ended within a second. The source then goes on.
    pub fn pause(&self) -> Result<(), PauseError> {
        {
            let mut state = self.shared.state.lock();
            if state.wanted == Wanted::Reads {
                state.wanted = Wanted::Paused;
            }
            state.pausing = Some(thread::current());
        }
        let clock = &*self.shared.clock;
        let end = clock.now() + PAUSE_LIMIT;
        loop {
            if self.shared.is_out_of_read() {
                return Ok(());
            }
            let now = clock.now();
            if now >= end {
                self.resume();
                return Err(PauseError { name: self.shared.name.clone() });
            }
            self.interrupt();
            let again = (now + INTERRUPT_EVERY).min(end);
            block_until(clock, Some(again), || self.shared.is_out_of_read().then_some(()));
        }
    }

    /// Lets a paused source read again.
    pub fn resume(&self) {
        let paused = {
            let mut state = self.shared.state.lock();
            state.pausing = None;
            if state.wanted == Wanted::Stopped {
                return;
            }
            state.wanted = Wanted::Reads;
            state.paused_thread()
        };
        self.shared.unpark(paused);
    }

    /// Ends the source. Once this has returned on the UI thread, no reading is delivered any more.
    /// A `read` that is under way is [interrupted](Self::interrupt_with) once, if it can be, and
    /// not waited for; what it returns is dropped. [Pause](Self::pause) first to wait for it.
    pub fn stop(&self) {
        let paused = {
            let mut state = self.shared.state.lock();
            state.wanted = Wanted::Stopped;
            state.paused_thread()
        };
        self.shared.unpark(paused);
        if !self.shared.is_out_of_read() {
            self.interrupt();
        }
    }

    /// Whether its thread reads no more: it was stopped, has had its last reading, or has panicked.
    pub fn has_ended(&self) -> bool {
        let state = self.shared.state.lock();
        state.wanted == Wanted::Stopped || matches!(state.reader, Reader::Ended)
    }

    /// Calls `interrupt` when the source is to pause or stop while a `read` is under way; for a
    /// pause, again every 10 ms until that has returned. It makes `read` return, or the next one if
    /// that is just about to begin, for example by writing to a pipe that it polls beside the
    /// terminal.
    #[must_use = "it gives the source back"]
    pub fn interrupt_with(self, interrupt: impl Fn() + Send + Sync + 'static) -> Self {
        self.shared.state.lock().interrupt = Some(Arc::new(interrupt));
        self
    }

    fn interrupt(&self) {
        let interrupt = self.shared.state.lock().interrupt.clone();
        if let Some(interrupt) = interrupt {
            guard("the function given to `interrupt_with`", || interrupt());
        }
    }
}

impl State {
    fn paused_thread(&self) -> Option<Thread> {
        match &self.reader {
            Reader::Paused(thread) => Some(thread.clone()),
            Reader::Reading | Reader::Ended => None,
        }
    }
}

impl Shared {
    fn is_out_of_read(&self) -> bool {
        !matches!(self.state.lock().reader, Reader::Reading)
    }

    fn unpark(&self, thread: Option<Thread>) {
        if let Some(thread) = thread {
            unpark(&*self.clock, &thread);
        }
    }

    /// Before a read, by the reader: waits while the source is paused, if it `may_pause` now. False
    /// if it must end.
    fn may_read(&self, may_pause: bool) -> bool {
        let begun = block_until(&*self.clock, None, || {
            let mut state = self.state.lock();
            match state.wanted {
                Wanted::Stopped => Some(false),
                Wanted::Paused if !may_pause => Some(true),
                Wanted::Reads => {
                    state.reader = Reader::Reading;
                    Some(true)
                }
                Wanted::Paused => {
                    state.reader = Reader::Paused(thread::current());
                    let pausing = state.pausing.take();
                    drop(state);
                    self.unpark(pausing);
                    None
                }
            }
        });
        begun.unwrap_or(false)
    }

    fn end(&self) {
        let pausing = {
            let mut state = self.state.lock();
            state.reader = Reader::Ended;
            state.pausing.take()
        };
        self.unpark(pausing);
    }

    fn is_stopped(&self) -> bool {
        self.state.lock().wanted == Wanted::Stopped
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wanted = self.shared.state.lock().wanted;
        f.debug_struct("Source")
            .field("name", &self.shared.name)
            .field("wanted", &wanted)
            .finish_non_exhaustive()
    }
}

impl<A: 'static> UiHandle<A> {
    /// Calls `read` in a loop on a thread of its own, and `on_reading` with each reading on the UI
    /// thread.
    ///
    /// For functions that block, like `crossterm::event::read`. Every reading is delivered, also
    /// the last one (`None` or `Err`); then the thread ends. It also ends with the first reading
    /// after the bridge was closed. It does not keep the process from exiting. The [`Source`] that
    /// is returned pauses and stops it; it may be dropped.
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
    ) -> io::Result<Source>
    where
        R: Reading,
        Read: FnMut() -> R + Send + 'static,
        On: Fn(&mut A, R) + Send + Sync + 'static,
    {
        let (target, clock) = (self.target.clone(), self.target.clock().clone());
        let (on_reading, call_site) = (Arc::new(on_reading), Location::caller());
        let name: Arc<str> = name.into().into();
        let state = State { wanted: Wanted::Reads, reader: Reader::Reading, pausing: None, interrupt: None };
        let shared = Arc::new(Shared { name: name.clone(), clock, state: Mutex::new(state) });
        let thread = thread::Builder::new().name(name.to_string());
        let source = Source { shared: shared.clone() };
        let read_and_post = move || {
            // A reader that says when there is nothing reads on until then, also when it is to
            // pause.
            let mut may_pause = true;
            while shared.may_read(may_pause) {
                let reading = match catch(&mut read) {
                    Ok(reading) => reading,
                    Err(panic) => {
                        tracing::error!(target: "worker_ui_bridge", %panic, "the source {name:?} has ended");
                        target.source_panicked(name, Arc::new(panic));
                        break;
                    }
                };
                may_pause = reading.is_nothing() || !R::SAYS_NOTHING;
                if reading.is_nothing() {
                    continue;
                }
                let last = reading.is_last();
                let (on_reading, source) = (on_reading.clone(), shared.clone());
                let deliver = move |app: &mut A| {
                    if !source.is_stopped() {
                        on_reading(app, reading);
                    }
                };
                if target.post(Callback::new(None, call_site, deliver)).is_err() || last {
                    break;
                }
            }
            shared.end();
        };
        spawn(&*source.shared.clock, thread, Box::new(read_and_post))?;
        Ok(source)
    }
}
