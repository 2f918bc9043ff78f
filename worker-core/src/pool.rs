//! Threads on demand.
//!
//! A job goes to a sleeping thread if there is one, else to a new one if the limit allows, else it waits in the queue.
//! Threads end after an idle time.
//!
//! # Invariants
//!
//! 1. `threads` counts those that live, `blocked` those of them inside [`Pool::while_blocked`]. New threads are made only
//!    while `threads - blocked < max_threads`: a blocked thread does not count, so a job that another one waits for always
//!    finds a thread.
//! 2. A queued job has somebody to run it: a thread that is awake, or one just woken, or one being made. If none can be
//!    made and none is left, the jobs are refused.
//! 3. A thread is in `idle` exactly while it may be woken. Whoever takes it out must unpark it.
//!
//! The state's lock is a leaf; jobs run outside it.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::thread::{self, Thread, ThreadId};
use std::time::Duration;

use parking_lot::Mutex;

use crate::clock::Clock;

/// What a pool runs. It never panics: bodies are caught below.
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

pub(crate) struct Pool<J> {
    shared: Arc<Shared<J>>,
}

struct Shared<J> {
    limits: Limits,
    clock: Arc<dyn Clock>,
    state: Mutex<State<J>>,
}

struct State<J> {
    queue: VecDeque<J>,
    idle: Vec<Thread>,
    threads: usize,
    blocked: usize,
    /// Only ever counts up: thread names.
    made: usize,
    closed: bool,
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
            made: 0,
            closed: false,
        };
        Self { shared: Arc::new(Shared { limits, clock, state: Mutex::new(state) }) }
    }

    /// Queues a job. FIFO.
    pub(crate) fn submit(&self, job: J) {
        let call = {
            let mut state = self.shared.state.lock();
            state.queue.push_back(job);
            state.call(&self.shared.limits)
        };
        self.shared.answer(call);
    }

    /// Runs `wait` on the calling thread, which belongs to this pool and will block, without keeping others from running.
    pub(crate) fn while_blocked(&self, wait: &mut dyn FnMut()) {
        let call = {
            let mut state = self.shared.state.lock();
            state.blocked += 1;
            if state.queue.is_empty() { Call::Nobody } else { state.call(&self.shared.limits) }
        };
        self.shared.answer(call);
        wait();
        self.shared.state.lock().blocked -= 1;
    }
}

impl<J> State<J> {
    fn call(&mut self, limits: &Limits) -> Call {
        if let Some(thread) = self.idle.pop() {
            Call::Wake(thread)
        } else if self.threads - self.blocked < limits.max_threads {
            self.threads += 1;
            self.made += 1;
            Call::Make(self.made)
        } else {
            Call::Nobody
        }
    }

    /// Takes `thread` out of the idle ones, if it is there.
    fn retire(&mut self, thread: ThreadId) {
        self.idle.retain(|idle| idle.id() != thread);
    }
}

impl<J: Job> Shared<J> {
    fn answer(self: &Arc<Self>, call: Call) {
        match call {
            Call::Wake(thread) => thread.unpark(),
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
        let made = thread.spawn(move || pool.serve());
        if let Err(error) = made {
            self.refuse_unserved(&error);
        }
    }

    /// A thread could not be made. If no other will come to the queue, its jobs are refused.
    fn refuse_unserved(&self, error: &io::Error) {
        let refused = {
            let mut state = self.state.lock();
            state.threads -= 1;
            if state.threads > state.blocked { VecDeque::new() } else { std::mem::take(&mut state.queue) }
        };
        for job in refused {
            job.refuse(io::Error::new(error.kind(), error.to_string()));
        }
    }

    /// The life of a thread.
    fn serve(&self) {
        while let Some(job) = self.next_job() {
            job.run();
        }
    }

    /// The next job, slept for if need be; `None` when this thread is to end: it has been idle for too long, is one too
    /// many, or the pool is gone.
    fn next_job(&self) -> Option<J> {
        let me = thread::current();
        let mut deadline = None;
        loop {
            {
                let mut state = self.state.lock();
                if let Some(job) = state.queue.pop_front() {
                    // If it woke by itself it is still listed, and must not be called for while it works.
                    state.retire(me.id());
                    return Some(job);
                }
                let asleep = state.idle.iter().any(|idle| idle.id() == me.id());
                let expired = asleep && deadline.is_some_and(|deadline| deadline <= self.clock.now());
                let too_many = state.threads - state.blocked > self.limits.max_threads;
                if expired || too_many || state.closed {
                    state.retire(me.id());
                    state.threads -= 1;
                    return None;
                }
                if !asleep {
                    state.idle.push(me.clone());
                    deadline = self.limits.idle_timeout.and_then(|idle| self.clock.now().checked_add(idle));
                }
            }
            self.clock.park_until(deadline);
        }
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
        idle.iter().for_each(Thread::unpark);
    }
}

impl<J> fmt::Debug for Pool<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.shared.state.lock();
        f.debug_struct("Pool")
            .field("limits", &self.shared.limits)
            .field("threads", &state.threads)
            .field("blocked", &state.blocked)
            .field("idle", &state.idle.len())
            .field("queued", &state.queue.len())
            .finish_non_exhaustive()
    }
}
