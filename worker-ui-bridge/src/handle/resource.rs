//! [`Resource`]: data that workers fetch, with what a UI shows beside it: whether a fetch is under
//! way, the last error, and how old the data is.
//!
//! A resource is a part of the UI's state and changes on the UI thread only. The bodies of its
//! fetches send it what they have, as callbacks; it is found again through its place.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::Instant;

use worker_core::{
    AnyWorker, CancelReason, Restart, Result, TaskContext, Worker, WorkerBuilder, WorkerContext, WorkerError,
    WorkerId, WorkerState,
};

use crate::error::PostError;
use crate::handle::ui_handle::UiHandle;
use crate::queue::callback::Callback;
use crate::sync::{requested_at, restart_of, when_finished};

/// Data that workers fetch, for a UI to show.
///
/// Its answers are separate, so that old data stays on the screen beside a spinner, and beside an
/// error:
///
/// | | [`data`](Self::data) | [`is_fetching`](Self::is_fetching) | [`error`](Self::error) |
/// |---|---|---|---|
/// | before the first fetch | – | no | – |
/// | the first fetch runs | – | yes | – |
/// | it has landed | new | no | – |
/// | it is refreshed | old | yes | as before |
/// | a fetch has failed | old | no | why |
/// | a fetch was cancelled | old | no | as before |
///
/// A fetch of a resource never ends the app: [`exit_on_error`](WorkerBuilder::exit_on_error) is
/// off. A panic in its body is an error of the fetch. A fetch that is cancelled or superseded is
/// none.
///
/// ```
/// use std::time::Duration;
/// use worker_core::{Scope, WorkerManager};
/// use worker_ui_bridge::{Resource, UiBridge, UiHandle};
///
/// struct App {
///     hits: Resource<App, Vec<String>>,
///     screen: Scope,
///     ui: UiHandle<App>,
/// }
///
/// impl App {
///     fn on_query(&mut self, query: &'static str) {
///         let search = self.screen.worker("search").exclusive().delay(Duration::from_millis(2));
///         self.hits.fetch(search, &self.ui, move |cx| {
///             cx.sleep(Duration::from_millis(2))?; // a slow server
///             Ok(vec![format!("all about {query}")])
///         });
///     }
/// }
///
/// let mut bridge = UiBridge::new();
/// let (hits, ui) = (Resource::new(|app: &mut App| &mut app.hits), bridge.handle());
/// let workers = WorkerManager::new();
/// let mut app = App { hits, screen: workers.scope("search"), ui };
/// app.on_query("ru");
/// app.on_query("rust"); // the newest only
/// while app.hits.is_fetching() {
///     bridge.next_frame(&mut app)?; // draw: data(), error(), a spinner while is_fetching()
/// }
/// assert_eq!(app.hits.data().unwrap(), &["all about rust"]);
/// # Ok::<(), worker_ui_bridge::PumpError>(())
/// ```
///
/// A resource that has nothing under way costs nothing but its data.
pub struct Resource<A, T> {
    place: Place<A, T>,
    data: Option<T>,
    error: Option<WorkerError>,
    failures: u32,
    updated_at: Option<Instant>,
    fetches: Vec<Fetch>,
    /// A fetch that was asked for while data or an error was landing.
    next: Option<StartFetch<A, T>>,
    /// The newest fetch whose data has landed.
    newest: Option<WorkerId>,
}

/// Where the resource is, if it still is.
type Place<A, T> = Arc<dyn Fn(&mut A) -> Option<&mut Resource<A, T>> + Send + Sync>;

type StartFetch<A, T> = Box<dyn FnOnce(&mut Resource<A, T>)>;

/// A worker that fetches, until it has ended.
struct Fetch {
    worker: AnyWorker,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing has landed yet.
    Fetching,
    /// Some data has landed; more may follow.
    Landing,
    /// All data has landed. The worker is about to end.
    Landed,
}

impl Fetch {
    /// Whether it may still bring data or an error. One whose time ran out has failed.
    fn is_under_way(&self) -> bool {
        self.phase != Phase::Landed
            && matches!(self.worker.cancel_reason(), None | Some(CancelReason::TimedOut))
    }
}

