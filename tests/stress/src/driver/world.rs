//! [`World`]: what everybody in an episode shares, the manager, the handles, and the record of what
//! they do.

use std::cell::Cell;
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicIsize, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::thread;
use std::time::Instant;

use fastrand::Rng;
use parking_lot::Mutex;
use worker_core::blocking::checkpoint;
use worker_core::{
    AnyWorker, BlockOn, Clock, ConcurrencyLimit, Receiver, Scope, StateChanged, TokioLoop, Worker,
    WorkerBuilder, WorkerManager,
};
use worker_ui_bridge::UiHandle;

use crate::driver::foreign::{Token, Value};
use crate::driver::plan::{Plan, Threads};
use crate::driver::sinks;
use crate::driver::ui::App;
use crate::driver::waits::kind_of;
use crate::history::{CaseNumber, Cause, Deed, History, LIMITS, ROOT, Stamp, What};

/// How many scopes an episode has at most, the root included.
const SCOPES: usize = 8;

/// How many groups have a name.
pub(crate) const GROUPS: usize = 6;

thread_local! {
    /// Whether this is the UI thread of a bridge that lives.
    static ON_UI: Cell<bool> = const { Cell::new(false) };
    /// How deep foreign code is inside foreign code.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Whether the calling thread is the UI thread of a bridge that lives.
pub(crate) fn is_on_ui() -> bool {
    ON_UI.get()
}

/// Says whether the calling thread is the UI thread of a bridge that lives.
pub(crate) fn set_on_ui(is_on_ui: bool) {
    ON_UI.set(is_on_ui);
}

/// Who does something, and what the place allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A thread beside the UI thread, in no body.
    Thread,
    /// The UI thread: its loop, a callback, a handler.
    Ui,
    /// A body, which blocks or awaits.
    Body(CaseNumber),
    /// A sink, a hook, a waker, a drop: it may neither block nor wait.
    Foreign,
}

/// A future that has been polled once and is kept.
pub(crate) type Kept = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The workers of one group of one scope.
struct Lane {
    scope: usize,
    group: Option<usize>,
    members: Vec<CaseNumber>,
}

/// See the [module](self).
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) history: Arc<History>,
    pub(crate) manager: WorkerManager,
    pub(crate) ui: UiHandle<App>,
    /// On a part of the app, which is all of it.
    pub(crate) part: UiHandle<App>,
    pub(crate) clock: Arc<dyn Clock>,
    /// How many tokens live.
    pub(crate) tokens: Arc<AtomicIsize>,
    /// Set when the episode is ending: the threads stop.
    pub(crate) is_over: AtomicBool,
    pub(crate) kept: Mutex<Vec<Kept>>,
    pub(crate) limits: [ConcurrencyLimit; LIMITS.len()],
    /// Hears of every event beside the sink.
    events: Receiver<StateChanged>,
    scopes: Vec<Mutex<Option<(usize, Scope)>>>,
    handles: Box<[OnceLock<Worker<Value>>]>,
    /// The workers of each scope and group, as far as their starts have returned.
    lanes: Mutex<Vec<Lane>>,
}

impl World {
    /// A fresh manager whose events go to `ui`.
    pub(crate) fn new(
        plan: Plan,
        history: Arc<History>,
        ui: UiHandle<App>,
        clock: Arc<dyn Clock>,
    ) -> Arc<Self> {
        let tokens = Arc::new(AtomicIsize::new(0));
        Arc::new_cyclic(|world: &Weak<Self>| {
            let builder = WorkerManager::builder()
                .max_threads(plan.pool)
                .clock(clock.clone())
                .events(sinks::events(&plan, history.clone(), clock.clone(), world.clone(), &ui))
                .progress(ui.progress_changes(App::on_progress));
            let builder =
                if plan.tokio { builder.event_loop(TokioLoop) } else { builder.event_loop(BlockOn) };
            let manager = builder.build();
            Self {
                events: manager.subscribe(),
                manager,
                part: ui.focus(|app| app),
                ui,
                clock,
                tokens,
                is_over: AtomicBool::new(false),
                kept: Mutex::default(),
                limits: LIMITS.map(ConcurrencyLimit::new),
                scopes: (0..SCOPES).map(|_| Mutex::default()).collect(),
                handles: (0..plan.capacity).map(|_| OnceLock::new()).collect(),
                lanes: Mutex::default(),
                plan,
                history,
            }
        })
    }

