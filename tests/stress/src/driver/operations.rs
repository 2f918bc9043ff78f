//! [`perform`]: one random operation, from wherever it is called. What the place does not allow, like
//! a wait in a sink, is left out.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use fastrand::Rng;
use worker_core::blocking::{block_until, thread_waker};
use worker_core::{Restart, WaitError, Worker, WorkerError};
use worker_ui_bridge::{CallError, PostError, TryPostError};

use crate::driver::bodies::{self, Role};
use crate::driver::foreign::{BadWaker, Mischief, Token, Value};
use crate::driver::ui::App;
use crate::driver::world::{GROUPS, Kept, Place, World, group_name, is_on_ui};
use crate::history::{
    Answer, CaseNumber, Cause, Deed, Delivery, ErrorKind, Kind, Spec, Stamp, Wait, WaitAnswer, Way, What,
};

/// Does something at random.
pub(crate) fn perform(world: &Arc<World>, place: Place, rng: &mut Rng) {
    match rng.u32(..100) {
        0..38 => drop(start(world, place, rng, Role::Random)),
        38..50 => cancel(world, rng),
        50..56 => release(world, rng),
        56..62 => look(world, rng),
        62..64 => world.cancel_group(rng),
        64..66 => world.make_scope(rng),
        66..67 => {
            if let Some((number, scope)) = world.take_scope(rng) {
                world.drop_scope(number, scope);
            }
        }
        67 if rng.u8(..4) == 0 => world.cancel_scope(rng),
        68 => release_all(world),
        _ if place == Place::Foreign => look(world, rng),
        69..84 => wait(world, place, rng),
        84..86 => keep_a_future(world, place, rng),
        86..88 => ring(world, place, rng),
        88 => list(world, rng),
        89 if rng.u8(..60) == 0 => shutdown(world, rng),
        90 => guard(world, rng),
        _ => send(world, place, rng),
    }
}

/// Starts a worker with everything about it at random; `None` if the episode has had its number.
pub(crate) fn start(
    world: &Arc<World>,
    place: Place,
    rng: &mut Rng,
    role: Role,
) -> Option<(CaseNumber, Worker<Value>)> {
    if world.history.is_full() {
        return None;
    }
    let group = (rng.u8(..7) > 0).then(|| rng.usize(..GROUPS));
    let group = if role.is_random() { group } else { Some(0) };
    let policies = [
        Restart::Parallel,
        Restart::CancelPrevious,
        Restart::AfterPrevious,
        Restart::KeepPrevious,
        Restart::KeepLatest,
    ];
    let restart = group
        .and_then(|group| policies.get(group).copied())
        .unwrap_or_else(|| *rng.choice(&policies).unwrap_or(&Restart::Parallel));
    let kind = match rng.u8(..10) {
        0..2 => Kind::Task,
        2..4 => Kind::ThreadAsync,
        _ => Kind::Thread,
    };
    let kind = if role.is_random() { kind } else { Kind::Thread };
    let limit = (rng.u8(..10) == 0).then(|| Duration::from_micros(rng.u64(100..3000)));
    // A group of the same name as its workers, so that it does not matter which of the two counts.
    let (scope, mut builder) = world.builder(rng, group_name(group).unwrap_or("unnamed"));
    let parent = match place {
        Place::Body(parent) if rng.bool() => Some(parent),
        _ => None,
    };
    // See `faults`: a task that cannot reach its loop lets the panic of a drop out.
    let (token, fragile) = if kind == Kind::Task {
        (Token::meddling(world, rng), false)
    } else {
        Token::mischievous(world, rng)
    };
    let spec = Spec {
        kind,
        scope,
        group,
        restart,
        limit,
        paused: !role.is_random() || rng.u8(..10) == 0,
        parent,
        exit_on_error: rng.bool(),
        fragile,
    };
    let case = world.history.open(spec.clone())?;
    builder = builder.description(case.to_string()).restart(spec.restart).exit_on_error(spec.exit_on_error);
    if let Some(group) = group_name(group) {
        builder = builder.group(group);
    }
    if let Some(limit) = limit {
        builder = builder.timeout(limit);
    }
    if spec.paused {
        builder = builder.paused();
    }
    if parent.is_some() {
        builder = builder.child();
    }
    let superseded = if spec.supersedes() {
        world.covered(|scope, group| (scope, group) == (spec.scope, spec.group))
    } else {
        Vec::new()
    };
    let since = world.history.stamp();
    world.observe(case, What::StartCalled);
    let own = world.clone();
    let worker = match kind {
        Kind::Thread => builder.thread(move |cx| bodies::blocking(&own, case, cx, role, token)),
        Kind::ThreadAsync => {
            builder.thread_async(async move |cx| bodies::on_thread(&own, case, cx, token).await)
        }
        Kind::Task => builder.task(&world.ui, async move |cx| bodies::on_ui(&own, case, cx, token).await),
    };
    world.observe(case, What::StartReturned);
    for case in superseded {
        if let Some(worker) = world.handle(case) {
            world.observe_cancelled(case, worker, Cause::Superseded, since);
        }
    }
    world.publish(case, worker.clone());
    Some((case, worker))
}