impl<A: 'static, T: Send + 'static> Resource<A, T> {
    /// An empty resource. `place` says where in the state it is.
    pub fn new(place: impl Fn(&mut A) -> &mut Self + Send + Sync + 'static) -> Self {
        Self::find(move |app| Some(place(app)))
    }

    /// As [`new`](Self::new), for a place that may be gone when data lands, like a tab that was
    /// closed: then the data is dropped.
    pub fn find(place: impl Fn(&mut A) -> Option<&mut Self> + Send + Sync + 'static) -> Self {
        Self {
            place: Arc::new(place),
            data: None,
            error: None,
            failures: 0,
            updated_at: None,
            fetches: Vec::new(),
            next: None,
            newest: None,
        }
    }

    /// The data that has landed last.
    pub fn data(&self) -> Option<&T> {
        self.data.as_ref()
    }

    /// As [`data`](Self::data), to be changed by the UI: a row that was marked, a list that was
    /// sorted.
    pub fn data_mut(&mut self) -> Option<&mut T> {
        self.data.as_mut()
    }

    /// Why the last fetch failed; `None` after one that succeeded. A cancel changes nothing.
    pub fn error(&self) -> Option<&WorkerError> {
        self.error.as_ref()
    }

    /// How many fetches have failed since the last one that succeeded.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// When data has landed last, by the bridge's clock.
    pub fn updated_at(&self) -> Option<Instant> {
        self.updated_at
    }

    /// Whether a fetch is under way that is not cancelled: when to show a spinner.
    pub fn is_fetching(&self) -> bool {
        self.next.is_some() || self.fetches.iter().any(Fetch::is_under_way)
    }

    /// The newest worker that fetches, for its progress.
    pub fn worker(&self) -> Option<&AnyWorker> {
        let under_way = self.fetches.iter().rev().find(|fetch| fetch.is_under_way());
        under_way.map(|fetch| &fetch.worker)
    }

    /// Cancels the fetches that are under way. The data stays.
    pub fn cancel(&mut self) {
        self.next = None;
        // Forgotten: one whose time had run out must not fail afterwards.
        for fetch in std::mem::take(&mut self.fetches) {
            fetch.worker.cancel();
        }
    }

    /// Cancels, and forgets data and error.
    pub fn clear(&mut self) {
        self.cancel();
        (self.data, self.error, self.failures, self.updated_at) = (None, None, 0, None);
    }

    /// Fetches the data with a thread worker: `body` may block, and what it returns lands here.
    ///
    /// The builder's policy says what happens if a fetch is under way: with
    /// [`exclusive`](WorkerBuilder::exclusive) the newest only is shown. Without a policy, or with
    /// [`KeepPrevious`](Restart::KeepPrevious), no second one is started; if the first one's data or
    /// error is landing just now, one more runs afterwards.
    #[track_caller]
    pub fn fetch<F>(&mut self, worker: WorkerBuilder, ui: &UiHandle<A>, body: F)
    where
        F: FnOnce(&WorkerContext) -> Result<T> + Send + 'static,
    {
        self.run(worker, ui, move |worker, place| {
            worker.thread(move |cx| {
                let data = body(cx)?;
                Ok(place.land(cx.worker().id(), Phase::Landed, move |present| *present = Some(data))?)
            })
        });
    }

    /// As [`fetch`](Self::fetch), with a [task](WorkerBuilder::task): async code on the UI's loop.
    #[track_caller]
    pub fn fetch_async<F>(&mut self, worker: WorkerBuilder, ui: &UiHandle<A>, body: F)
    where
        F: AsyncFnOnce(&TaskContext) -> Result<T> + Send + 'static,
    {
        let loop_of = ui.clone();
        self.run(worker, ui, move |worker, place| {
            worker.task(&loop_of, async move |cx| {
                let data = body(cx).await?;
                Ok(place.land(cx.worker().id(), Phase::Landed, move |present| *present = Some(data))?)
            })
        });
    }

