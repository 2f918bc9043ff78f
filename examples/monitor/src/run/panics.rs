//! Panics while the screen is taken: seen by a person, and not across the tables.
//!
//! The UI thread's panic ends the monitor: the terminal is given back first, then the usual message is printed. A
//! panic on any other thread that no worker answers for (the terminal's reader, an HTTP call) must not touch the
//! screen; what it messages is printed when the monitor has ended. A worker's panic never comes here: it is the error of
//! its table.

use std::panic::{self, PanicHookInfo};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};

use super::terminal;

/// Keeps more than this to itself: whoever panics so often says the same.
const MAX_RECORDED: usize = 20;

type Hook = dyn Fn(&PanicHookInfo<'_>) + Send + Sync;

/// The watch over panics, until it is dropped.
pub(super) struct PanicRecorder {
    shared: Arc<Shared>,
}

struct Shared {
    ui_thread: ThreadId,
    /// What others messages; `None` once the watch is over.
    messages: Mutex<Option<Vec<String>>>,
    previous_hook: Box<Hook>,
}

impl PanicRecorder {
    /// Begins the watch. The calling thread is the UI's.
    pub(super) fn install() -> Self {
        let shared = Arc::new(Shared {
            ui_thread: thread::current().id(),
            messages: Mutex::new(Some(Vec::new())),
            previous_hook: panic::take_hook(),
        });
        let hook = shared.clone();
        panic::set_hook(Box::new(move |info| hook.on_panic(info)));
        Self { shared }
    }

    /// Ends the watch, and gives what was messages.
    pub(super) fn into_messages(self) -> Vec<String> {
        self.shared.end()
    }
}

impl Drop for PanicRecorder {
    fn drop(&mut self) {
        self.shared.end();
    }
}

impl Shared {
    fn on_panic(&self, info: &PanicHookInfo<'_>) {
        if thread::current().id() == self.ui_thread {
            terminal::restore();
            (self.previous_hook)(info);
            return;
        }
        let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *messages {
            Some(messages) if messages.len() < MAX_RECORDED => {
                let name = thread::current().name().unwrap_or("without a name").to_owned();
                messages.push(format!("thread {name} {info}").replace('\n', " "));
            }
            Some(_) => {}
            None => (self.previous_hook)(info),
        }
    }

    fn end(&self) -> Vec<String> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default()
    }
}
