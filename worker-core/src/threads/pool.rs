//! [`Pool`]: threads on demand, which run queued jobs; jobs that become stale are removed from the
//! queue.
//!
//! A job goes to a sleeping thread if there is one, else to a new one if the limit allows another
//! active thread; else it waits in the queue. Threads end after an idle time.
//!
//! # Invariants
//!
//! 1. `threads` counts those that live or are being made, `blocked` those of them inside
//!    [`Pool::block_in_place`], `idle` those that sleep. The others are *active*: they run a job,
//!    look for one, or are waking up. A thread is woken or made only while fewer than `max_threads`
//!    are active, so a job that a blocked thread waits for always finds one. Only threads that
//!    return from a block can make them more; then the first that is done retires.
//! 2. While the queue is not empty, `max_threads` threads are active, or a wakeup is pending, or no
//!    thread could be made; active threads take from the queue when they are done. If no thread can
//!    be made and none is left, the jobs are refused.
//! 3. At most one wakeup is pending: a thread that was woken or made and has not looked at the
//!    queue yet. When it looks, it wakes the next, if the queue is still not empty. So a burst of
//!    jobs wakes no more threads than find work.
//! 4. A thread is in `idle` exactly while it may be woken. The code that takes it out must unpark
//!    it.
//!
//! The state's lock is a leaf; jobs run outside it.

use std::cell::Cell;
use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::panics;
use crate::sync::blocking::{BlockingGuard, EndBlocking, spawn, unpark};
use crate::sync::clock::Clock;
use crate::sync::counter::Counter;
use crate::sync::primitives::atomic::{AtomicUsize, Ordering};
use crate::sync::primitives::thread::{self, Thread, ThreadId};
use crate::sync::primitives::{Mutex, thread_local};
use crate::sync::yielding::yield_until;

/// What a pool runs. A job must not panic; if it does, its thread is replaced.
pub(crate) trait Job: Send + 'static {
    fn run(self);
    /// No thread could be made for it.
    fn refuse(self, error: io::Error);
    /// Whether running it would do nothing any more.
    fn is_stale(&self) -> bool;
}

/// How many threads, and how long they stay without work.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) max_threads: usize,
    /// `None`: for ever.
    pub(crate) idle_timeout: Option<Duration>,
    /// `None`: the system's default.
    pub(crate) stack_size: Option<usize>,
}

static NUMBERS: Counter = Counter::new();

thread_local! {
    /// The number of the pool that this thread belongs to; 0: none.
    static POOL_ID: Cell<u64> = const { Cell::new(0) };
    /// Whether this thread is counted as blocked already.
    static BLOCKED: Cell<bool> = const { Cell::new(false) };
}

pub(crate) struct Pool<J> {
    shared: Arc<Shared<J>>,
}

struct Shared<J> {
    /// Tells the pools of a process apart; never 0.
    number: u64,
    limits: Limits,
    clock: Arc<dyn Clock>,
    state: Mutex<State<J>>,
    /// How many jobs are queued, for a look without the lock.
    queued: AtomicUsize,
}

struct State<J> {
    queue: VecDeque<J>,
    /// How many jobs have become stale since the queue was last rid of them, at least as many as
    /// are in it.
    stale: usize,
    idle: Vec<Thread>,
    threads: usize,
    blocked: usize,
    wakeup: Wakeup,
    /// Only ever counts up: thread names.
    made: usize,
    closed: bool,
}

/// Whether a thread that was woken or made has still to look at the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wakeup {
    Idle,
    Pending,
}

/// What must happen after the lock is released, so that the queue has a thread to run it.
#[must_use]
enum WakeAction {
    Wake(Thread),
    Make(usize),
    Nothing,
}

impl<J: Job> Pool<J> {
    pub(crate) fn new(limits: Limits, clock: Arc<dyn Clock>) -> Self {
        let state = State {
            queue: VecDeque::new(),
            stale: 0,
            idle: Vec::new(),
            threads: 0,
            blocked: 0,
            wakeup: Wakeup::Idle,
            made: 0,
            closed: false,
        };
        let number = NUMBERS.next();
        Self {
            shared: Arc::new(Shared {
                number,
                limits,
                clock,
                state: Mutex::new(state),
                queued: AtomicUsize::new(0),
            }),
        }
    }