fn cancel(world: &Arc<World>, rng: &mut Rng) {
    if let Some(case) = world.any_case(rng)
        && let Some(worker) = world.handle(case)
    {
        world.cancelling(Cause::Handle, &[case], None, || worker.cancel());
    }
}

/// Cancels a worker by a guard.
fn guard(world: &Arc<World>, rng: &mut Rng) {
    if let Some(case) = world.any_case(rng)
        && let Some(worker) = world.handle(case)
    {
        let guard = worker.clone().cancel_on_drop();
        world.cancelling(Cause::Handle, &[case], None, || drop(guard));
    }
}

/// Starts a worker that may have been created paused.
pub(crate) fn release(world: &Arc<World>, rng: &mut Rng) {
    if let Some(case) = world.any_case(rng)
        && let Some(worker) = world.handle(case)
    {
        let since = world.history.stamp();
        worker.start();
        world.observe(case, What::Released { since });
    }
}

/// Starts all that were created paused.
pub(crate) fn release_all(world: &Arc<World>) {
    let all = world.covered(|_, _| true);
    let since = world.history.stamp();
    world.manager.start_all();
    world.history.add_operation(Deed::StartAll, since);
    for case in all {
        let is_paused = world.history.case(case).spec.get().is_some_and(|spec| spec.paused);
        if is_paused {
            world.observe(case, What::Released { since });
        }
    }
}

/// Looks at a handle.
fn look(world: &Arc<World>, rng: &mut Rng) {
    if let Some(case) = world.any_case(rng)
        && let Some(worker) = world.handle(case)
    {
        let since = world.history.stamp();
        let state = worker.state();
        let has_result = worker.result().is_some();
        let seen = if state.is_finished() {
            What::Seen { since, state, has_result }
        } else {
            // The result may have come after the state was read.
            What::Seen { since, state, has_result: false }
        };
        world.observe(case, seen);
        std::hint::black_box((worker.progress(), worker.age(), worker.to_string()));
    }
}

fn list(world: &Arc<World>, rng: &mut Rng) {
    let live = world.manager.workers();
    std::hint::black_box((world.manager.len(), live.len(), format!("{:?}", world.manager)));
    if let Some(worker) = rng.choice(&live) {
        std::hint::black_box(world.manager.get(worker.id()));
    }
}

/// Shuts the manager down, with little patience.
fn shutdown(world: &Arc<World>, rng: &mut Rng) {
    let grace = Duration::from_micros(rng.u64(..1500));
    shut_down(world, grace);
}

/// Shuts the manager down.
pub(crate) fn shut_down(world: &World, grace: Duration) -> worker_core::ShutdownReport {
    let covered = world.covered(|_, _| true);
    let mut report = None;
    world.cancelling(Cause::Shutdown, &covered, Some(Deed::Shutdown), || {
        report = Some(world.manager.shutdown(grace));
    });
    report.unwrap_or_default()
}

/// Polls a future of the library's once, with a waker that may misbehave, and keeps it for a while.
fn keep_a_future(world: &Arc<World>, place: Place, rng: &mut Rng) {
    let Some(target) = world.any_case(rng) else { return };
    let Some(worker) = world.handle(target).cloned() else { return };
    let mut future: Kept = match rng.u8(..3) {
        0 => {
            // In a body it counts as the body's wait until it is dropped, whenever that will be.
            let mut open = OpenWait::begin(world, place, target, Way::Async);
            open.is_kept = true;
            Box::pin(async move { drop(worker.finished().await) })
        }
        1 => Box::pin(async move { worker.cancelled().await }),
        _ => {
            let manager = world.manager.clone();
            Box::pin(async move { manager.all_finished().await })
        }
    };
    let waker = Waker::from(Arc::new(BadWaker(Mischief::random(world, rng))));
    let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
    let dropped = if polled.is_pending() && rng.bool() {
        let mut kept = world.kept.lock();
        kept.push(future);
        (kept.len() > 8).then(|| kept.swap_remove(0))
    } else {
        Some(future)
    };
    drop(dropped);
}

