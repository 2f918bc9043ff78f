//! What bodies do: small random things, some of them rude. Every body records when it begins and
//! when it leaves, and ends by itself soon unless it has a time limit.

use std::future::poll_fn;
use std::hint::spin_loop;
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use worker_core::{BodyContext, Result, TaskContext, Worker, WorkerContext};

use crate::driver::attempts;
use crate::driver::foreign::{Mischief, Token, Value, planned_panic};
use crate::driver::letters::{send, send_async};
use crate::driver::operations::perform;
use crate::driver::parts;
use crate::driver::sinks::case_of;
use crate::driver::waits::{OpenWait, answer_of, waiting};
use crate::driver::world::{Place, World};
use crate::history::{CaseNumber, Cause, Leaving, WaitAnswer, Way, What};

/// What a blocking body is for.
#[derive(Clone)]
pub(crate) enum Role {
    Random,
    /// It waits for the worker of the slot: a part of a ring.
    WaitFor(Arc<OnceLock<Worker<Value>>>),
}

impl Role {
    /// Whether it is to do this and that.
    pub(crate) fn is_random(&self) -> bool {
        matches!(self, Self::Random)
    }
}

/// The time between a body's beginning and its end.
struct Inside<'w> {
    world: &'w Arc<World>,
    case: CaseNumber,
    leaving: Leaving,
}

impl<'w> Inside<'w> {
    fn enter(world: &'w Arc<World>, case: CaseNumber) -> Self {
        world.observe(case, What::Began);
        Self { world, case, leaving: Leaving::Dropped }
    }

    /// The body's last act.
    fn leave(mut self, result: Result<Value>) -> Result<Value> {
        self.leaving = if result.is_ok() { Leaving::Returned } else { Leaving::Failed };
        result
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        let leaving = if thread::panicking() { Leaving::Panicking } else { self.leaving };
        self.world.observe(self.case, What::Left(leaving));
    }
}

/// The body of a thread worker.
pub(crate) fn blocking(
    world: &Arc<World>,
    case: CaseNumber,
    cx: &WorkerContext,
    role: Role,
    token: Token,
) -> Result<Value> {
    let inside = Inside::enter(world, case);
    let mut rng = world.rng(case as u64);
    let done = match role {
        Role::Random => (0..rng.u8(..6)).try_for_each(|_| block_once(world, case, cx, &mut rng)),
        Role::WaitFor(slot) => {
            wait_in_ring(world, case, &slot);
            Ok(())
        }
    };
    let result = done.map(|()| Value::new(world, &mut rng));
    drop(token);
    inside.leave(result)
}

fn wait_in_ring(world: &Arc<World>, case: CaseNumber, slot: &OnceLock<Worker<Value>>) {
    let Some(next) = slot.get() else { return };
    let Some(target) = case_of(next) else { return };
    waiting(world, Place::Body(case), target, Way::Blocking, || next.wait().map(drop));
}

/// A step of a blocking body, or of an async one that blocks.
fn block_once(world: &Arc<World>, case: CaseNumber, cx: &WorkerContext, rng: &mut Rng) -> Result<()> {
    match rng.u8(..14) {
        0..2 => cx.sleep(Duration::from_micros(rng.u64(..300)))?,
        2 if world.is_limited(case) => {
            world.observe(case, What::Step("sleep until cancelled"));
            cx.sleep(Duration::MAX)?;
        }
        3 => {
            world.observe(case, What::Step("wait for itself"));
            let own = cx.worker();
            let way = Way::Blocking;
            waiting(world, Place::Body(case), case, way, || own.wait());
        }
        4 => attempts::blocking(world, case, cx, rng)?,
        5 => parts::fan_out(world, case, cx, rng),
        _ => step(world, case, cx, rng)?,
    }
    Ok(())
}

