//! [`UiHandle`]: `call_from_thread`, `call` and `post`, which send callbacks to the UI thread from
//! any thread.

use std::borrow::Cow;
use std::fmt;
use std::future::poll_fn;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use worker_core::blocking::{block_until, checkpoint, is_ui_thread, thread_waker};
use worker_core::{AnyWorker, BoxError, current_worker};

use crate::error::{CallError, PostError, TryPostError};
use crate::handle::target::{Part, UiTarget};
use crate::queue::callback::Callback;
use crate::queue::entry::Key;
use crate::queue::reply::{ReplyFuture, reply_channel};
use crate::queue::ui_queue::Refusal;
use crate::sync::{is_inside_sink, when_finished};
use crate::time::timers::TimerId;

/// Sends callbacks to the UI thread of one [`UiBridge`](crate::UiBridge), from any thread. Cheap to
/// clone.
///
/// A callback runs on the UI thread and is given the UI's state as `&mut A`. `A` never leaves that
/// thread and need not be `Send`. What a callback captures is sent, so it must be `Send`: data can
/// cross, a [`WorkerContext`](worker_core::WorkerContext) cannot.
pub struct UiHandle<A> {
    pub(super) target: Arc<dyn UiTarget<A>>,
}

impl<A: 'static> UiHandle<A> {
    pub(crate) fn new(target: Arc<dyn UiTarget<A>>) -> Self {
        Self { target }
    }

    /// A handle on a part of the state: it names the part's type only, so a widget that has it need
    /// not know the app. It does whatever this handle does, through the same queue: order, closing
    /// and revocation are the same.
    ///
    /// The keys of its [`post_latest`](Self::post_latest) are its own, and its clones'.
    ///
    /// ```
    /// use worker_ui_bridge::{UiBridge, UiHandle};
    ///
    /// #[derive(Default)]
    /// struct Search {
    ///     hits: Vec<String>,
    /// }
    ///
    /// fn find(query: &'static str, ui: UiHandle<Search>) {
    ///     std::thread::spawn(move || {
    ///         ui.post(move |search| search.hits.push(format!("about {query}"))).unwrap();
    ///     });
    /// }
    ///
    /// #[derive(Default)]
    /// struct App {
    ///     search: Search,
    /// }
    ///
    /// let mut bridge = UiBridge::new();
    /// let ui = bridge.handle();
    /// find("rust", ui.focus(|app: &mut App| &mut app.search));
    /// let mut app = App::default();
    /// while app.search.hits.is_empty() {
    ///     bridge.wait(&mut app)?;
    /// }
    /// assert_eq!(app.search.hits, ["about rust"]);
    /// # Ok::<(), worker_ui_bridge::PumpError>(())
    /// ```
    pub fn focus<B, P>(&self, place: P) -> UiHandle<B>
    where
        B: 'static,
        P: Fn(&mut A) -> &mut B + Send + Sync + 'static,
    {
        UiHandle::new(Arc::new(Part::new(self.target.clone(), Arc::new(place))))
    }

    /// Runs `callback` on the UI thread and returns its value; blocks until it has run. Textual's
    /// `call_from_thread`.
    ///
    /// A call may be made as soon as the bridge exists. It is answered when the UI thread pumps.
    ///
    /// # Errors
    ///
    /// At once and without queueing anything: [`CallError::UiThread`] on the UI thread,
    /// [`CallError::Closed`] when the bridge is closed, [`CallError::Cancelled`] in a cancelled
    /// worker. A close and a cancel also end a call that is waiting; its callback then does not
    /// run, unless it is running already. [`CallError::Panicked`] if the callback panicked.
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
    ///     bridge.wait(&mut total)?; // parks until the call arrives
    /// }
    /// drop(bridge); // this is no UI thread any more, so it may block
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
        let worker = sender();
        let (sender, reply) = reply_channel(worker.clone());
        let run = move |app: &mut A| sender.send_value_of(|| callback(app));
        self.target.post(Callback::new(worker.clone(), Location::caller(), run))?;
        let waker = thread_waker(self.target.clock());
        let received = block_until(&**self.target.clock(), None, || {
            // Before the reply: a value that was sent before the cancel is given.
            let cancelled = worker.as_ref().is_some_and(AnyWorker::is_cancelled);
            match reply.poll_with(&waker) {
                Poll::Ready(reply) => Some(reply),
                Poll::Pending => cancelled.then_some(Err(CallError::Cancelled)),
            }
        });
        received.unwrap_or(Err(CallError::Closed))
    }

    /// As [`call_from_thread`](Self::call_from_thread), for async code on any thread, the UI thread
    /// included. A [task](worker_core::WorkerBuilder::task) reaches the UI's state with it.
    ///
    /// The callback is queued when this is called, not when the future is first polled. It does not
    /// wait for a full queue.
    ///
    /// # Errors
    ///
    /// Those of [`call_from_thread`](Self::call_from_thread), except [`CallError::UiThread`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future discards the value. The callback runs all the same, unless its worker
    /// was cancelled.
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
        checkpoint(&**self.target.clock());
        let worker = sender();
        let (sender, reply) = reply_channel(worker.clone());
        let run = move |app: &mut A| sender.send_value_of(|| callback(app));
        let callback = Callback::new(worker.clone(), Location::caller(), run);
        if worker.as_ref().is_some_and(AnyWorker::is_cancelled) {
            drop(callback); // Dropping it sends the reply.
        } else {
            self.target.push(callback);
        }
        async move {
            match worker {
                Some(worker) => reply_or_cancelled(reply, &worker).await,
                None => reply.await,
            }
        }
    }

    /// Queues `callback` for the UI thread and returns without waiting for it to run.
    ///
    /// Blocks while the queue is full, except on the UI thread, whose posts may exceed the
    /// capacity. A cancel ends the wait.
    ///
    /// # Errors
    ///
    /// [`PostError::Closed`] when the bridge is closed; [`PostError::Cancelled`] in a cancelled
    /// worker.
    #[track_caller]
    pub fn post<F>(&self, callback: F) -> Result<(), PostError>
    where
        F: FnOnce(&mut A) + Send + 'static,
    {
        self.target.post(Callback::new(sender(), Location::caller(), callback))
    }

    /// As [`post`](Self::post), but replaces the callback of the same key if that has not run yet,
    /// at its position in the queue. For a value of which only the newest counts, like a
    /// percentage.
    ///
    /// The replaced callback is dropped without being run, also if another thread posted it.
    /// Replacing does not wait for a full queue.
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
        let key = Key { part: 0, key: key.into() };
        self.target.post_latest(Callback::new(sender(), Location::caller(), callback), key)
    }

    /// As [`post`](Self::post), but never blocks: if the queue is full, the error returns the
    /// callback.
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
    ///     let error = ui.try_post(|seen| seen.push("second")).unwrap_err();
    ///     assert!(error.is_full());
    /// })
    /// .join()
    /// .unwrap();
    /// ```
    #[track_caller]
    pub fn try_post<F>(&self, callback: F) -> Result<(), TryPostError<F>>
    where
        F: FnOnce(&mut A) + Send + 'static,
    {
        checkpoint(&**self.target.clock());
        let (worker, call_site) = (sender(), Location::caller());
        if worker.as_ref().is_some_and(AnyWorker::is_cancelled) {
            return Err(TryPostError::Cancelled(callback));
        }
        match self.target.admit() {
            Ok(push) => {
                push(Callback::new(worker, call_site, callback));
                Ok(())
            }
            Err(Refusal::Full) => Err(TryPostError::Full(callback)),
            Err(Refusal::Closed) => Err(TryPostError::Closed(callback)),
        }
    }

    /// Stops a timer, also from inside its own callback. When this returns on the UI thread, the
    /// timer does not run again. When it returns on another thread, the timer may be running for
    /// the last time.
    ///
    /// ```
    /// use std::cell::Cell;
    /// use std::rc::Rc;
    /// use std::time::Duration;
    /// use worker_ui_bridge::UiBridge;
    ///
    /// let mut bridge = UiBridge::new();
    /// let (ui, timer) = (bridge.handle(), Rc::new(Cell::new(None)));
    /// let this_timer = timer.clone();
    /// timer.set(Some(bridge.set_interval(Duration::from_millis(1), move |ticks: &mut u32| {
    ///     *ticks += 1;
    ///     if *ticks == 3 {
    ///         ui.clear(this_timer.get().unwrap());
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
        self.target.clear_timer(timer);
    }

    /// Calls `callback` on the UI thread once `worker` has ended, after its terminal event: in a
    /// later turn, also if it has ended before. Not if it was cancelled before the callback's turn,
    /// nor if its group or scope was. One whose time ran out has failed.
    ///
    /// ```
    /// use worker_core::WorkerManager;
    /// use worker_ui_bridge::UiBridge;
    ///
    /// let mut bridge = UiBridge::new();
    /// let sum = WorkerManager::new().worker("sum").thread(|_| Ok((1..=10).sum::<u32>()));
    /// bridge.handle().on_finish(&sum, |app: &mut String, sum| {
    ///     *app = match sum.result() {
    ///         Some(sum) => format!("the sum is {sum}"),
    ///         None => "it failed".to_owned(), // sum.error() says why
    ///     };
    /// });
    /// let mut app = String::new();
    /// while app.is_empty() {
    ///     bridge.wait(&mut app)?;
    /// }
    /// assert_eq!(app, "the sum is 55");
    /// # Ok::<(), worker_ui_bridge::PumpError>(())
    /// ```
    #[track_caller]
    pub fn on_finish<W, F>(&self, worker: &W, callback: F)
    where
        W: AsRef<AnyWorker> + Clone + Send + 'static,
        F: FnOnce(&mut A, &W) + Send + 'static,
    {
        let (any, worker) = (worker.as_ref().clone(), worker.clone());
        let (target, call_site) = (self.target.clone(), Location::caller());
        let ended = any.clone();
        when_finished(&any, move || {
            target.push(Callback::of_end(ended, call_site, move |app| callback(app, &worker)));
        });
    }

    /// Ends the loop with an error of the app's: it comes out of the turn that runs now, or else of
    /// the next one, as [`PumpError::App`](crate::PumpError::App). For a callback, a tick or a
    /// handler that cannot go on; a worker returns its error.
    ///
    /// ```
    /// use worker_ui_bridge::UiBridge;
    ///
    /// let mut bridge = UiBridge::new();
    /// let ui = bridge.handle();
    /// let on_key = bridge.handle();
    /// ui.post(move |_: &mut ()| on_key.fail("the file is gone"))?;
    /// assert_eq!(bridge.pump(&mut ()).unwrap_err().to_string(), "the file is gone");
    /// # Ok::<(), worker_ui_bridge::PostError>(())
    /// ```
    pub fn fail(&self, error: impl Into<BoxError>) {
        self.target.fail(error.into());
    }
}