    /// A generator for `what`, the same in every run of the seed.
    pub(crate) fn rng(&self, what: u64) -> Rng {
        Rng::with_seed(self.plan.seed ^ what.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(17))
    }

    /// The time by the clock of the episode.
    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Adds an observation of a worker.
    pub(crate) fn observe(&self, case: CaseNumber, what: What) {
        self.history.observe(Some(case), self.now(), what);
    }

    /// Whether nothing new should be begun.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// Lets others run for a moment.
    pub(crate) fn give_way(&self) {
        match self.plan.mode {
            Threads::System => thread::yield_now(),
            Threads::Scheduler => checkpoint(&*self.clock),
        }
    }

    /// A token that counts as alive until it is dropped.
    pub(crate) fn token(self: &Arc<Self>) -> Token {
        Token::new(self.tokens.clone())
    }

    /// Runs foreign code that may come back into the library, but not without end.
    pub(crate) fn reenter(self: &Arc<Self>, f: impl FnOnce(&Arc<Self>)) {
        let depth = DEPTH.get();
        if depth < 3 && !thread::panicking() {
            DEPTH.set(depth + 1);
            f(self);
            DEPTH.set(depth);
        }
    }

    /// Keeps the handle of a worker whose start has returned.
    pub(crate) fn publish(&self, case: CaseNumber, worker: Worker<Value>) {
        let spec = self.history.case(case).spec.get();
        let _ = self.handles[case].set(worker);
        let Some(spec) = spec else { return };
        let mut lanes = self.lanes.lock();
        match lanes.iter_mut().find(|lane| (lane.scope, lane.group) == (spec.scope, spec.group)) {
            Some(lane) => lane.members.push(case),
            None => lanes.push(Lane { scope: spec.scope, group: spec.group, members: vec![case] }),
        }
    }

    /// The handle of a worker, once its start has returned.
    pub(crate) fn handle(&self, case: CaseNumber) -> Option<&Worker<Value>> {
        self.handles.get(case)?.get()
    }

    /// A worker at random, mostly one of the newest.
    pub(crate) fn any_case(&self, rng: &mut Rng) -> Option<CaseNumber> {
        let count = self.history.count();
        if count == 0 {
            return None;
        }
        let newest = count.saturating_sub(12);
        let case = if rng.u8(..4) > 0 { rng.usize(newest..count) } else { rng.usize(..count) };
        self.handle(case).map(|_| case)
    }

    /// The workers of every scope and group that `covers` says yes to.
    pub(crate) fn covered(&self, covers: impl Fn(usize, Option<usize>) -> bool) -> Vec<CaseNumber> {
        let lanes = self.lanes.lock();
        let matching = lanes.iter().filter(|lane| covers(lane.scope, lane.group));
        matching.flat_map(|lane| &lane.members).copied().collect()
    }

    /// Does something that cancels workers, and records for each of `covered` what it looked like
    /// when that had returned.
    pub(crate) fn cancelling(
        &self,
        cause: Cause,
        covered: &[CaseNumber],
        deed: Option<Deed>,
        act: impl FnOnce(),
    ) {
        let since = self.history.stamp();
        act();
        if let Some(deed) = deed {
            self.history.add_operation(deed, since);
        }
        for (case, worker) in covered.iter().filter_map(|case| Some((*case, self.handle(*case)?))) {
            self.observe_cancelled(case, worker, cause, since);
        }
    }

    /// Records what a worker looks like after a cancel of it has returned.
    pub(crate) fn observe_cancelled(
        &self,
        number: CaseNumber,
        worker: &AnyWorker,
        cause: Cause,
        since: Stamp,
    ) {
        let what = What::Cancelled {
            cause,
            since,
            on_ui: is_on_ui(),
            after: worker.state(),
            is_cancelled: worker.is_cancelled(),
            is_revoked: worker.is_revoked(),
            reason: worker.cancel_reason(),
        };
        self.observe(number, what);
    }

    /// Begins a worker in the root or in a scope that is still there, and says in which.
    pub(crate) fn builder(&self, rng: &mut Rng, name: &'static str) -> (usize, WorkerBuilder) {
        let slot = rng.usize(..SCOPES);
        let scope = self.scopes[slot].lock();
        match &*scope {
            Some((number, scope)) => (*number, scope.worker(name)),
            None => (ROOT, self.manager.worker(name)),
        }
    }

