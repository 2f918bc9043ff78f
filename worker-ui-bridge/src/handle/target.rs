//! [`UiTarget`]: what a handle sends to, the queue of a whole app or a [part](Part) of its state.

use std::sync::Arc;

use worker_core::{BoxError, Clock, Panic, ProgressChanged, ProgressNotice, StateChanged};

use crate::error::PostError;
use crate::queue::callback::{Callback, Place};
use crate::queue::entry::{Entry, Handler, Key, MakeFuture};
use crate::queue::request::{NewTimer, Request};
use crate::queue::ui_queue::{Capacity, Refusal, UiQueue};
use crate::time::timers::TimerId;

/// See the [module](self).
pub(crate) trait UiTarget<A>: Send + Sync {
    fn clock(&self) -> &Arc<dyn Clock>;
    /// Queues a callback; waits while the queue is full.
    fn post(&self, callback: Callback<A>) -> Result<(), PostError>;
    fn post_latest(&self, callback: Callback<A>, key: Key) -> Result<(), PostError>;
    /// A place for one callback, if there is one now.
    fn admit(&self) -> Result<Admitted<'_, A>, Refusal>;
    /// Queues a callback, whatever the capacity. A closed queue drops it.
    fn push(&self, callback: Callback<A>);
    fn event_sink(self: Arc<Self>, handler: Handler<A, StateChanged>) -> EventFn;
    fn progress_sink(self: Arc<Self>, handler: Handler<A, ProgressChanged>) -> ProgressFn;
    fn spawn(&self, make: MakeFuture);
    fn set_timer(&self, timer: NewTimer<A>) -> TimerId;
    fn clear_timer(&self, timer: TimerId);
    fn fail(&self, error: BoxError);
    fn source_panicked(&self, name: Arc<str>, panic: Arc<Panic>);
    /// A number that nothing else of the queue has.
    fn next_number(&self) -> u64;
}

/// Takes the callback that was admitted.
pub(crate) type Admitted<'q, A> = Box<dyn FnOnce(Callback<A>) + 'q>;

pub(crate) type EventFn = Box<dyn Fn(StateChanged) + Send + Sync>;
pub(crate) type ProgressFn = Box<dyn Fn(ProgressNotice) + Send + Sync>;

impl<A: 'static> UiTarget<A> for UiQueue<A> {
    fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    fn post(&self, callback: Callback<A>) -> Result<(), PostError> {
        UiQueue::post(self, callback)
    }

    fn post_latest(&self, callback: Callback<A>, key: Key) -> Result<(), PostError> {
        UiQueue::post_latest(self, callback, &key)
    }

    fn admit(&self) -> Result<Admitted<'_, A>, Refusal> {
        let guard = self.lock_for_push(Capacity::Enforced)?;
        Ok(Box::new(move |callback| guard.push(Entry::Callback(callback))))
    }

    fn push(&self, callback: Callback<A>) {
        // Dropping a call sends its reply.
        let _ = UiQueue::push(self, Entry::Callback(callback));
    }

    fn event_sink(self: Arc<Self>, handler: Handler<A, StateChanged>) -> EventFn {
        let handler = Arc::new(handler);
        Box::new(move |event| {
            if let Err(Entry::Event(_, event)) = UiQueue::push(&self, Entry::Event(handler.clone(), event)) {
                event.log_undelivered();
            }
        })
    }

    fn progress_sink(self: Arc<Self>, handler: Handler<A, ProgressChanged>) -> ProgressFn {
        let handler = Arc::new(handler);
        Box::new(move |notice| {
            let _ = UiQueue::push(&self, Entry::Progress(handler.clone(), notice));
        })
    }

    fn spawn(&self, make: MakeFuture) {
        // A closed queue returns the entry. Dropping it cancels the worker.
        let _ = UiQueue::push(self, Entry::Spawn(make));
    }

    fn set_timer(&self, timer: NewTimer<A>) -> TimerId {
        let id = self.next_timer();
        let _ = self.request(Request::SetTimer(id, timer));
        id
    }

    fn clear_timer(&self, timer: TimerId) {
        let _ = self.request(Request::ClearTimer(timer));
    }

    fn fail(&self, error: BoxError) {
        if let Err(Request::Fail(error)) = self.request(Request::Fail(error)) {
            tracing::error!(target: "worker_ui_bridge", %error, "the app's error ends no loop: its bridge is closed");
        }
    }

    fn source_panicked(&self, name: Arc<str>, panic: Arc<Panic>) {
        // Closed: there is no loop to end.
        let _ = UiQueue::push(self, Entry::SourcePanicked(name, panic));
    }

    fn next_number(&self) -> u64 {
        self.next_timer().0
    }
}

/// A part of a state, and what sends to the whole.
pub(crate) struct Part<A, B> {
    whole: Arc<dyn UiTarget<A>>,
    place: Place<A, B>,
    number: u64,
}

impl<A, B> Part<A, B> {
    pub(crate) fn new(whole: Arc<dyn UiTarget<A>>, place: Place<A, B>) -> Self {
        let number = whole.next_number();
        Self { whole, place, number }
    }

    fn handler<E>(&self, handler: Handler<B, E>) -> Handler<A, E>
    where
        A: 'static,
        B: 'static,
        E: 'static,
    {
        let (place, run, call_site) = (self.place.clone(), handler.run, handler.call_site);
        Handler { run: Box::new(move |app: &mut A, event: &E| run(place(app), event)), call_site }
    }
}

impl<A: 'static, B: 'static> UiTarget<B> for Part<A, B> {
    fn clock(&self) -> &Arc<dyn Clock> {
        self.whole.clock()
    }

    fn post(&self, callback: Callback<B>) -> Result<(), PostError> {
        self.whole.post(callback.for_whole(self.place.clone()))
    }

    fn post_latest(&self, callback: Callback<B>, mut key: Key) -> Result<(), PostError> {
        if key.part == 0 {
            key.part = self.number;
        }
        self.whole.post_latest(callback.for_whole(self.place.clone()), key)
    }

    fn admit(&self) -> Result<Admitted<'_, B>, Refusal> {
        let admitted = self.whole.admit()?;
        Ok(Box::new(|callback| admitted(callback.for_whole(self.place.clone()))))
    }

    fn push(&self, callback: Callback<B>) {
        self.whole.push(callback.for_whole(self.place.clone()));
    }

    fn event_sink(self: Arc<Self>, handler: Handler<B, StateChanged>) -> EventFn {
        self.whole.clone().event_sink(self.handler(handler))
    }

    fn progress_sink(self: Arc<Self>, handler: Handler<B, ProgressChanged>) -> ProgressFn {
        self.whole.clone().progress_sink(self.handler(handler))
    }

    fn spawn(&self, make: MakeFuture) {
        self.whole.spawn(make);
    }

    fn set_timer(&self, timer: NewTimer<B>) -> TimerId {
        let NewTimer { due, period, call_site, worker, mut action } = timer;
        let place = self.place.clone();
        let action = Box::new(move |app: &mut A| action(place(app)));
        self.whole.set_timer(NewTimer { due, period, call_site, worker, action })
    }

    fn clear_timer(&self, timer: TimerId) {
        self.whole.clear_timer(timer);
    }

    fn fail(&self, error: BoxError) {
        self.whole.fail(error);
    }

    fn source_panicked(&self, name: Arc<str>, panic: Arc<Panic>) {
        self.whole.source_panicked(name, panic);
    }

    fn next_number(&self) -> u64 {
        self.whole.next_number()
    }
}