/// The reply, unless the worker that waits for it is cancelled first.
async fn reply_or_cancelled<R>(reply: ReplyFuture<R>, worker: &AnyWorker) -> Result<R, CallError> {
    let (mut reply, mut cancelled) = (reply, pin!(worker.cancelled()));
    poll_fn(|cx| match Pin::new(&mut reply).poll(cx) {
        Poll::Pending if cancelled.as_mut().poll(cx).is_ready() => {
            // Again: a value that was sent before the cancel is given.
            match Pin::new(&mut reply).poll(cx) {
                Poll::Pending => Poll::Ready(Err(CallError::Cancelled)),
                ready @ Poll::Ready(_) => ready,
            }
        }
        polled => polled,
    })
    .await
}

impl<A> Clone for UiHandle<A> {
    fn clone(&self) -> Self {
        Self { target: self.target.clone() }
    }
}

/// A panic leaves no queue half changed: its lock is held over nothing that can panic, and the
/// callbacks, which may, run on the UI thread.
impl<A> UnwindSafe for UiHandle<A> {}

/// As its [`UnwindSafe`].
impl<A> RefUnwindSafe for UiHandle<A> {}

/// Without the queue, which changes all the time: a handle may be an argument of a `#[work]`
/// function, and so a part of its worker's description.
impl<A> fmt::Debug for UiHandle<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UiHandle").finish_non_exhaustive()
    }
}

/// The worker that sends a callback queued here. None inside an event sink: the sink runs on some
/// worker's thread but is not part of that worker.
pub(super) fn sender() -> Option<AnyWorker> {
    if is_inside_sink() { None } else { current_worker().ok() }
}