    /// Makes a scope, within another or in the root.
    pub(crate) fn make_scope(&self, rng: &mut Rng) {
        let parent = rng.usize(..SCOPES);
        let made = {
            let parent = self.scopes[parent].lock();
            match &*parent {
                Some((above, scope)) => (self.history.add_scope(*above), scope.scope("inner")),
                None => (self.history.add_scope(ROOT), self.manager.scope("outer")),
            }
        };
        self.put_back(rng, Some(made));
    }

    /// Takes a scope away, if there is one in the slot.
    pub(crate) fn take_scope(&self, rng: &mut Rng) -> Option<(usize, Scope)> {
        self.scopes[rng.usize(..SCOPES)].lock().take()
    }

    /// Drops a scope and records it.
    pub(crate) fn drop_scope(&self, number: usize, scope: Scope) {
        let covered = self.covered(|scope, _| self.history.is_within(scope, number));
        self.cancelling(Cause::ScopeDrop, &covered, Some(Deed::DropScope(number)), || drop(scope));
    }

    /// Cancels the workers of a scope at random, the root included.
    pub(crate) fn cancel_scope(&self, rng: &mut Rng) {
        let slot = self.scopes[rng.usize(..SCOPES)].lock().take();
        let number = slot.as_ref().map_or(ROOT, |(number, _)| *number);
        let covered = self.covered(|scope, _| self.history.is_within(scope, number));
        self.cancelling(Cause::Scope, &covered, Some(Deed::CancelScope(number)), || match &slot {
            Some((_, scope)) => drop(scope.cancel()),
            None => drop(self.manager.cancel_all()),
        });
        self.put_back(rng, slot);
    }

    /// Cancels a group at random.
    pub(crate) fn cancel_group(&self, rng: &mut Rng) {
        let group = (rng.u8(..6) > 0).then(|| rng.usize(..GROUPS));
        let slot = self.scopes[rng.usize(..SCOPES)].lock().take();
        let number = slot.as_ref().map_or(ROOT, |(number, _)| *number);
        let covered = self.covered(|scope, of| (scope, of) == (number, group));
        self.cancelling(Cause::Group, &covered, Some(Deed::CancelGroup(number, group)), || {
            let group = group_name(group).unwrap_or("default");
            match &slot {
                Some((_, scope)) => drop(scope.cancel_group(group)),
                None => drop(self.manager.cancel_group(group)),
            }
        });
        self.put_back(rng, slot);
    }

    /// Puts a scope into a place that is free, or drops it.
    fn put_back(&self, rng: &mut Rng, mut scope: Option<(usize, Scope)>) {
        {
            let mut slot = self.scopes[rng.usize(..SCOPES)].lock();
            if slot.is_none() {
                *slot = scope.take();
            }
        }
        if let Some((number, scope)) = scope {
            self.drop_scope(number, scope);
        }
    }

    /// Records the last look at every handle. The episode is over.
    pub(crate) fn observe_ends(&self) {
        while let Ok(event) = self.events.try_recv() {
            if let Some(case) = sinks::case_of(&event.worker) {
                self.observe(case, What::Subscribed(event.state));
            }
        }
        for case in 0..self.history.count() {
            let Some(worker) = self.handle(case) else { continue };
            let what = What::Final {
                state: worker.state(),
                is_cancelled: worker.is_cancelled(),
                error: worker.error().map(kind_of),
                has_result: worker.result().is_some(),
                reason: worker.cancel_reason(),
            };
            self.observe(case, what);
        }
    }

    /// Drops everything that is kept beside the handles.
    pub(crate) fn let_go(&self) {
        let kept = std::mem::take(&mut *self.kept.lock());
        drop(kept);
        for slot in &self.scopes {
            let scope = slot.lock().take();
            if let Some((number, scope)) = scope {
                self.drop_scope(number, scope);
            }
        }
    }
}

/// The name of a group.
pub(crate) fn group_name(group: Option<usize>) -> Option<&'static str> {
    const NAMES: [&str; GROUPS] =
        ["parallel", "cancel-previous", "after-previous", "keep-previous", "keep-latest", "mixed"];
    group.map(|group| NAMES[group])
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("plan", &self.plan).finish_non_exhaustive()
    }
}