    /// As [`fetch`](Self::fetch), with an [async body on a thread](WorkerBuilder::thread_async).
    #[track_caller]
    pub fn fetch_thread_async<F>(&mut self, worker: WorkerBuilder, ui: &UiHandle<A>, body: F)
    where
        F: AsyncFnOnce(&WorkerContext) -> Result<T> + Send + 'static,
    {
        self.run(worker, ui, move |worker, place| {
            worker.thread_async(async move |cx| {
                let data = body(cx).await?;
                Ok(place.land(cx.worker().id(), Phase::Landed, move |present| *present = Some(data))?)
            })
        });
    }

    /// As [`fetch`](Self::fetch), for data that comes in parts: the body lands it as it comes.
    ///
    /// One that is asked for while parts are landing runs once afterwards. The error of an earlier
    /// fetch stays until this one has succeeded.
    ///
    /// ```
    /// use worker_core::WorkerManager;
    /// use worker_ui_bridge::{Resource, UiBridge};
    ///
    /// struct App {
    ///     rows: Resource<App, Vec<u32>>,
    /// }
    ///
    /// let (mut bridge, workers) = (UiBridge::new(), WorkerManager::new());
    /// let mut app = App { rows: Resource::new(|app: &mut App| &mut app.rows) };
    /// app.rows.fetch_parts(workers.worker("rows"), &bridge.handle(), |cx, landing| {
    ///     landing.replace(cx, Vec::new())?;
    ///     for page in 0..3 {
    ///         landing.update(cx, move |rows| rows.get_or_insert_default().push(page))?;
    ///     }
    ///     Ok(())
    /// });
    /// while app.rows.is_fetching() {
    ///     bridge.next_frame(&mut app)?;
    /// }
    /// assert_eq!(app.rows.data().unwrap(), &[0, 1, 2]);
    /// # Ok::<(), worker_ui_bridge::PumpError>(())
    /// ```
    #[track_caller]
    pub fn fetch_parts<F>(&mut self, worker: WorkerBuilder, ui: &UiHandle<A>, body: F)
    where
        F: FnOnce(&WorkerContext, &Landing<A, T>) -> Result<()> + Send + 'static,
    {
        self.run(worker, ui, move |worker, place| {
            worker.thread(move |cx| body(cx, &Landing { place, worker: cx.worker().id() }))
        });
    }

    /// Starts a worker by `start`, unless the policy says that another one is enough.
    #[track_caller]
    fn run(
        &mut self,
        worker: WorkerBuilder,
        ui: &UiHandle<A>,
        start: impl FnOnce(WorkerBuilder, LandingPlace<A, T>) -> Worker<()> + 'static,
    ) {
        let worker = requested_at(worker, Location::caller());
        let keeps_previous = matches!(restart_of(&worker), Restart::Parallel | Restart::KeepPrevious);
        let runs = |fetch: &Fetch| fetch.phase == Phase::Fetching && !fetch.worker.is_finished();
        if keeps_previous && self.fetches.iter().any(|fetch| fetch.is_under_way() && runs(fetch)) {
            return;
        }
        let ends = self.fetches.iter().any(|fetch| fetch.phase == Phase::Landed);
        let must_follow = self.fetches.iter().any(Fetch::is_under_way)
            || (ends && restart_of(&worker) == Restart::KeepPrevious);
        if keeps_previous && must_follow {
            let ui = ui.clone();
            self.next = Some(Box::new(move |resource| resource.start(worker, &ui, start)));
        } else {
            if !keeps_previous {
                self.next = None; // this one is newer
            }
            self.start(worker, ui, start);
        }
    }

    #[track_caller]
    fn start(
        &mut self,
        worker: WorkerBuilder,
        ui: &UiHandle<A>,
        start: impl FnOnce(WorkerBuilder, LandingPlace<A, T>) -> Worker<()>,
    ) {
        let landing_place = LandingPlace { place: self.place.clone(), ui: ui.clone() };
        let worker = AnyWorker::from(start(worker.exit_on_error(false), landing_place));
        self.fetches.push(Fetch { worker: worker.clone(), phase: Phase::Fetching });
        let (place, target, call_site) = (self.place.clone(), ui.target.clone(), Location::caller());
        let ended = worker.clone();
        when_finished(&worker, move || {
            let clock = target.clock().clone();
            target.push(Callback::new(None, call_site, move |app| {
                if let Some(resource) = place(app) {
                    resource.end(&ended, clock.now());
                }
            }));
        });
    }