/// A step of any body.
fn step(world: &Arc<World>, case: CaseNumber, cx: &BodyContext, rng: &mut Rng) -> Result<()> {
    match rng.u8(..24) {
        0..3 => (0..rng.u32(..2000)).for_each(|_| spin_loop()),
        3 => world.give_way(),
        4..7 => cx.check()?,
        7 => {
            // Deaf for a while.
            for _ in 0..rng.u8(..5) {
                world.give_way();
            }
        }
        8..10 => {
            cx.set_total(10);
            cx.advance(rng.u64(..5));
        }
        10 if rng.u8(..6) == 0 => planned_panic(),
        11 => return Err("planned".into()),
        12 => hook(world, cx, rng),
        13 => {
            let since = world.history.stamp();
            cx.worker().cancel();
            world.observe_cancelled(case, cx.worker(), Cause::Handle, since);
        }
        14..18 => send(world, Place::Body(case), rng),
        _ => perform(world, Place::Body(case), rng),
    }
    Ok(())
}

/// Sets a cancel hook, and does something while it is set.
fn hook(world: &Arc<World>, cx: &BodyContext, rng: &mut Rng) {
    let (token, mischief) = (world.token(), Mischief::random(world, rng));
    let _hook = cx.on_cancel(move || {
        let _token = token;
        mischief.act();
    });
    world.give_way();
}

/// The body of a thread worker that is async.
pub(crate) async fn on_thread(
    world: &Arc<World>,
    case: CaseNumber,
    cx: &WorkerContext,
    token: Token,
) -> Result<Value> {
    let inside = Inside::enter(world, case);
    let mut rng = world.rng(case as u64);
    let mut done = Ok(());
    for _ in 0..rng.u8(..6) {
        done = match rng.u8(..4) {
            0 => block_once(world, case, cx, &mut rng),
            1 if rng.u8(..4) == 0 => attempts::on_thread(world, case, cx, &mut rng).await,
            1 if world.is_limited(case) => {
                world.observe(case, What::Step("await a cancel"));
                cx.cancelled().await;
                Ok(())
            }
            _ => await_once(world, case, cx, &mut rng).await,
        };
        if done.is_err() {
            break;
        }
    }
    let result = done.map(|()| Value::new(world, &mut rng));
    drop(token);
    inside.leave(result)
}

/// The body of a task.
pub(crate) async fn on_ui(
    world: &Arc<World>,
    case: CaseNumber,
    cx: &TaskContext,
    token: Token,
) -> Result<Value> {
    let inside = Inside::enter(world, case);
    let mut rng = world.rng(case as u64);
    let mut done = Ok(());
    for _ in 0..rng.u8(..6) {
        done = match rng.u8(..4) {
            0 => cx.sleep(Duration::from_micros(rng.u64(..300))).await.map_err(Into::into),
            1 if rng.u8(..4) == 0 => attempts::on_ui(world, case, cx, &mut rng).await,
            1 if world.is_limited(case) => cx.sleep(Duration::MAX).await.map_err(Into::into),
            _ => await_once(world, case, cx, &mut rng).await,
        };
        if done.is_err() {
            break;
        }
    }
    let result = done.map(|()| Value::new(world, &mut rng));
    drop(token);
    inside.leave(result)
}

/// A step of an async body.
async fn await_once(world: &Arc<World>, case: CaseNumber, cx: &BodyContext, rng: &mut Rng) -> Result<()> {
    match rng.u8(..8) {
        0..2 => yield_once().await,
        2..4 => {
            world.observe(case, What::Step("call"));
            send_async(world, Place::Body(case), rng).await;
        }
        4 => {
            let Some(target) = world.any_case(rng) else { return Ok(()) };
            let Some(worker) = world.handle(target) else { return Ok(()) };
            let open = OpenWait::begin(world, Place::Body(case), target, Way::Async);
            let answer: WaitAnswer = answer_of(&worker.finished().await.map(drop));
            open.end(answer);
        }
        _ => return step(world, case, cx, rng),
    }
    Ok(())
}

/// Lets the loop turn once.
async fn yield_once() {
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

impl World {
    /// Whether the worker has a time limit, so that it may go on for ever.
    fn is_limited(&self, case: CaseNumber) -> bool {
        self.history.case(case).spec.get().is_some_and(|spec| spec.limit.is_some())
    }
}
