//! Panics while the screen is taken: seen by a person, and not across the tables.
//!
//! The UI thread's panic ends the monitor: the terminal is given back first, then the usual message is printed. A
//! panic on any other thread that no worker answers for (the terminal's reader, an HTTP call) must not touch the
//! screen; what it said is printed when the monitor has ended. A worker's panic never comes here: it is the error of
//! its table.

use std::panic::{self, PanicHookInfo};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};

use super::terminal;

/// Keeps more than this to itself: whoever panics so often says the same.
const MOST: usize = 20;

type Hook = dyn Fn(&PanicHookInfo<'_>) + Send + Sync;

/// The watch over panics, until it is dropped.
pub(super) struct PanicWatch {
    shared: Arc<Shared>,
}

struct Shared {
    ui_thread: ThreadId,
    /// What others said; `None` once the watch is over.
    said: Mutex<Option<Vec<String>>>,
    former: Box<Hook>,
}

impl PanicWatch {
    /// Begins the watch. The calling thread is the UI's.
    pub(super) fn install() -> Self {
        let shared = Arc::new(Shared {
            ui_thread: thread::current().id(),
            said: Mutex::new(Some(Vec::new())),
            former: panic::take_hook(),
        });
        let hook = shared.clone();
        panic::set_hook(Box::new(move |info| hook.on_panic(info)));
        Self { shared }
    }

    /// Ends the watch, and gives what was said.
    pub(super) fn said(self) -> Vec<String> {
        self.shared.end()
    }
}

impl Drop for PanicWatch {
    fn drop(&mut self) {
        self.shared.end();
    }
}

impl Shared {
    fn on_panic(&self, info: &PanicHookInfo<'_>) {
        if thread::current().id() == self.ui_thread {
            terminal::give_back();
            (self.former)(info);
            return;
        }
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *said {
            Some(said) if said.len() < MOST => {
                let name = thread::current().name().unwrap_or("without a name").to_owned();
                said.push(format!("thread {name} {info}").replace('\n', " "));
            }
            Some(_) => {}
            None => (self.former)(info),
        }
    }

    fn end(&self) -> Vec<String> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default()
    }
}
