//! [`CancelListeners`], which a cancel notifies: the thread that runs the body, hooks, async
//! waiters and the worker's children.
//!
//! # Invariants
//!
//! The cancel flag itself is in the worker's lifecycle word and is set *before*
//! [`CancelListeners::notify`] takes the lock. A listener registers under that lock and looks at
//! the flag while holding it or afterwards, so either it sees the flag or `notify` sees it: no
//! cancel is missed. Hooks run and wakers are woken outside the lock, each once. A hook that is taken
//! away after the flag was set, and before `notify` has come to it, is run by the thread that takes
//! it away: so a body that ends because it has seen the flag cannot lose its hook.

use std::collections::BTreeMap;
use std::fmt;
use std::task::Waker;

use crate::panics;
use crate::sync::blocking::unpark;
use crate::sync::clock::Clock;
use crate::sync::primitives::Mutex;
use crate::sync::primitives::thread::{self, Thread};
use crate::worker::waker_set::{WaitUntil, Waiters, wake_each};

pub(crate) type Hook = Box<dyn FnOnce() + Send>;

/// The listeners of one worker; `W` is a reference to a child.
pub(crate) struct CancelListeners<W> {
    list: Mutex<List<W>>,
}

struct List<W> {
    /// The thread inside the body, to be unparked out of any wait.
    thread: Option<Thread>,
    /// Allocated with the first of them: most workers have none.
    registered: Option<Box<Registered<W>>>,
}

/// In the order in which they were registered.
struct Registered<W> {
    wakers: BTreeMap<u64, Waker>,
    hooks: BTreeMap<u64, Hook>,
    children: BTreeMap<u64, W>,
    next: u64,
}

impl<W> CancelListeners<W> {
    pub(crate) fn new() -> Self {
        Self { list: Mutex::new(List { thread: None, registered: None }) }
    }

    /// The calling thread is about to run the body.
    pub(crate) fn attach(&self) {
        self.list.lock().thread = Some(thread::current());
    }

    /// The body has stopped: its thread and its hooks are no longer notified. Takes the hooks away.
    pub(crate) fn detach(&self, is_cancelled: impl Fn() -> bool) {
        let left = {
            let mut list = self.list.lock();
            list.thread = None;
            list.registered.as_mut().map(|registered| std::mem::take(&mut registered.hooks))
        };
        for hook in left.into_iter().flat_map(BTreeMap::into_values) {
            take_away(hook, &is_cancelled);
        }
    }

    /// Unparks the thread, wakes the waiters, runs the hooks. Gives the children, which the caller
    /// cancels. Called once, after the flag was set.
    pub(crate) fn notify(&self, clock: &dyn Clock) -> Option<impl Iterator<Item = W> + use<W>> {
        let (thread, registered) = {
            let mut list = self.list.lock();
            (list.thread.clone(), list.registered.take())
        };
        if let Some(thread) = thread {
            unpark(clock, &thread);
        }
        let Registered { wakers, hooks, children, .. } = *registered?;
        wake_each(wakers.into_values());
        for hook in hooks.into_values() {
            panics::guard("a cancel hook", hook);
        }
        Some(children.into_values())
    }

    /// Keeps `hook` for [`notify`](Self::notify), or gives it back if the cancel has come already.
    pub(crate) fn add_hook(&self, hook: Hook, is_cancelled: impl FnOnce() -> bool) -> Result<u64, Hook> {
        self.list.lock().add(hook, is_cancelled, |registered| &mut registered.hooks)
    }

    pub(crate) fn remove_hook(&self, key: u64, is_cancelled: impl Fn() -> bool) {
        let hook = self.list.lock().registered.as_mut().and_then(|all| all.hooks.remove(&key));
        if let Some(hook) = hook {
            take_away(hook, is_cancelled);
        }
    }

    /// Keeps `child` for [`notify`](Self::notify), or gives it back if the cancel has come already.
    pub(crate) fn add_child(&self, child: W, is_cancelled: impl FnOnce() -> bool) -> Result<u64, W> {
        self.list.lock().add(child, is_cancelled, |registered| &mut registered.children)
    }

    pub(crate) fn remove_child(&self, key: u64) {
        let child = self.list.lock().registered.as_mut().and_then(|all| all.children.remove(&key));
        drop(child);
    }

    /// Completes once `is_cancelled` holds. Dropping the future is harmless.
    pub(crate) fn cancelled<C: Fn() -> bool>(&self, is_cancelled: C) -> WaitUntil<'_, Self, C> {
        WaitUntil::new(self, is_cancelled)
    }
}

/// Drops a hook that is no longer wanted; or runs it, if the cancel has come but has not reached it.
fn take_away(hook: Hook, is_cancelled: impl Fn() -> bool) {
    if is_cancelled() {
        panics::guard("a cancel hook", hook);
    } else {
        panics::drop_quietly(hook, "dropping a cancel hook");
    }
}

impl<W> Registered<W> {
    fn next_key(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

impl<W> Default for Registered<W> {
    fn default() -> Self {
        Self { wakers: BTreeMap::new(), hooks: BTreeMap::new(), children: BTreeMap::new(), next: 0 }
    }
}

/// The condition is the cancel flag.
impl<W> Waiters for CancelListeners<W> {
    fn register(&self, key: Option<u64>, waker: Waker) -> u64 {
        let (key, former) = {
            let mut list = self.list.lock();
            let registered = list.registered();
            let key = key.unwrap_or_else(|| registered.next_key());
            (key, registered.wakers.insert(key, waker))
        };
        drop(former);
        key
    }

    fn unregister(&self, key: u64) {
        let waker = self.list.lock().registered.as_mut().and_then(|all| all.wakers.remove(&key));
        drop(waker);
    }
}

impl<W> List<W> {
    fn registered(&mut self) -> &mut Registered<W> {
        self.registered.get_or_insert_default()
    }

    fn add<L>(
        &mut self,
        listener: L,
        is_cancelled: impl FnOnce() -> bool,
        listeners: impl FnOnce(&mut Registered<W>) -> &mut BTreeMap<u64, L>,
    ) -> Result<u64, L> {
        if is_cancelled() {
            return Err(listener);
        }
        let registered = self.registered();
        let key = registered.next_key();
        listeners(registered).insert(key, listener);
        Ok(key)
    }
}

impl<W> fmt::Debug for CancelListeners<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hooks, children) = {
            let list = self.list.lock();
            list.registered.as_ref().map_or((0, 0), |all| (all.hooks.len(), all.children.len()))
        };
        f.debug_struct("CancelListeners")
            .field("hooks", &hooks)
            .field("children", &children)
            .finish_non_exhaustive()
    }
}
