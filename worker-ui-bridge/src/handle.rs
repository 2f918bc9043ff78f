//! The UI as the other threads see it: something to send callbacks to.

use std::borrow::Cow;
use std::fmt;
use std::future::poll_fn;
use std::panic::Location;
use std::pin::{Pin, pin};
use std::sync::{Arc, OnceLock};
use std::task::{Poll, Waker};
use std::time::Instant;

use worker_core::blocking::{block_until, checkpoint, is_ui_thread, thread_waker};
use worker_core::{
    AnyWorker, EventSink, LocalFuture, LocalSpawn, ProgressChanged, ProgressNotice, ProgressSink,
    StateChanged, WakeupGuard, current_worker,
};

use crate::call::{self, Reply};
use crate::entry::{Alarm, Callback, Entry, Handler};
use crate::error::{CallError, PostError, TryPostError};
use crate::queue::{Queue, Room, Shut};
use crate::timers::TimerId;

/// Sends callbacks to the UI thread of one [`UiBridge`](crate::UiBridge), from any thread. Cheap to clone.
///
/// The callbacks are given the UI's state, an `&mut A`, and run on the UI thread; `A` itself never leaves it and need not be
/// `Send`. What a callback captures is sent, so it must be: data can cross, a
/// [`WorkerContext`](worker_core::WorkerContext) cannot.
pub struct UiHandle<A> {
    queue: Arc<Queue<A>>,
}

