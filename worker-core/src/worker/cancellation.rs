//! [`CancelListeners`], which a cancel notifies: the thread that runs the body, hooks, async
//! waiters. And [`Cascade`], which carries a cancel from a worker to its children.
//!
//! # Invariants
//!
//! The cancel flag itself is in the worker's lifecycle word and is set *before*
//! [`CancelListeners::notify`] takes the lock. A listener registers under that lock and looks at
//! the flag while holding it, so either it sees the flag or `notify` sees the listener: no cancel
//! is missed. Hooks run outside the lock, each once. Async waiters are woken under the event's own
//! lock, so a waker must not block.

use std::cell::RefCell;
use std::fmt;
use std::thread::LocalKey;

use event_listener::Event;

use crate::panics;
use crate::sync::blocking::unpark;
use crate::sync::clock::Clock;
use crate::sync::event::{listen, notify_all};
use crate::sync::primitives::Mutex;
use crate::sync::primitives::thread::{self, Thread};

pub(crate) type Hook = Box<dyn FnOnce() + Send>;

#[derive(Default)]
pub(crate) struct CancelListeners {
    list: Mutex<List>,
    event: Event,
}

#[derive(Default)]
struct List {
    /// The thread inside the body, to be unparked out of any wait.
    thread: Option<Thread>,
    /// Allocated with the first hook: most workers have none.
    hooks: Option<Box<Hooks>>,
}

#[derive(Default)]
struct Hooks {
    waiting: Vec<(u64, Hook)>,
    next: u64,
}

impl CancelListeners {
    /// The calling thread is about to run the body.
    pub(crate) fn attach(&self) {
        self.list.lock().thread = Some(thread::current());
    }

    /// The body has stopped: there is nothing left to notify. Drops the hooks.
    pub(crate) fn detach(&self) {
        let unused = {
            let mut list = self.list.lock();
            list.thread = None;
            list.take_hooks()
        };
        for (_, hook) in unused {
            panics::drop_quietly(hook, "dropping a cancel hook");
        }
    }

    /// Unparks the thread, wakes the waiters, runs the hooks. Called once, after the flag was set.
    pub(crate) fn notify(&self, clock: &dyn Clock) {
        let (thread, hooks) = {
            let mut list = self.list.lock();
            (list.thread.clone(), list.take_hooks())
        };
        if let Some(thread) = thread {
            unpark(clock, &thread);
        }
        panics::guard("a waker", || notify_all(&self.event));
        for (_, hook) in hooks {
            panics::guard("a cancel hook", hook);
        }
    }

    /// Keeps `hook` for [`notify`](Self::notify), or gives it back if the cancel has come already.
    pub(crate) fn add_hook(&self, hook: Hook, is_cancelled: impl FnOnce() -> bool) -> Result<u64, Hook> {
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

    pub(crate) fn remove_hook(&self, key: u64) {
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

impl fmt::Debug for CancelListeners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hooks = self.list.lock().hooks.as_ref().map_or(0, |hooks| hooks.waiting.len());
        f.debug_struct("CancelListeners").field("hooks", &hooks).finish_non_exhaustive()
    }
}

/// The children that the cancel under way on this thread has still to reach, if one is under way.
///
/// A child's own children are added to this list instead of being cancelled from within its cancel:
/// a family of workers may be deeper than the stack.
pub(crate) struct Cascade<W>(RefCell<Option<Vec<W>>>);

impl<W> Cascade<W> {
    pub(crate) const fn new() -> Self {
        Self(RefCell::new(None))
    }

    /// Cancels `child`, by `cancel`, now or from the cancel that is under way on this thread.
    pub(crate) fn reach(this: &'static LocalKey<Self>, child: W, cancel: impl Fn(&W)) {
        let mut child = Some(child);
        let is_first = this.try_with(|cascade| {
            let mut cascade = cascade.0.borrow_mut();
            let is_first = cascade.is_none();
            cascade.get_or_insert_default().extend(child.take());
            is_first
        });
        match is_first {
            Ok(true) => {
                while let Some(next) = this.with(|cascade| cascade.0.borrow_mut().as_mut().and_then(Vec::pop))
                {
                    cancel(&next);
                }
                this.with(|cascade| cascade.0.take());
            }
            Ok(false) => {}
            // The thread is ending and has no list any more.
            Err(_) => child.iter().for_each(cancel),
        }
    }
}
