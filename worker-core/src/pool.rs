//! Threads on demand.
//!
//! A job goes to a sleeping thread if there is one, else to a new one, if the limit allows another active thread; else it waits
//! in the queue. Threads end after an idle time.
//!
//! # Invariants
//!
//! 1. `threads` counts those that live or are being made, `blocked` those of them inside [`Pool::while_blocked`], `idle` those
//!    that sleep. The others are *active*: they run a job, look for one, or are on their way. A thread is woken or made only
//!    while fewer than `max_threads` are active, so a job that a blocked thread waits for always finds one. Only threads that
//!    come back from a block can make them more; then the first that is done retires.
//! 2. While the queue is not empty, `max_threads` threads are active, or one is on its way, or no other could be made; the active ones
//!    come to it when they are done. If none can be made and none is left, the jobs are refused.
//! 3. At most one thread is on its way: called and not yet there. When it is, it calls the next, if the queue is still not empty.
//!    So a burst of jobs wakes no more threads than find work.
//! 4. A thread is in `idle` exactly while it may be called. Whoever takes it out must unpark it.
//!
//! The state's lock is a leaf; jobs run outside it.

use std::cell::Cell;
use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread::{self, Thread, ThreadId};
use std::time::Duration;

use parking_lot::Mutex;

use crate::blocking::yield_until;
use crate::clock::Clock;

/// What a pool runs. Should it panic all the same, its thread ends and is replaced.
pub(crate) trait Job: Send + 'static {
    fn run(self);
    /// No thread could be made for it.
    fn refuse(self, error: io::Error);
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

static NUMBERS: AtomicU64 = AtomicU64::new(1);

thread_local! {
    /// The number of the pool that this thread serves; 0: none.
    static SERVES: Cell<u64> = const { Cell::new(0) };
    /// Whether this thread is counted as blocked already.
    static LENT: Cell<bool> = const { Cell::new(false) };
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
    idle: Vec<Thread>,
    threads: usize,
    blocked: usize,
    coming: Coming,
    /// Only ever counts up: thread names.
    made: usize,
    closed: bool,
}

/// Who is on its way to the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coming {
    Nobody,
    One,
}

/// What must happen after the lock is released, so that the queue has somebody to run it.
enum Call {
    Wake(Thread),
    Make(usize),
    Nobody,
}

impl<J: Job> Pool<J> {
    pub(crate) fn new(limits: Limits, clock: Arc<dyn Clock>) -> Self {
        let state = State {
            queue: VecDeque::new(),
            idle: Vec::new(),
            threads: 0,
            blocked: 0,
            coming: Coming::Nobody,
            made: 0,
            closed: false,
        };
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
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

    /// Queues a job. FIFO.
    pub(crate) fn submit(&self, job: J) {
        let call = {
            let mut state = self.shared.state.lock();
            state.queue.push_back(job);
            self.shared.queued.store(state.queue.len(), Ordering::Relaxed);
            state.call(&self.shared.limits)
        };
        self.shared.answer(call);
    }

    /// Runs `wait`, which blocks the calling thread. If that thread serves this pool, another takes its place meanwhile.
    pub(crate) fn while_blocked(&self, wait: &mut dyn FnMut()) {
        if SERVES.get() != self.shared.number || LENT.get() {
            return wait();
        }
        let _lent = self.lend();
        wait();
    }

    /// Lets another thread take the calling one's place until what is returned is dropped, on the same thread. If that does not
    /// serve this pool, nothing happens.
    pub(crate) fn lend(&self) -> Option<Lent<J>> {
        if SERVES.get() != self.shared.number || LENT.get() {
            return None;
        }
        LENT.set(true);
        let call = {
            let mut state = self.shared.state.lock();
            state.blocked += 1;
            state.call(&self.shared.limits)
        };
        let lent = Lent(self.shared.clone());
        self.shared.answer(call);
        Some(lent)
    }
}

/// A thread whose place another may take; dropped when it needs it back, however it came there.
pub(crate) struct Lent<J>(Arc<Shared<J>>);

impl<J> Drop for Lent<J> {
    fn drop(&mut self) {
        LENT.set(false);
        self.0.state.lock().blocked -= 1;
    }
}

impl<J> State<J> {
    fn active(&self) -> usize {
        self.threads - self.blocked - self.idle.len()
    }

    /// Calls for a thread, if there is work and room for another active one.
    fn call(&mut self, limits: &Limits) -> Call {
        if self.coming == Coming::One || self.queue.is_empty() || self.active() >= limits.max_threads {
            return Call::Nobody;
        }
        self.coming = Coming::One;
        if let Some(thread) = self.idle.pop() {
            return Call::Wake(thread);
        }
        self.threads += 1;
        self.made += 1;
        Call::Make(self.made)
    }