impl<A: 'static> UiHandle<A> {
    pub(crate) fn new(queue: Arc<Queue<A>>) -> Self {
        Self { queue }
    }

    /// Runs `callback` on the UI thread and gives its value, blocking until it has run. Textual's `call_from_thread`.
    ///
    /// Calls queue from the making of the bridge on and are answered when its loop turns.
    ///
    /// # Errors
    ///
    /// At once and without queueing anything: [`CallError::UiThread`] on the UI thread, [`CallError::Closed`] when the UI
    /// has gone, [`CallError::Cancelled`] in a cancelled worker. The latter two also end a call that is waiting; its
    /// callback then does not run, unless it is running already. [`CallError::Panicked`] if the callback panicked.
    ///
    /// ```
    /// use worker_core::WorkerManager;
    /// use worker_ui_bridge::UiBridge;
    ///
    /// let mut bridge = UiBridge::new();
    /// let ui = bridge.handle();
    /// let worker = WorkerManager::new().worker("count").thread(move |_| {
    ///     let total = ui.call_from_thread(|total: &mut u32| {
    ///         *total += 1;
    ///         *total
    ///     })?;
    ///     Ok(total)
    /// });
    ///
    /// let mut total = 41;
    /// while total < 42 {
    ///     bridge.wait(&mut total)?; // sleeps until the call is there
    /// }
    /// drop(bridge); // no UI thread any more, so it may wait
    /// assert_eq!(worker.wait().ok(), Some(&42));
    /// # Ok::<(), worker_ui_bridge::PumpError>(())
    /// ```
    #[track_caller]
    pub fn call_from_thread<R, F>(&self, callback: F) -> Result<R, CallError>
    where
        R: Send + 'static,
        F: FnOnce(&mut A) -> R + Send + 'static,
    {
        if is_ui_thread() {
            return Err(CallError::UiThread);
        }
        let worker = current_worker().ok();
        let (answer, reply) = call::reply(worker.clone());
        let callback =
            Callback::new(worker.clone(), Location::caller(), move |app| answer.with(|| callback(app)));
        self.queue.post(callback)?;
        let waker = thread_waker(&self.queue.clock);
        let answer = block_until(&*self.queue.clock, None, || match reply.poll(&waker) {
            Poll::Ready(answer) => Some(answer),
            Poll::Pending => worker.as_ref()?.is_cancelled().then_some(Err(CallError::Cancelled)),
        });
        answer.unwrap_or(Err(CallError::Closed))
    }

    /// As [`call_from_thread`](Self::call_from_thread), for async code on any thread, the UI thread included: how a
    /// [task](worker_core::WorkerBuilder::task) reaches the UI's state.
    ///
    /// The callback is queued when this is called, not when the future is first polled; a full queue does not make it wait.
    ///
    /// # Errors
    ///
    /// Those of [`call_from_thread`](Self::call_from_thread), except [`CallError::UiThread`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future forgets the answer. The callback runs all the same, unless its worker was cancelled.
    ///
    /// ```
    /// use worker_core::WorkerManager;
    /// use worker_ui_bridge::UiBridge;
    ///
    /// let mut bridge = UiBridge::new();
    /// let ui = bridge.handle();
    /// let workers = WorkerManager::new();
    /// let worker = workers.worker("greet").task(&bridge.handle(), async move |_cx| {
    ///     ui.call(|names: &mut Vec<&str>| names.push("ratatui")).await?;
    ///     Ok(ui.call(|names| names.len()).await?)
    /// });
    ///
    /// let mut names = Vec::new();
    /// while !worker.is_finished() {
    ///     bridge.wait(&mut names)?;
    /// }
    /// assert_eq!(worker.result(), Some(&1));
    /// # Ok::<(), worker_ui_bridge::PumpError>(())
    /// ```
    #[track_caller]
    pub fn call<R, F>(&self, callback: F) -> impl Future<Output = Result<R, CallError>> + Send + use<A, R, F>
    where
        R: Send + 'static,
        F: FnOnce(&mut A) -> R + Send + 'static,
    {
        checkpoint(&*self.queue.clock);
        let worker = current_worker().ok();
        let (answer, reply) = call::reply(worker.clone());
        let callback =
            Callback::new(worker.clone(), Location::caller(), move |app| answer.with(|| callback(app)));
        if worker.as_ref().is_some_and(AnyWorker::is_cancelled) {
            drop(callback); // which answers
        } else {
            // If the queue is closed it comes back and is dropped, which answers too.
            let _ = self.queue.push(Entry::Callback(callback));
        }
        async move {
            match worker {
                Some(worker) => or_cancelled(reply, &worker).await,
                None => reply.await,
            }
        }
    }

    /// Queues `callback` for the UI thread and goes on.
    ///
    /// If the queue is full, waits for room, except on the UI thread, whose posts always find room. A cancel ends the wait.
    ///
    /// # Errors
    ///
    /// [`PostError::Closed`] when the UI has gone; [`PostError::Cancelled`] in a cancelled worker.
    #[track_caller]
    pub fn post<F>(&self, callback: F) -> Result<(), PostError>
    where
        F: FnOnce(&mut A) + Send + 'static,
    {
        self.queue.post(Callback::new(current_worker().ok(), Location::caller(), callback))
    }

    /// As [`post`](Self::post), but replaces the callback of the same key that was posted before and has not run yet, and takes
    /// its place in the queue: for a value of which only the newest counts, like a position or a percentage.
    ///
    /// A replaced callback is dropped unrun, whoever posted it. Replacing needs no room.
    ///
    /// # Errors
    ///
    /// Those of [`post`](Self::post).
    ///
    /// ```
    /// use worker_ui_bridge::UiBridge;
    ///
    /// let mut bridge = UiBridge::new();
    /// let ui = bridge.handle();
    /// for percent in 0..=100 {
    ///     ui.post_latest("download", move |seen: &mut Vec<u8>| seen.push(percent))?;
    /// }
    /// let mut seen = Vec::new();
    /// bridge.pump(&mut seen)?;
    /// assert_eq!(seen, [100]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn post_latest<F>(&self, key: impl Into<Cow<'static, str>>, callback: F) -> Result<(), PostError>
    where
        F: FnOnce(&mut A) + Send + 'static,
    {
        self.queue
            .post_latest(Callback::new(current_worker().ok(), Location::caller(), callback), &key.into())
    }

    /// As [`post`](Self::post), but never waits: if there is no room, the callback comes back.
    ///
    /// # Errors
    ///
    /// [`TryPostError::Full`], and those of [`post`](Self::post).
    ///
    /// ```
    /// use worker_ui_bridge::{UiBridge, UiHandle};
    ///
    /// let bridge = UiBridge::builder().capacity(1).build();
    /// let ui: UiHandle<Vec<&str>> = bridge.handle();
    /// std::thread::spawn(move || {
    ///     ui.try_post(|seen| seen.push("first")).unwrap();
    ///     let back = ui.try_post(|seen| seen.push("second")).unwrap_err();
    ///     assert!(back.is_full());
    /// })
    /// .join()
    /// .unwrap();
    /// ```
    #[track_caller]
    pub fn try_post<F>(&self, callback: F) -> Result<(), TryPostError<F>>
    where
        F: FnOnce(&mut A) + Send + 'static,
    {
        checkpoint(&*self.queue.clock);
        let (worker, place) = (current_worker().ok(), Location::caller());
        if worker.as_ref().is_some_and(AnyWorker::is_cancelled) {
            return Err(TryPostError::Cancelled(callback));
        }
        match self.queue.open(Room::Needed) {
            Ok(opening) => {
                opening.put(Entry::Callback(Callback::new(worker, place, callback)));
                Ok(())
            }
            Err(Shut::Full) => Err(TryPostError::Full(callback)),
            Err(Shut::Closed) => Err(TryPostError::Closed(callback)),
        }
    }

    /// Stops a timer, also from inside its own callback: on the UI thread it does not run again once this has returned. Called on
    /// another thread, it may be running just then.
    ///
    /// ```
    /// use std::cell::Cell;
    /// use std::rc::Rc;
    /// use std::time::Duration;
    /// use worker_ui_bridge::UiBridge;
    ///
    /// let mut bridge = UiBridge::new();
    /// let (ui, own) = (bridge.handle(), Rc::new(Cell::new(None)));
    /// let me = own.clone();
    /// own.set(Some(bridge.set_interval(Duration::from_millis(1), move |ticks: &mut u32| {
    ///     *ticks += 1;
    ///     if *ticks == 3 {
    ///         ui.clear(me.get().unwrap());
    ///     }
    /// })));
    /// let mut ticks = 0;
    /// while bridge.next_deadline().is_some() {
    ///     bridge.wait(&mut ticks)?;
    /// }
    /// assert_eq!(ticks, 3);
    /// # Ok::<(), worker_ui_bridge::PumpError>(())
    /// ```
    pub fn clear(&self, timer: TimerId) {
        self.queue.clear(timer);
    }

    /// What to give to [`ManagerBuilder::events`](worker_core::ManagerBuilder::events), so that `handler` sees every state
    /// change on the UI thread. Textual's `on_worker_state_changed`.
    ///
    /// One worker's events and callbacks arrive in the order in which it made them. An event never waits for room and
    /// costs no allocation.
    #[track_caller]
    pub fn state_changes<F>(&self, handler: F) -> impl EventSink + use<A, F>
    where
        F: Fn(&mut A, &StateChanged) + Send + Sync + 'static,
    {
        let queue = self.queue.clone();
        let handler = Arc::new(Handler { run: Box::new(handler), place: Location::caller() });
        move |event: StateChanged| {
            if let Err(Entry::Event(_, event)) = queue.push(Entry::Event(handler.clone(), event)) {
                event.log_undelivered();
            }
        }
    }

    /// What to give to [`ManagerBuilder::progress`](worker_core::ManagerBuilder::progress), so that `handler` sees how far workers
    /// have come.
    ///
    /// A worker has at most one notice in the queue, and how far it has come is read when its turn comes: a body that counts in
    /// a tight loop floods nothing. Like a callback, a notice of a cancelled worker is dropped.
    ///
    /// ```
    /// use worker_core::{ProgressChanged, WorkerManager};
    /// use worker_ui_bridge::UiBridge;
    ///
    /// let mut bridge = UiBridge::new();
    /// let on_progress = |bar: &mut f64, event: &ProgressChanged| *bar = event.progress.percent();
    /// let workers = WorkerManager::builder().progress(bridge.handle().progress_changes(on_progress)).build();
    /// workers.worker("copy").thread(|cx| {
    ///     cx.set_total(1000);
    ///     for _ in 0..1000 {
    ///         cx.advance(1);
    ///     }
    ///     Ok(())
    /// });
    ///
    /// let mut bar = 0.0;
    /// while bar < 100.0 {
    ///     bridge.wait(&mut bar)?;
    /// }
    /// # Ok::<(), worker_ui_bridge::PumpError>(())
    /// ```
    #[track_caller]
    pub fn progress_changes<F>(&self, handler: F) -> impl ProgressSink + use<A, F>
    where
        F: Fn(&mut A, &ProgressChanged) + Send + Sync + 'static,
    {
        let queue = self.queue.clone();
        let handler = Arc::new(Handler { run: Box::new(handler), place: Location::caller() });
        move |notice: ProgressNotice| {
            let _ = queue.push(Entry::Progress(handler.clone(), notice));
        }
    }

    pub(crate) fn queue(&self) -> &Arc<Queue<A>> {
        &self.queue
    }
}

