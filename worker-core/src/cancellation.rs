//! Who is told of a cancel: the thread that runs the body, hooks, and async waiters.
//!
//! # Invariants
//!
//! The cancel flag itself lives in the worker's [`Lifecycle`](crate::state::Lifecycle) and is set *before*
//! [`Watchers::fire`] takes the lock. A watcher registers under that lock and looks at the flag while holding it, so
//! either it sees the flag or `fire` sees the watcher: a cancel is never missed. Hooks run outside the lock, each once. Async
//! waiters are woken under the event's own lock; a waker must not block, as everywhere.

use std::fmt;
use std::thread::{self, Thread};

use event_listener::Event;
use parking_lot::Mutex;

use crate::blocking::{listen, notify_all};
use crate::clock::Clock;
use crate::panics;

pub(crate) type Hook = Box<dyn FnOnce() + Send>;

#[derive(Default)]
pub(crate) struct Watchers {
    list: Mutex<List>,
    event: Event,
}

#[derive(Default)]
struct List {
    /// The thread inside the body, to be unparked out of any wait.
    thread: Option<Thread>,
    /// Made with the first hook: most workers have none.
    hooks: Option<Box<Hooks>>,
}

#[derive(Default)]
struct Hooks {
    waiting: Vec<(u64, Hook)>,
    next: u64,
}

impl Watchers {
    /// The calling thread is about to run the body.
    pub(crate) fn enter(&self) {
        self.list.lock().thread = Some(thread::current());
    }

    /// The body has stopped: nobody needs to be told any more.
    pub(crate) fn leave(&self) {
        let left = {
            let mut list = self.list.lock();
            list.thread = None;
            list.take_hooks()
        };
        for (_, hook) in left {
            panics::drop_quietly(hook, "dropping a cancel hook");
        }
    }

    /// Tells everybody. Called once, after the flag was set.
    pub(crate) fn fire(&self, clock: &dyn Clock) {
        let (thread, hooks) = {
            let mut list = self.list.lock();
            (list.thread.clone(), list.take_hooks())
        };
        if let Some(thread) = thread {
            clock.unpark(&thread);
        }
        panics::guard("a waker", || notify_all(&self.event));
        for (_, hook) in hooks {
            panics::guard("a cancel hook", hook);
        }
    }

    /// Keeps `hook` for [`Watchers::fire`], or gives it back if the cancel has come already.
    pub(crate) fn register(&self, hook: Hook, is_cancelled: impl FnOnce() -> bool) -> Result<u64, Hook> {
        let mut list = self.list.lock();
        if is_cancelled() {
            return Err(hook);
        }
        let hooks = list.hooks.get_or_insert_default();
        let key = hooks.next;
        hooks.next += 1;
        hooks.waiting.push((key, hook));
        Ok(key)
    }

    pub(crate) fn unregister(&self, key: u64) {
        let hook = {
            let mut list = self.list.lock();
            list.hooks.as_mut().and_then(|hooks| {
                let found = hooks.waiting.iter().position(|(other, _)| *other == key);
                found.map(|at| hooks.waiting.swap_remove(at))
            })
        };
        drop(hook);
    }

    /// Completes once `is_cancelled` holds. Dropping the future is harmless.
    pub(crate) async fn cancelled(&self, is_cancelled: impl Fn() -> bool) {
        while !is_cancelled() {
            let listener = listen(&self.event);
            if is_cancelled() {
                return;
            }
            listener.await;
        }
    }
}

impl List {
    fn take_hooks(&mut self) -> Vec<(u64, Hook)> {
        self.hooks.as_mut().map(|hooks| std::mem::take(&mut hooks.waiting)).unwrap_or_default()
    }
}

impl fmt::Debug for Watchers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hooks = self.list.lock().hooks.as_ref().map_or(0, |hooks| hooks.waiting.len());
        f.debug_struct("Watchers").field("hooks", &hooks).finish_non_exhaustive()
    }
}