    /// As [`Self::call`], but makes none.
    fn call_idle(&mut self, limits: &Limits) -> Call {
        if self.idle.is_empty() { Call::Nobody } else { self.call(limits) }
    }

    /// Takes `thread` out of the idle ones, if it is there.
    fn retire(&mut self, thread: ThreadId) {
        self.idle.retain(|idle| idle.id() != thread);
    }
}

impl<J: Job> Shared<J> {
    fn answer(self: &Arc<Self>, call: Call) {
        match call {
            Call::Wake(thread) => self.clock.unpark(&thread),
            Call::Make(number) => self.make_thread(number),
            Call::Nobody => {}
        }
    }

    fn make_thread(self: &Arc<Self>, number: usize) {
        let pool = self.clone();
        let mut thread = thread::Builder::new().name(format!("worker-{number}"));
        if let Some(bytes) = self.limits.stack_size {
            thread = thread.stack_size(bytes);
        }
        let made = self.clock.spawn(thread, Box::new(move || pool.serve()));
        if let Err(error) = made {
            self.refuse_unserved(&error);
        }
    }

    /// A thread could not be made. If no other will come to the queue, its jobs are refused.
    fn refuse_unserved(self: &Arc<Self>, error: &io::Error) {
        let (call, refused) = {
            let mut state = self.state.lock();
            state.threads -= 1;
            state.coming = Coming::Nobody;
            if state.threads > state.blocked {
                // One that has become idle meanwhile was not called: this one was on its way.
                (state.call_idle(&self.limits), VecDeque::new())
            } else {
                self.queued.store(0, Ordering::Relaxed);
                (Call::Nobody, std::mem::take(&mut state.queue))
            }
        };
        self.answer(call);
        for job in refused {
            job.refuse(io::Error::new(error.kind(), error.to_string()));
        }
    }

    /// The life of a thread.
    fn serve(self: &Arc<Self>) {
        SERVES.set(self.number);
        let seat = Seat(self);
        let me = thread::current();
        let mut errand = Errand::Called;
        while let Some(job) = self.next_job(&me, errand) {
            job.run();
            errand = Errand::Done;
        }
        std::mem::forget(seat);
    }

    /// The next job, slept for if need be; `None` when this thread has left the pool: it has been idle for too long, is one too
    /// many, or the pool is gone.
    fn next_job(self: &Arc<Self>, me: &Thread, mut errand: Errand) -> Option<J> {
        let mut deadline = None;
        loop {
            {
                let mut state = self.state.lock();
                let listed = errand == Errand::Rest && state.idle.iter().any(|idle| idle.id() == me.id());
                if errand != Errand::Done && !listed {
                    state.coming = Coming::Nobody;
                }
                let others = state.active() - usize::from(!listed);
                let too_many = others >= self.limits.max_threads;
                if !too_many && let Some(job) = state.queue.pop_front() {
                    self.queued.store(state.queue.len(), Ordering::Relaxed);
                    if listed {
                        // It woke by itself, and must not be called for while it works.
                        state.retire(me.id());
                    }
                    let call = state.call(&self.limits);
                    drop(state);
                    self.answer(call);
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
            errand = Errand::Rest;
            // The next job often comes at once. It may be taken before the thread is called for, and then it is not.
            if !yield_until(&*self.clock, || self.queued.load(Ordering::Relaxed) > 0) {
                self.clock.park_until(deadline);
            }
        }
    }
}

/// Why a thread looks at the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Errand {
    /// It was called.
    Called,
    /// It has done a job.
    Done,
    /// It was idle, and was called if it is not listed any more.
    Rest,
}

/// A thread's place in the pool. Dropped only if a job panics, and then the thread is replaced.
struct Seat<'a, J: Job>(&'a Arc<Shared<J>>);

impl<J: Job> Drop for Seat<'_, J> {
    fn drop(&mut self) {
        let call = {
            let mut state = self.0.state.lock();
            state.threads -= 1;
            state.call(&self.0.limits)
        };
        self.0.answer(call);
    }
}

/// The threads finish what is queued and end.
impl<J> Drop for Pool<J> {
    fn drop(&mut self) {
        let idle = {
            let mut state = self.shared.state.lock();
            state.closed = true;
            std::mem::take(&mut state.idle)
        };
        for thread in &idle {
            self.shared.clock.unpark(thread);
        }
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