/// The reply, unless the worker that waits for it is cancelled first.
async fn or_cancelled<R>(reply: Reply<R>, worker: &AnyWorker) -> Result<R, CallError> {
    let (mut reply, mut cancelled) = (reply, pin!(worker.cancelled()));
    poll_fn(|cx| match Pin::new(&mut reply).poll(cx) {
        Poll::Pending => cancelled.as_mut().poll(cx).map(|()| Err(CallError::Cancelled)),
        answer @ Poll::Ready(_) => answer,
    })
    .await
}

impl<A: 'static> LocalSpawn for UiHandle<A> {
    fn spawn_local(&self, make: Box<dyn FnOnce() -> LocalFuture + Send>) {
        // If the queue is closed it comes back and is dropped: that is how its worker learns of it.
        let _ = self.queue.push(Entry::Spawn(make));
    }

    fn now(&self) -> Instant {
        self.queue.clock.now()
    }

    fn wake_at(&self, deadline: Instant, waker: Waker) -> WakeupGuard {
        let alarm = Arc::new(Alarm { waker, timer: OnceLock::new() });
        let _ = self.queue.push(Entry::WakeAt(deadline, Arc::downgrade(&alarm)));
        let queue = self.queue.clone();
        WakeupGuard::new(move || {
            if let Some(timer) = alarm.timer.get() {
                queue.clear(*timer);
            }
        })
    }
}

impl<A> Clone for UiHandle<A> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone() }
    }
}

impl<A> fmt::Debug for UiHandle<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UiHandle").field(&self.queue).finish()
    }
}
