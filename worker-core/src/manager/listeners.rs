//! [`Listeners`]: the event sinks and subscribers of one manager, and how an event is emitted to
//! them.

use std::mem;
use std::sync::Arc;

use crossbeam_channel::Sender;

use crate::manager::receiver::Receiver;
use crate::panics;
use crate::sync::primitives::Mutex;
use crate::sync::primitives::atomic::{AtomicBool, Ordering};
use crate::worker::event::{EventSink, ProgressNotice, ProgressSink, StateChanged};
use crate::worker::handle::AnyWorker;
use crate::worker::record::Record;
use crate::worker::state::WorkerState;

/// See the [module](self).
pub(crate) struct Listeners {
    sink: Option<Box<dyn EventSink>>,
    progress: Option<Box<dyn ProgressSink>>,
    /// Its lock is held while sending, which neither blocks nor runs foreign code.
    subscribers: Mutex<Vec<Sender<StateChanged>>>,
    /// Whether there ever was a subscriber. Mostly there is none, and the lock need not be taken.
    subscribed: AtomicBool,
}

impl Listeners {
    pub(crate) fn new(sink: Option<Box<dyn EventSink>>, progress: Option<Box<dyn ProgressSink>>) -> Self {
        Self { sink, progress, subscribers: Mutex::default(), subscribed: AtomicBool::new(false) }
    }

    pub(crate) fn subscribe(&self) -> Receiver<StateChanged> {
        let (sender, receiver) = crossbeam_channel::unbounded();
        self.subscribers.lock().push(sender);
        self.subscribed.store(true, Ordering::Release);
        Receiver::new(receiver)
    }

    /// Tells the subscribers that no further event will come. Handles of workers, also those in
    /// events that were not received yet, keep this alive, so they cannot be told by its drop.
    pub(crate) fn disconnect(&self) {
        let subscribers = mem::take(&mut *self.subscribers.lock());
        drop(subscribers);
    }

    /// Emits the event to every listener. An error that has none is logged.
    pub(crate) fn emit(&self, worker: Arc<Record>, state: WorkerState) {
        let event = StateChanged::new(AnyWorker(worker), state);
        panics::guard("a tracing subscriber", || {
            let reason = || event.worker.cancel_reason().filter(|_| state == WorkerState::Cancelled);
            tracing::debug!(
                target: "worker_core::worker",
                %state,
                reason = reason().as_ref().map(tracing::field::display),
                "state changed"
            );
        });
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
}
