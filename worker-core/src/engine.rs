//! What all workers of one manager share: its clock, its threads, and where its events go.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crossbeam_channel::{Receiver, Sender};
use event_listener::{Event, EventListener};
use parking_lot::Mutex;

use crate::blocking::{listen, notify_all};
use crate::clock::Clock;
use crate::deadlines::Deadlines;
use crate::event::{EventSink, ProgressNotice, ProgressSink, StateChanged};
use crate::own_loop::EventLoop;
use crate::panics;
use crate::pool::{Job, Limits, Pool};
use crate::record::Record;
use crate::state::WorkerState;
use crate::worker::AnyWorker;

pub(crate) struct Engine {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) pool: Pool<Arc<Record>>,
    pub(crate) deadlines: Deadlines,
    pub(crate) event_loop: Arc<dyn EventLoop>,
    sink: Option<Box<dyn EventSink>>,
    progress: Option<Box<dyn ProgressSink>>,
    /// Its lock is held while sending, which neither blocks nor runs foreign code.
    subscribers: Mutex<Vec<Sender<StateChanged>>>,
    /// Whether anybody has ever subscribed: mostly nobody has, and the lock need not be taken.
    subscribed: AtomicBool,
    /// Workers that have been admitted and have not said everything yet.
    unsettled: AtomicUsize,
    settled: Event,
}

impl Job for Arc<Record> {
    fn run(self) {
        Record::run(&self);
    }

    fn refuse(self, error: std::io::Error) {
        Record::refuse(&self, error);
    }
}

impl Engine {
    pub(crate) fn new(
        limits: Limits,
        clock: Arc<dyn Clock>,
        event_loop: Arc<dyn EventLoop>,
        sink: Option<Box<dyn EventSink>>,
        progress: Option<Box<dyn ProgressSink>>,
    ) -> Self {
        Self {
            pool: Pool::new(limits, clock.clone()),
            deadlines: Deadlines::new(clock.clone()),
            event_loop,
            clock,
            sink,
            progress,
            subscribers: Mutex::default(),
            subscribed: AtomicBool::new(false),
            unsettled: AtomicUsize::new(0),
            settled: Event::new(),
        }
    }

    pub(crate) fn subscribe(&self) -> Receiver<StateChanged> {
        let (sender, receiver) = crossbeam_channel::unbounded();
        self.subscribers.lock().push(sender);
        self.subscribed.store(true, Ordering::Release);
        receiver
    }

    /// Sends the event to everybody who listens. An error that nobody hears of is logged.
    pub(crate) fn emit(&self, worker: Arc<Record>, state: WorkerState) {
        self.clock.checkpoint();
        let event = StateChanged::new(AnyWorker(worker), state);
        tracing::debug!(target: "worker_core::worker", %state, "state changed");
        let heard = self.subscribed.load(Ordering::Acquire) && {
            let mut subscribers = self.subscribers.lock();
            subscribers.retain(|subscriber| subscriber.send(event.clone()).is_ok());
            !subscribers.is_empty()
        };
        match &self.sink {
            Some(sink) => panics::guard("an event sink", || sink.emit(event)),
            None if heard => {}
            None => event.log_undelivered(),
        }
    }

    pub(crate) fn wants_progress(&self) -> bool {
        self.progress.is_some()
    }

    pub(crate) fn emit_progress(&self, worker: Arc<Record>) {
        if let Some(sink) = &self.progress {
            panics::guard("a progress sink", || sink.emit(ProgressNotice::new(AnyWorker(worker))));
        }
    }

    pub(crate) fn admitted(&self) {
        self.unsettled.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn settled(&self) {
        self.unsettled.fetch_sub(1, Ordering::AcqRel);
        panics::guard("a waker", || notify_all(&self.settled));
    }

    pub(crate) fn unsettled(&self) -> usize {
        self.unsettled.load(Ordering::Acquire)
    }

    /// Notified each time a worker has settled.
    pub(crate) fn listen(&self) -> EventListener {
        listen(&self.settled)
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("pool", &self.pool)
            .field("deadlines", &self.deadlines)
            .field("unsettled", &self.unsettled())
            .finish_non_exhaustive()
    }
}