    /// Data of a fetch has come, unless a newer one's has. One that is not known here was
    /// cancelled, or is of another resource that was in this place.
    fn land(&mut self, worker: WorkerId, phase: Phase, now: Instant, change: impl FnOnce(&mut Option<T>)) {
        let Some(fetch) = self.fetches.iter_mut().find(|fetch| fetch.worker.id() == worker) else { return };
        fetch.phase = phase;
        if self.newest.is_some_and(|newest| newest > worker) {
            return;
        }
        self.newest = Some(worker);
        change(&mut self.data);
        self.updated_at = Some(now);
        if phase == Phase::Landed {
            (self.error, self.failures) = (None, 0);
        }
    }

    /// A fetch has ended, in whatever way.
    fn end(&mut self, worker: &AnyWorker, now: Instant) {
        let Some(at) = self.fetches.iter().position(|fetch| fetch.worker == *worker) else { return };
        let phase = self.fetches.remove(at).phase;
        let is_newest = self.newest.is_none_or(|newest| newest <= worker.id());
        match (worker.state(), worker.error()) {
            _ if worker.is_end_revoked() || !is_newest => {}
            (WorkerState::Success, _) if phase != Phase::Landed => {
                (self.error, self.failures, self.updated_at) = (None, 0, Some(now));
            }
            (WorkerState::Error, Some(error)) => {
                self.error = Some(error.clone());
                self.failures += 1;
            }
            _ => {}
        }
        let busy = |fetch: &Fetch| fetch.is_under_way() || fetch.phase == Phase::Landed;
        if !self.fetches.iter().any(busy)
            && let Some(next) = self.next.take()
        {
            next(self);
        }
    }
}

/// Where the body of a [fetch in parts](Resource::fetch_parts) lands its data, also from the parts of its
/// [fan-out](WorkerContext::map) and from workers that it starts.
pub struct Landing<A, T> {
    place: LandingPlace<A, T>,
    /// The fetch.
    worker: WorkerId,
}

impl<A: 'static, T: Send + 'static> Landing<A, T> {
    /// Replaces the data.
    ///
    /// # Errors
    ///
    /// Those of [`UiHandle::post`].
    #[track_caller]
    pub fn replace(&self, cx: &WorkerContext, data: T) -> Result<(), PostError> {
        self.update(cx, move |present| *present = Some(data))
    }

    /// Changes the data, on the UI thread.
    ///
    /// # Errors
    ///
    /// Those of [`UiHandle::post`].
    #[track_caller]
    pub fn update<F>(&self, _: &WorkerContext, change: F) -> Result<(), PostError>
    where
        F: FnOnce(&mut Option<T>) + Send + 'static,
    {
        self.place.land(self.worker, Phase::Landing, change)
    }
}

/// Where a resource is, and how its place is reached.
struct LandingPlace<A, T> {
    place: Place<A, T>,
    ui: UiHandle<A>,
}

impl<A: 'static, T: Send + 'static> LandingPlace<A, T> {
    #[track_caller]
    fn land<F>(&self, worker: WorkerId, phase: Phase, change: F) -> Result<(), PostError>
    where
        F: FnOnce(&mut Option<T>) + Send + 'static,
    {
        let (place, clock) = (self.place.clone(), self.ui.target.clock().clone());
        self.ui.post(move |app| {
            if let Some(resource) = place(app) {
                resource.land(worker, phase, clock.now(), change);
            }
        })
    }
}

// Not derived: that would ask for `A: Clone` and `T: Clone`.
impl<A, T> Clone for Landing<A, T> {
    fn clone(&self) -> Self {
        let place = LandingPlace { place: self.place.place.clone(), ui: self.place.ui.clone() };
        Self { place, worker: self.worker }
    }
}

impl<A, T> fmt::Debug for Resource<A, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resource")
            .field("has_data", &self.data.is_some())
            .field("is_fetching", &(self.next.is_some() || self.fetches.iter().any(Fetch::is_under_way)))
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

impl<A, T> fmt::Debug for Landing<A, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Landing").finish_non_exhaustive()
    }
}