    pub(crate) fn stack_size(&self) -> Option<usize> {
        self.shared.limits.stack_size
    }

    /// Queues a job. FIFO.
    pub(crate) fn submit(&self, job: J) {
        let action = {
            let mut state = self.shared.state.lock();
            state.queue.push_back(job);
            self.shared.queued.store(state.queue.len(), Ordering::Relaxed);
            state.wake_one(&self.shared.limits)
        };
        self.shared.act(action);
    }

    /// A job has become stale. When half of the queue may be, it is rid of those that are: so a job
    /// costs the same however many have become stale, and the queue is never twice as long as it
    /// needs to be.
    pub(crate) fn withdraw(&self) {
        // A job that is queued just now may not be seen: then it stays until another is withdrawn,
        // or a thread takes it.
        if self.shared.queued.load(Ordering::Relaxed) == 0 {
            return;
        }
        let removed = {
            let mut state = self.shared.state.lock();
            state.stale += 1;
            if state.queue.is_empty() || state.stale * 2 <= state.queue.len() {
                return;
            }
            state.stale = 0;
            let (removed, kept) = std::mem::take(&mut state.queue).into_iter().partition(J::is_stale);
            state.queue = kept;
            self.shared.queued.store(state.queue.len(), Ordering::Relaxed);
            removed
        };
        drop::<VecDeque<J>>(removed);
    }

    /// The calling thread blocks until the guard is dropped, on the same thread: another takes its
    /// place meanwhile. If the thread is not this pool's, or is counted as blocked already, nothing
    /// happens.
    pub(crate) fn block_in_place(&self) -> BlockingGuard {
        if POOL_ID.with(Cell::get) != self.shared.number || BLOCKED.with(Cell::get) {
            return BlockingGuard::new(None);
        }
        BLOCKED.with(|blocked| blocked.set(true));
        let action = {
            let mut state = self.shared.state.lock();
            state.blocked += 1;
            state.wake_one(&self.shared.limits)
        };
        let guard = BlockingGuard::new(Some(self.shared.clone()));
        self.shared.act(action);
        guard
    }
}

impl<J: Job> EndBlocking for Shared<J> {
    fn end_blocking(&self) {
        BLOCKED.with(|blocked| blocked.set(false));
        self.state.lock().blocked -= 1;
    }
}

impl<J> State<J> {
    fn active(&self) -> usize {
        self.threads - self.blocked - self.idle.len()
    }

    /// Chooses a thread to wake or make, if there is work and room for another active one.
    fn wake_one(&mut self, limits: &Limits) -> WakeAction {
        if self.wakeup == Wakeup::Pending || self.queue.is_empty() || self.active() >= limits.max_threads {
            return WakeAction::Nothing;
        }
        self.wakeup = Wakeup::Pending;
        if let Some(thread) = self.idle.pop() {
            return WakeAction::Wake(thread);
        }
        self.threads += 1;
        self.made += 1;
        WakeAction::Make(self.made)
    }

    /// As [`Self::wake_one`], but makes none.
    fn wake_idle(&mut self, limits: &Limits) -> WakeAction {
        if self.idle.is_empty() { WakeAction::Nothing } else { self.wake_one(limits) }
    }

    /// Takes `thread` out of the idle ones, if it is there.
    fn retire(&mut self, thread: ThreadId) {
        self.idle.retain(|idle| idle.id() != thread);
    }
}

impl<J: Job> Shared<J> {
    fn act(self: &Arc<Self>, action: WakeAction) {
        match action {
            WakeAction::Wake(thread) => unpark(&*self.clock, &thread),
            WakeAction::Make(number) => self.make_thread(number),
            WakeAction::Nothing => {}
        }
    }

    fn make_thread(self: &Arc<Self>, number: usize) {
        let pool = self.clone();
        let mut thread = thread::Builder::new().name(format!("worker-{number}"));
        if let Some(bytes) = self.limits.stack_size {
            thread = thread.stack_size(bytes);
        }
        let made = spawn(&*self.clock, thread, Box::new(move || pool.serve()));
        if let Err(error) = made {
            self.refuse_unserved(&error);
        }
    }

