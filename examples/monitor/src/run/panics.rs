//! [`PanicRecorder`]: a panic hook that keeps panic messages off the screen while the monitor draws
//! on it.
//!
//! A panic on the UI thread ends the monitor: the hook restores the terminal, then the usual
//! message is printed. A panic on another thread (the terminal reader, an HTTP call) is recorded
//! and printed when the monitor has ended. Panics of workers do not reach this hook: they become
//! errors of their tables.

use std::panic::{self, PanicHookInfo};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};

use super::terminal;

/// How many messages are recorded.
const MAX_RECORDED: usize = 20;

type Hook = dyn Fn(&PanicHookInfo<'_>) + Send + Sync;

/// Records panic messages until it is dropped.
pub(super) struct PanicRecorder {
    shared: Arc<Shared>,
}

struct Shared {
    ui_thread: ThreadId,
    /// The messages of other threads; `None` once recording has ended.
    messages: Mutex<Option<Vec<String>>>,
    previous_hook: Box<Hook>,
}

impl PanicRecorder {
    /// Installs the hook. The calling thread is the UI thread.
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

    /// Ends the recording and returns the messages.
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