/// Starts workers that wait for each other in a ring: one of the waits must be refused.
fn ring(world: &Arc<World>, place: Place, rng: &mut Rng) {
    let length = rng.usize(1..=4);
    let slots: Vec<Arc<OnceLock<Worker<Value>>>> = (0..length).map(|_| Arc::default()).collect();
    let mut members = Vec::new();
    for at in 0..length {
        let next = slots[(at + 1) % length].clone();
        let Some(member) = start(world, place, rng, Role::WaitFor(next)) else { break };
        members.push(member);
    }
    for (slot, (_, worker)) in slots.iter().zip(&members) {
        let _ = slot.set(worker.clone());
    }
    rng.shuffle(&mut members);
    for (case, worker) in members {
        let since = world.history.stamp();
        worker.start();
        world.observe(case, What::Released { since });
    }
}

/// Waits for a worker, in one of the ways that the place allows.
fn wait(world: &Arc<World>, place: Place, rng: &mut Rng) {
    let Some(case) = world.any_case(rng) else { return };
    let Some(worker) = world.handle(case) else { return };
    let is_async = place == Place::Thread && rng.u8(..3) == 0;
    let limit = rng.bool().then(|| Duration::from_micros(rng.u64(..1500)));
    if is_async {
        waiting(world, place, case, Way::Async, || await_here(world, worker));
    } else if let Some(limit) = limit {
        waiting(world, place, case, Way::Limited(limit), || worker.wait_timeout(limit).map(drop));
    } else {
        waiting(world, place, case, Way::Blocking, || worker.wait().map(drop));
    }
}

/// Awaits a worker on a thread without a loop.
fn await_here(world: &World, worker: &Worker<Value>) -> Result<(), WaitError> {
    let waker = thread_waker(&world.clock);
    let mut finished = pin!(worker.finished());
    let ended =
        block_until(&*world.clock, None, || match finished.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(ended) => Some(ended.map(drop)),
            Poll::Pending => None,
        });
    ended.unwrap_or(Err(WaitError::Timeout))
}

/// Records a wait.
pub(crate) fn waiting(
    world: &World,
    place: Place,
    target: CaseNumber,
    way: Way,
    wait: impl FnOnce() -> Result<(), WaitError>,
) {
    let open = OpenWait::begin(world, place, target, way);
    let answer = answer_of(&wait());
    open.end(answer);
}

/// A wait that has begun. Dropped before its end, it says so.
pub(crate) struct OpenWait<'w> {
    world: &'w World,
    wait: Wait,
    began: Instant,
    /// It goes on after this was dropped.
    is_kept: bool,
}

impl<'w> OpenWait<'w> {
    /// A wait begins.
    pub(crate) fn begin(world: &'w World, place: Place, target: CaseNumber, way: Way) -> Self {
        let waiter = match place {
            Place::Body(case) => Some(case),
            _ => None,
        };
        if let Some(waiter) = waiter {
            world.observe(waiter, What::Step("wait"));
        }
        let (since, began) = (world.history.stamp(), world.now());
        let (until, took) = (since, Duration::ZERO);
        let answer = WaitAnswer::Dropped;
        let wait = Wait { waiter, target, way, on_ui: is_on_ui(), answer, since, until, took };
        world.history.open_wait(wait);
        Self { world, wait, began, is_kept: false }
    }

    /// It has returned.
    pub(crate) fn end(mut self, answer: WaitAnswer) {
        self.wait.answer = answer;
    }
}

impl Drop for OpenWait<'_> {
    fn drop(&mut self) {
        let now = self.world.history.stamp();
        self.wait.until = if self.is_kept { Stamp::MAX } else { now };
        self.wait.took = self.world.now().saturating_duration_since(self.began);
        self.world.history.add_wait(self.wait);
    }
}

/// The answer of a wait.
pub(crate) fn answer_of(result: &Result<(), WaitError>) -> WaitAnswer {
    match result {
        Ok(()) => WaitAnswer::Value,
        Err(WaitError::Worker(error)) => WaitAnswer::Ended(kind_of(error)),
        Err(WaitError::Deadlock) => WaitAnswer::Deadlock,
        Err(WaitError::UiThread) => WaitAnswer::UiThread,
        Err(WaitError::NotStarted) => WaitAnswer::NotStarted,
        Err(WaitError::Timeout) => WaitAnswer::Timeout,
        Err(WaitError::Cancelled) => WaitAnswer::WaiterCancelled,
        Err(_) => WaitAnswer::Other,
    }
}