    /// A thread could not be made. If no other will come to the queue, its jobs are refused.
    fn refuse_unserved(self: &Arc<Self>, error: &io::Error) {
        let (action, refused) = {
            let mut state = self.state.lock();
            state.threads -= 1;
            state.wakeup = Wakeup::Idle;
            if state.threads > state.blocked {
                // A thread that has become idle meanwhile was not woken: this wakeup was pending.
                (state.wake_idle(&self.limits), VecDeque::new())
            } else {
                self.queued.store(0, Ordering::Relaxed);
                (WakeAction::Nothing, std::mem::take(&mut state.queue))
            }
        };
        self.act(action);
        for job in refused {
            job.refuse(io::Error::new(error.kind(), error.to_string()));
        }
    }

    /// The main function of a pool's thread.
    fn serve(self: &Arc<Self>) {
        panics::keep_hook_in_front();
        POOL_ID.with(|pool| pool.set(self.number));
        let guard = ThreadGuard(self);
        let me = thread::current();
        let mut reason = LookReason::Woken;
        while let Some(job) = self.next_job(&me, reason) {
            job.run();
            reason = LookReason::Done;
        }
        std::mem::forget(guard);
    }

    /// The next job; sleeps until there is one. `None` when this thread has left the pool: it has
    /// been idle for too long, is one too many, or the pool is gone.
    fn next_job(self: &Arc<Self>, me: &Thread, mut reason: LookReason) -> Option<J> {
        let mut deadline = None;
        loop {
            {
                let mut state = self.state.lock();
                let listed = reason == LookReason::Idle && state.idle.iter().any(|idle| idle.id() == me.id());
                if reason != LookReason::Done && !listed {
                    state.wakeup = Wakeup::Idle;
                }
                let others = state.active() - usize::from(!listed);
                let too_many = others >= self.limits.max_threads;
                if !too_many && let Some(job) = state.queue.pop_front() {
                    self.queued.store(state.queue.len(), Ordering::Relaxed);
                    if listed {
                        // It returned from its park unasked, and must not be woken while it works.
                        state.retire(me.id());
                    }
                    let action = state.wake_one(&self.limits);
                    drop(state);
                    self.act(action);
                    if reason == LookReason::Idle {
                        panics::keep_hook_in_front();
                    }
                    return Some(job);
                }
                let expired = listed && deadline.is_some_and(|deadline| deadline <= self.clock.now());
                if expired || too_many || state.closed {
                    state.retire(me.id());
                    state.threads -= 1;
                    return None;
                }
                if !listed {
                    state.idle.push(me.clone());
                    deadline = self.limits.idle_timeout.and_then(|idle| self.clock.now().checked_add(idle));
                }
            }
            reason = LookReason::Idle;
            // The next job often comes at once; this thread may take it before it is woken for it.
            if !yield_until(&*self.clock, || self.queued.load(Ordering::Relaxed) > 0) {
                self.clock.park_until(deadline);
            }
        }
    }
}

/// Why a thread looks at the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LookReason {
    /// It was woken or made for the queue.
    Woken,
    /// It has done a job.
    Done,
    /// It was idle; if it is not listed as idle any more, it was woken.
    Idle,
}

/// A thread's membership of the pool. Dropped only if a job panics; then the thread is replaced.
struct ThreadGuard<'a, J: Job>(&'a Arc<Shared<J>>);

impl<J: Job> Drop for ThreadGuard<'_, J> {
    fn drop(&mut self) {
        let action = {
            let mut state = self.0.state.lock();
            state.threads -= 1;
            state.wake_one(&self.0.limits)
        };
        self.0.act(action);
    }
}

impl<J> Pool<J> {
    /// The threads finish what is queued and end.
    pub(crate) fn close(&self) {
        let idle = {
            let mut state = self.shared.state.lock();
            state.closed = true;
            std::mem::take(&mut state.idle)
        };
        for thread in &idle {
            unpark(&*self.shared.clock, thread);
        }
    }
}

impl<J> Drop for Pool<J> {
    fn drop(&mut self) {
        self.close();
    }
}

impl<J> fmt::Debug for Pool<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (threads, blocked, idle, queued) = {
            let state = self.shared.state.lock();
            (state.threads, state.blocked, state.idle.len(), state.queue.len())
        };
        f.debug_struct("Pool")
            .field("limits", &self.shared.limits)
            .field("threads", &threads)
            .field("blocked", &blocked)
            .field("idle", &idle)
            .field("queued", &queued)
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests;
