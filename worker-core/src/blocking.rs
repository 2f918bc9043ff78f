//! How a thread blocks: the one loop that every blocking wait goes through, and the mark of a thread that must not.
//!
//! All waits use the thread's own park token. Somebody may hold a stale token for a thread, so coming back from a park
//! means nothing by itself: conditions are checked again, here and only here.

use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering, fence};
use std::task::{Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use event_listener::{Event, EventListener};

use crate::clock::Clock;

/// Blocks the calling thread until `ready` gives a value; `None` once `deadline` has come without one.
///
/// `ready` is asked first, then after every unpark. Whoever makes it ready must unpark this thread afterwards
/// ([`thread_waker`] makes a waker that does). Cancelling a worker unparks the thread that runs its body, so a `ready`
/// that looks at the worker's cancel flag needs no other hook.
pub fn block_until<R>(
    clock: &dyn Clock,
    deadline: Option<Instant>,
    mut ready: impl FnMut() -> Option<R>,
) -> Option<R> {
    clock.checkpoint();
    loop {
        if let Some(value) = ready() {
            return Some(value);
        }
        if deadline.is_some_and(|deadline| deadline <= clock.now()) {
            return None;
        }
        clock.park_until(deadline);
    }
}

/// How long [`yield_until`] asks: longer than it takes to wake an idle core, so that two threads that answer each other find each
/// other awake after the first time.
const SOON: Duration = Duration::from_micros(100);

/// A yield that takes longer has cost a time slice: others keep the cores busy.
const COSTLY: Duration = Duration::from_millis(1);

/// After so many attempts in vain in a row, a thread makes one of `2^LEAST_OFTEN`.
const LEAST_OFTEN: u32 = 6;

/// So many attempts of all threads are left out after a costly one.
const PENALTY: u32 = 4096;

/// Lets other threads run, as long as `ready` does not hold, for some time. False if it never did.
///
/// Before a park: if what is waited for comes soon, two system calls are saved, and the wake of an idle core. Where it seldom
/// helps it is seldom tried, so a thread that waits for something slow does not bother; and hardly at all where cores are busy,
/// for a thread that sleeps is woken ahead of others, and one that has yielded is not. What it gives is measured in
/// `docs/performance.md`.
pub(crate) fn yield_until(clock: &dyn Clock, mut ready: impl FnMut() -> bool) -> bool {
    static PENALTIES: AtomicU32 = AtomicU32::new(0);
    thread_local! {
        /// Attempts in vain in a row, and how many are to be left out before the next.
        static VAIN: Cell<(u32, u32)> = const { Cell::new((0, 0)) };
    }
    if ready() {
        return true;
    }
    let penalties = PENALTIES.load(Ordering::Relaxed);
    if penalties > 0 {
        // Two at once may count as one.
        PENALTIES.store(penalties - 1, Ordering::Relaxed);
        return false;
    }
    let (vain, left_out) = VAIN.get();
    if left_out > 0 || !clock.yields() {
        VAIN.set((vain, left_out.saturating_sub(1)));
        return false;
    }
    let began = Instant::now();
    loop {
        thread::yield_now();
        let took = began.elapsed();
        if took >= COSTLY {
            PENALTIES.store(PENALTY, Ordering::Relaxed);
            return ready();
        }
        if ready() {
            VAIN.set((0, 0));
            return true;
        }
        if took >= SOON {
            VAIN.set(((vain + 1).min(LEAST_OFTEN), (1 << vain) - 1));
            return false;
        }
    }
}

/// Listens to an event that [`notify_all`] tells of a change. Whoever looks, after this, at what is to be changed sees the change or
/// is woken.
pub(crate) fn listen(event: &Event) -> EventListener {
    let listener = event.listen();
    // Between the listening and the look at what is waited for. `listen` promises a fence of its own, but has none: it has the
    // event's lock, which `notify_all` does not take where it sees that nobody ever listened.
    fence(Ordering::SeqCst);
    listener
}

/// Wakes everybody who listens. Unlike [`Event::notify`] it allocates nothing where nobody ever did.
pub(crate) fn notify_all(event: &Event) {
    // Between the change and the look at the listeners; its other half is in `listen`. So one of the two sees the other.
    fence(Ordering::SeqCst);
    if event.total_listeners() > 0 {
        event.notify(usize::MAX);
    }
}

thread_local! {
    /// The waker this thread was given last, with its clock.
    static WAKER: RefCell<Option<Arc<Unpark>>> = const { RefCell::new(None) };
    static UI_MARKS: Cell<usize> = const { Cell::new(0) };
}

struct Unpark {
    thread: Thread,
    clock: Arc<dyn Clock>,
}

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.clock.unpark(&self.thread);
    }
}

/// A waker that ends the calling thread's park on `clock`. Made once per thread, as long as that has to do with one clock.
pub fn thread_waker(clock: &Arc<dyn Clock>) -> Waker {
    let make = || Arc::new(Unpark { thread: thread::current(), clock: clock.clone() });
    let kept = WAKER.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        match &*kept {
            Some(same) if Arc::ptr_eq(&same.clock, clock) => same.clone(),
            _ => kept.insert(make()).clone(),
        }
    });
    // A thread that is ending keeps nothing any more.
    Waker::from(kept.unwrap_or_else(|_| make()))
}

/// Marks the calling thread as one that must never block, until the mark is dropped.
///
/// A UI bridge holds one for its thread. While a mark exists, [`Worker::wait`](crate::Worker::wait) and its kin refuse
/// with [`WaitError::UiThread`](crate::WaitError::UiThread) on that thread instead of freezing the UI.
///
/// ```
/// use worker_core::{WaitError, WorkerManager, blocking::UiThreadMark};
///
/// let workers = WorkerManager::new();
/// let (go, gate) = std::sync::mpsc::channel::<()>();
/// let worker = workers.worker("fetch").thread(move |_| Ok(gate.recv()?));
///
/// let mark = UiThreadMark::new();
/// assert!(matches!(worker.wait(), Err(WaitError::UiThread)));
/// drop(mark);
/// # go.send(()).unwrap();
/// # worker.wait().unwrap();
/// ```
#[derive(Debug)]
#[must_use = "the thread is marked only while the mark lives"]
pub struct UiThreadMark {
    _confined: PhantomData<dyn OnlyOnTheUiThread>,
}

/// Why a mark, and what holds one, cannot be sent. Its name is what the compiler says to whoever tries.
trait OnlyOnTheUiThread {}

impl UiThreadMark {
    /// Marks the calling thread. Marks may overlap; the thread may block again when the last one is gone.
    pub fn new() -> Self {
        UI_MARKS.with(|marks| marks.set(marks.get() + 1));
        Self { _confined: PhantomData }
    }
}

impl Default for UiThreadMark {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for UiThreadMark {
    fn drop(&mut self) {
        // The thread may be ending, its locals already gone.
        let _ = UI_MARKS.try_with(|marks| marks.set(marks.get() - 1));
    }
}

/// Whether the calling thread is marked by a [`UiThreadMark`].
pub fn is_ui_thread() -> bool {
    UI_MARKS.try_with(|marks| marks.get() > 0).unwrap_or(false)
}