/// The kind of an error.
pub(crate) fn kind_of(error: &WorkerError) -> ErrorKind {
    match error {
        WorkerError::Failed(_) => ErrorKind::Failed,
        WorkerError::Panicked(_) => ErrorKind::Panicked,
        WorkerError::Cancelled => ErrorKind::Cancelled,
        WorkerError::TimedOut => ErrorKind::TimedOut,
        _ => ErrorKind::Other,
    }
}

/// Sends a callback to the UI thread, by one of the blocking ways.
pub(crate) fn send(world: &Arc<World>, place: Place, rng: &mut Rng) {
    let delivery = match rng.u8(..8) {
        0..4 => Delivery::Post,
        4 => Delivery::TryPost,
        5 => Delivery::Latest,
        _ => Delivery::Call,
    };
    let letter = Letter::new(world, place, delivery, rng);
    let (sender, number, since) = (letter.sender, letter.number, world.history.stamp());
    if let Some(sender) = sender {
        world.observe(sender, What::Step("send"));
    }
    let answer = match delivery {
        Delivery::TryPost => match world.ui.try_post(move |app| letter.open(app)) {
            Ok(()) => Answer::Done,
            Err(TryPostError::Full(_)) => Answer::Full,
            Err(TryPostError::Closed(_)) => Answer::Closed,
            Err(TryPostError::Cancelled(_)) => Answer::Cancelled,
            Err(_) => Answer::Other,
        },
        Delivery::Latest => {
            // A key of its own for each sender: nobody is replaced by somebody else.
            let key = format!("{sender:?}");
            posted(world.ui.post_latest(key, move |app| letter.open(app)))
        }
        Delivery::Call | Delivery::AsyncCall => {
            called(world.ui.call_from_thread(move |app| letter.open(app)))
        }
        Delivery::Post => posted(world.ui.post(move |app| letter.open(app))),
    };
    let sent = What::Sent { number, delivery, since, on_ui: is_on_ui(), answer };
    world.history.observe(sender, world.now(), sent);
}

/// Sends a callback from async code.
pub(crate) async fn send_async(world: &Arc<World>, place: Place, rng: &mut Rng) {
    let delivery = Delivery::AsyncCall;
    let letter = Letter::new(world, place, delivery, rng);
    let (sender, number, since) = (letter.sender, letter.number, world.history.stamp());
    let called_back = called(world.ui.call(move |app| letter.open(app)).await);
    let sent = What::Sent { number, delivery, since, on_ui: is_on_ui(), answer: called_back };
    world.history.observe(sender, world.now(), sent);
}

fn posted(result: Result<(), PostError>) -> Answer {
    match result {
        Ok(()) => Answer::Done,
        Err(PostError::Closed) => Answer::Closed,
        Err(PostError::Cancelled) => Answer::Cancelled,
        Err(_) => Answer::Other,
    }
}

fn called(result: Result<(), CallError>) -> Answer {
    match result {
        Ok(()) => Answer::Done,
        Err(CallError::UiThread) => Answer::UiThread,
        Err(CallError::Closed) => Answer::Closed,
        Err(CallError::Cancelled) => Answer::Cancelled,
        Err(CallError::Panicked) => Answer::Panicked,
        Err(_) => Answer::Other,
    }
}

/// A callback on its way to the UI thread.
struct Letter {
    sender: Option<CaseNumber>,
    number: usize,
    delivery: Delivery,
    /// What the callback does on the UI thread, beside being recorded.
    mischief: Mischief,
    acts: Option<u64>,
    _token: Token,
}

impl Letter {
    fn new(world: &Arc<World>, place: Place, delivery: Delivery, rng: &mut Rng) -> Self {
        let sender = match place {
            Place::Body(case) => Some(case),
            _ => None,
        };
        let number = world.history.next_callback();
        let mischief = Mischief::random(world, rng);
        let acts = (rng.u8(..6) == 0).then(|| rng.u64(..));
        Self { sender, number, delivery, mischief, acts, _token: Token::meddling(world, rng) }
    }

    fn open(self, app: &mut App) {
        let Some(world) = app.world() else { return };
        let ran = What::Ran { number: self.number, delivery: self.delivery };
        world.history.observe(self.sender, world.now(), ran);
        if let Some(seed) = self.acts {
            let mut rng = world.rng(seed);
            world.reenter(|world| perform(world, Place::Ui, &mut rng));
        }
        self.mischief.act();
    }
}

/// Lets the loop turn once.
pub(crate) async fn yield_once() {
    let mut is_second = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut is_second, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
