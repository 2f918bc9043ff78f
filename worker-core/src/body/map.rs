//! [`WorkerContext::map`] and [`try_map`](WorkerContext::try_map): fan-out inside a body.
//!
//! # Invariants
//!
//! The parts are run by the body's own thread and by threads that are made for this and end with
//! it, within [`std::thread::scope`]: so parts may borrow from the body, and it goes on only when
//! all have stopped. Each thread takes the next item until there is none, the worker is cancelled,
//! or the rest is called off.

use std::io;
use std::sync::Arc;

use crate::body::context::WorkerContext;
use crate::body::fan_out::FanOut;
use crate::error::{BoxError, Cancelled, Panic};
use crate::panics;
use crate::sync::blocking::{block_on, spawn_scoped};
use crate::sync::primitives::Mutex;
use crate::sync::primitives::atomic::{AtomicUsize, Ordering};
use crate::sync::primitives::thread::{Builder, Scope, scope};
use crate::worker::current;
use crate::worker::error::WorkerError;
use crate::worker::handle::AnyWorker;
use crate::worker::lifecycle::Settled;
use crate::worker::record::Record;
use crate::worker::waker_set::WakerSet;

impl WorkerContext {
    /// Calls `part` for each of the items, at most `at_once` at a time (0 counts as 1), and gives
    /// what it returned, in the order of the items. Goes on when all parts have stopped.
    ///
    /// Each part is given a context of its own, so that whatever blocks is allowed in it; it may
    /// borrow from the body. Parts are [listed](crate::WorkerManager::workers) under their
    /// [parent](AnyWorker::parent), as `name[0]`, `name[1]`, …, but have no events. A cancel of the
    /// worker reaches all of them; one that was not begun gives [`Cancelled`].
    ///
    /// The worker's progress counts the parts, unless its body counts itself.
    ///
    /// The body's own thread takes part; the others, `at_once - 1` of them, are made for this and
    /// are none of the manager's `max_threads`. If one cannot be made, there are fewer. The worker
    /// has one slot of its [limit](crate::ConcurrencyLimit), however many parts it runs, and gives
    /// it back while all of them wait for other workers.
    ///
    /// # Panics
    ///
    /// If a part panics: the others are cancelled, and when they have stopped the panic goes on in
    /// the body.
    ///
    /// ```
    /// use worker_core::{BoxError, WorkerManager};
    ///
    /// let regions = ["europe-west1", "us-central1", "asia-east1"];
    /// let ask = WorkerManager::new().worker("regions").thread(move |cx| {
    ///     let mut answers = cx.map(regions, 2, |cx, region| {
    ///         cx.check()?; // ask the region here: blocking is fine
    ///         if region.starts_with("us") { Err(BoxError::from("no access")) } else { Ok(region.len()) }
    ///     });
    ///     answers.retain(Result::is_ok);
    ///     Ok(answers.len())
    /// });
    /// assert_eq!(*ask.wait()?, 2);
    /// # Ok::<(), worker_core::WaitError>(())
    /// ```
    pub fn map<I, R, E>(
        &self,
        items: impl IntoIterator<Item = I>,
        at_once: usize,
        part: impl Fn(&WorkerContext, I) -> Result<R, E> + Sync,
    ) -> Vec<Result<R, E>>
    where
        I: Send,
        R: Send,
        E: From<Cancelled> + Send,
    {
        let returned = self.fan_out(items, at_once, &part, |_| false);
        returned.into_iter().map(|part| part.unwrap_or_else(|| Err(Cancelled.into()))).collect()
    }

    /// As [`map`](Self::map), until the first error: then the parts that run are cancelled, no other
    /// is begun, and when all have stopped the error comes out.
    ///
    /// # Errors
    ///
    /// The one that came first in time; [`Cancelled`] if the worker was cancelled.
    ///
    /// # Panics
    ///
    /// As [`map`](Self::map).
    ///
    /// ```
    /// use worker_core::{BoxError, WorkerManager};
    ///
    /// let sum = WorkerManager::new().worker("sum").thread(|cx| {
    ///     let squares = cx.try_map(1..=10_u32, 4, |_, n| Ok::<_, BoxError>(n * n))?;
    ///     Ok(squares.iter().sum::<u32>())
    /// });
    /// assert_eq!(*sum.wait()?, 385);
    /// # Ok::<(), worker_core::WaitError>(())
    /// ```
    pub fn try_map<I, R, E>(
        &self,
        items: impl IntoIterator<Item = I>,
        at_once: usize,
        part: impl Fn(&WorkerContext, I) -> Result<R, E> + Sync,
    ) -> Result<Vec<R>, E>
    where
        I: Send,
        R: Send,
        E: From<Cancelled> + Send,
    {
        let first = Mutex::new(None);
        let part = |cx: &WorkerContext, item| match part(cx, item) {
            Ok(value) => Ok(value),
            Err(error) => {
                let later = {
                    let mut first = first.lock();
                    if first.is_none() { first.replace(error) } else { Some(error) }
                };
                drop(later);
                Err(())
            }
        };
        let returned = self.fan_out(items, at_once, &part, Result::is_err);
        match first.into_inner() {
            Some(error) => Err(error),
            None => {
                returned.into_iter().map(|part| part?.ok()).collect::<Option<_>>().ok_or(Cancelled.into())
            }
        }
    }

