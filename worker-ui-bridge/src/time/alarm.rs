//! [`Alarm`]: a thread that calls a function at a deadline, for loops that cannot wait until it.
//!
//! The thread is made with the first deadline. It parks without holding the lock and looks again
//! after each park; what it calls is foreign code, which may use up an unpark, so it looks again
//! after that, too.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use worker_core::Clock;
use worker_core::blocking::{spawn, unpark};

use crate::sync::thread::{self, Thread};
use crate::sync::{Mutex, guard};

/// See the [module](self). Dropping it ends the thread.
pub(crate) struct Alarm {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Arc<dyn Clock>,
    ring: Box<dyn Fn() + Send + Sync>,
    state: Mutex<State>,
}

struct State {
    deadline: Option<Instant>,
    thread: AlarmThread,
}

enum AlarmThread {
    NotMade,
    Runs(Thread),
    /// It could not be made, or must end.
    Gone,
}

impl Alarm {
    /// Calls `ring` on the alarm's thread at each deadline that is set.
    pub(crate) fn new(clock: Arc<dyn Clock>, ring: impl Fn() + Send + Sync + 'static) -> Self {
        let state = Mutex::new(State { deadline: None, thread: AlarmThread::NotMade });
        Self { shared: Arc::new(Shared { clock, ring: Box::new(ring), state }) }
    }

    /// Replaces the deadline.
    pub(crate) fn set(&self, deadline: Option<Instant>) {
        let mut state = self.shared.state.lock();
        let former = std::mem::replace(&mut state.deadline, deadline);
        // A later deadline needs no unpark: at the former one the thread looks again.
        if deadline.is_none_or(|deadline| former.is_some_and(|former| former <= deadline)) {
            return;
        }
        match &state.thread {
            AlarmThread::Runs(thread) => {
                let thread = thread.clone();
                drop(state);
                unpark(&*self.shared.clock, &thread);
            }
            AlarmThread::NotMade => state.thread = self.make_thread(),
            AlarmThread::Gone => {}
        }
    }

    /// Called under the lock, which the thread's first look waits for.
    fn make_thread(&self) -> AlarmThread {
        let shared = self.shared.clone();
        let thread = thread::Builder::new().name("ui-alarm".into());
        match spawn(&*self.shared.clock, thread, Box::new(move || shared.run())) {
            Ok(thread) => AlarmThread::Runs(thread),
            Err(error) => {
                tracing::warn!(
                    target: "worker_ui_bridge", %error,
                    "the thread `ui-alarm` could not be made: timers run when something else wakes the loop"
                );
                AlarmThread::Gone
            }
        }
    }
}

impl Shared {
    fn run(&self) {
        loop {
            let now = self.clock.now();
            let park_until = {
                let mut state = self.state.lock();
                if let AlarmThread::Gone = state.thread {
                    return;
                }
                let due = state.deadline.take_if(|deadline| *deadline <= now);
                if due.is_none() { Some(state.deadline) } else { None }
            };
            match park_until {
                Some(deadline) => self.clock.park_until(deadline),
                None => guard("what wakes a loop for its timers", || (self.ring)()),
            }
        }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        let thread = std::mem::replace(&mut self.shared.state.lock().thread, AlarmThread::Gone);
        if let AlarmThread::Runs(thread) = thread {
            unpark(&*self.shared.clock, &thread);
        }
    }
}

impl fmt::Debug for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alarm").field("deadline", &self.shared.state.lock().deadline).finish_non_exhaustive()
    }
}
