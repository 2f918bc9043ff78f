//! [`Watchdog`]: ends the process when an episode takes too long, and says who is where. A thread
//! that hangs cannot be ended in another way.

use std::process;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::driver::plan::Plan;
use crate::history::History;
use crate::report;

/// How long an episode may take.
const LIMIT: Duration = Duration::from_secs(20);

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Watchdog {
    watched: Arc<Mutex<Option<Watched>>>,
    /// Dropped with this, which ends the thread.
    _stop: Sender<()>,
}

#[derive(Debug)]
struct Watched {
    since: Instant,
    plan: Plan,
    history: Arc<History>,
}

/// An episode is watched until this is dropped.
#[derive(Debug)]
#[must_use]
pub(crate) struct Watching<'w>(&'w Watchdog);

impl Watchdog {
    /// A watchdog that watches nothing yet.
    pub(crate) fn new() -> Self {
        let watched: Arc<Mutex<Option<Watched>>> = Arc::default();
        let (stop, stopped) = mpsc::channel::<()>();
        let seen = watched.clone();
        thread::spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(Duration::from_secs(1)) {
                let watched = seen.lock();
                if let Some(watched) = watched.as_ref().filter(|watched| watched.since.elapsed() > LIMIT) {
                    eprintln!("{}", report::hang(&watched.history, &watched.plan, LIMIT));
                    process::exit(2);
                }
            }
        });
        Self { watched, _stop: stop }
    }

    /// Watches an episode.
    pub(crate) fn watch(&self, history: &Arc<History>, plan: &Plan) -> Watching<'_> {
        let watched = Watched { since: Instant::now(), plan: plan.clone(), history: history.clone() };
        *self.watched.lock() = Some(watched);
        Watching(self)
    }
}

impl Default for Watchdog {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Watching<'_> {
    fn drop(&mut self) {
        *self.0.watched.lock() = None;
    }
}