    /// What the parts returned, `None` for those that were not begun. The rest is called off if
    /// `calls_off` says so of what one returned.
    fn fan_out<I: Send, R: Send>(
        &self,
        items: impl IntoIterator<Item = I>,
        at_once: usize,
        part: &(impl Fn(&WorkerContext, I) -> R + Sync),
        calls_off: impl Fn(&R) -> bool + Sync,
    ) -> Vec<Option<R>> {
        let parent = &self.worker().0;
        let items: Vec<I> = items.into_iter().collect();
        let count = items.len();
        if parent.progress.counts_parts(count) {
            parent.progressed();
        }
        let parts = Parts {
            fan_out: FanOut::new(parent.clone()),
            items: Mutex::new(items.into_iter().enumerate()),
            returned: Mutex::new(std::iter::repeat_with(|| None).take(count).collect()),
            panic: Mutex::new(None),
            threads: AtomicUsize::new(0),
            thread_ended: WakerSet::default(),
            part,
            calls_off,
        };
        scope(|scope| {
            for _ in 1..at_once.min(count) {
                if parts.spawn(scope).is_err() {
                    break;
                }
            }
            parts.run();
            parts.wait();
        });
        if let Some(panic) = parts.panic.into_inner() {
            std::panic::resume_unwind(Box::new(panic));
        }
        parts.returned.into_inner()
    }
}

/// The parts of one fan-out.
struct Parts<'a, I, R, F, C> {
    fan_out: Arc<FanOut>,
    items: Mutex<std::iter::Enumerate<std::vec::IntoIter<I>>>,
    returned: Mutex<Vec<Option<R>>>,
    /// The first.
    panic: Mutex<Option<Panic>>,
    /// Those that were made for the parts and have not ended.
    threads: AtomicUsize,
    thread_ended: WakerSet,
    part: &'a F,
    calls_off: C,
}

impl<I, R, F, C> Parts<'_, I, R, F, C>
where
    I: Send,
    R: Send,
    F: Fn(&WorkerContext, I) -> R + Sync,
    C: Fn(&R) -> bool + Sync,
{
    fn spawn<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>) -> io::Result<()> {
        let parent = self.fan_out.parent();
        let mut thread = Builder::new().name("worker-part".into());
        if let Some(bytes) = parent.services().stack_size() {
            thread = thread.stack_size(bytes);
        }
        self.fan_out.thread_made();
        self.threads.fetch_add(1, Ordering::Relaxed);
        let made = spawn_scoped(&**parent.clock(), scope, thread, || {
            panics::keep_hook_in_front();
            self.run();
            self.end_thread();
        });
        if made.is_err() {
            self.end_thread();
        }
        made
    }

    /// The last step of a thread.
    fn end_thread(&self) {
        self.fan_out.thread_ended();
        self.threads.fetch_sub(1, Ordering::Release);
        self.thread_ended.wake_all();
    }

    /// Runs parts, one after another. What they returned is put in its places at the end, so that
    /// the threads do not meet at that lock for each.
    fn run(&self) {
        let mut returned = Vec::new();
        self.run_parts(&mut returned);
        let mut places = self.returned.lock();
        for (number, value) in returned {
            if let Some(place) = places.get_mut(number) {
                *place = Some(value);
            }
        }
    }

    fn run_parts(&self, returned: &mut Vec<(usize, R)>) {
        while let Some((number, item)) = self.next_item() {
            let Some(part) = self.fan_out.begin_part(number) else {
                panics::drop_quietly(item, "dropping an item");
                return;
            };
            let ended = panics::catch(|| {
                let worker = AnyWorker(part.clone());
                let context = WorkerContext::new(worker.clone());
                current::enter(worker, || (self.part)(&context, item))
            });
            returned.extend(self.settle(&part, ended).map(|value| (number, value)));
        }
    }

    fn next_item(&self) -> Option<(usize, I)> {
        if self.fan_out.parent().is_cancelled() {
            return None;
        }
        self.items.lock().next()
    }

    /// Ends the part, and gives what it returned, if it did not panic.
    fn settle(&self, part: &Arc<Record>, ended: Result<R, Panic>) -> Option<R> {
        let settled = part.settle();
        let returned = match ended {
            Ok(value) => {
                let calls_off = (self.calls_off)(&value);
                match settled {
                    Settled::AsReturned => part.end_with_value(),
                    Settled::Cancelled => part.end_cancelled(),
                }
                if calls_off {
                    self.call_off();
                }
                Some(value)
            }
            Err(panic) => {
                self.panic.lock().get_or_insert(panic);
                part.end_with_error(WorkerError::Failed(Arc::from(BoxError::from(
                    "it panicked; its parent has the panic",
                ))));
                self.call_off();
                None
            }
        };
        let parent = self.fan_out.parent();
        if parent.progress.part_done() {
            parent.progressed();
        }
        returned
    }

    /// No other part is begun, and those that run are cancelled.
    fn call_off(&self) {
        let rest: Vec<_> = self.items.lock().by_ref().collect();
        panics::drop_quietly(rest, "dropping items");
        self.fan_out.call_off();
    }

    /// Blocks the body's thread until the others have ended.
    fn wait(&self) {
        let have_ended = || self.threads.load(Ordering::Acquire) == 0;
        if have_ended() {
            return;
        }
        let parent = self.fan_out.parent();
        let blocking = parent.services().block_in_place();
        self.fan_out.body_waits();
        block_on(parent.clock(), None, self.thread_ended.wait_until(have_ended));
        self.fan_out.resume();
        drop(blocking);
    }
}
