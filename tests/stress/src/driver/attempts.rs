//! Retries: some attempts fail, and the cancel may come in a pause. What each did is recorded.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fastrand::Rng;
use worker_core::{BodyContext, BoxError, Cancelled, Result, Retry, TaskContext, WorkerContext};

use crate::driver::world::World;
use crate::history::{CaseNumber, Retried, RetryEnd, What};

/// What an attempt gives that does not succeed.
#[derive(Debug)]
enum Failure {
    Planned(u32),
    Cancelled,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl From<Cancelled> for Failure {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// A retry that is under way.
struct Attempts<'w> {
    world: &'w World,
    pauses: Vec<Duration>,
    plan: Retried,
    has_seen_cancel: bool,
    /// The next attempt may not come before.
    rests_until: Option<Instant>,
}

impl<'w> Attempts<'w> {
    fn plan(world: &'w World, case: CaseNumber, rng: &mut Rng) -> (Self, Retry<Failure>) {
        let pauses: Vec<_> = (0..rng.u8(..3)).map(|_| Duration::from_micros(rng.u64(..200))).collect();
        let allowed = u32::try_from(pauses.len()).map_or(u32::MAX, |pauses| pauses + 1);
        let succeeds_at = rng.u32(1..5);
        let plan = Retried { allowed, succeeds_at, ..Retried::default() };
        world.observe(case, What::Step("retry"));
        world.observe(case, What::Pauses);
        let patience = Retry::after(pauses.clone());
        (Self { world, pauses, plan, has_seen_cancel: false, rests_until: None }, patience)
    }

    fn attempt(&mut self, cx: &BodyContext, number: u32) -> Result<(), Failure> {
        self.plan.went_on_after_cancel |= self.has_seen_cancel;
        self.plan.was_early |= self.rests_until.is_some_and(|until| self.world.now() < until);
        let pause = self.pauses.get(usize::try_from(self.plan.attempts).unwrap_or(usize::MAX));
        self.plan.attempts += 1;
        self.has_seen_cancel = cx.is_cancelled();
        if number >= self.plan.succeeds_at {
            return Ok(());
        }
        self.rests_until = pause.map(|pause| self.world.now() + *pause);
        Err(Failure::Planned(number))
    }

    /// Records what came out.
    fn end(mut self, case: CaseNumber, returned: Result<(), Failure>) -> Result<()> {
        self.plan.end = match returned {
            Ok(()) => RetryEnd::Succeeded,
            Err(Failure::Planned(number)) => RetryEnd::Failed(number),
            Err(Failure::Cancelled) => RetryEnd::Cancelled,
        };
        self.world.observe(case, What::GoesOn);
        self.world.observe(case, What::Retried(self.plan));
        returned.map_err(|failure| BoxError::from(failure.to_string()))
    }
}

pub(crate) fn blocking(
    world: &Arc<World>,
    case: CaseNumber,
    cx: &WorkerContext,
    rng: &mut Rng,
) -> Result<()> {
    let (mut attempts, patience) = Attempts::plan(world, case, rng);
    let returned = cx.retry(&patience, |number| attempts.attempt(cx, number));
    attempts.end(case, returned)
}

pub(crate) async fn on_thread(
    world: &Arc<World>,
    case: CaseNumber,
    cx: &WorkerContext,
    rng: &mut Rng,
) -> Result<()> {
    let (mut attempts, patience) = Attempts::plan(world, case, rng);
    let returned = cx.retry_async(&patience, async |number| attempts.attempt(cx, number)).await;
    attempts.end(case, returned)
}

pub(crate) async fn on_ui(
    world: &Arc<World>,
    case: CaseNumber,
    cx: &TaskContext,
    rng: &mut Rng,
) -> Result<()> {
    let (mut attempts, patience) = Attempts::plan(world, case, rng);
    let returned = cx.retry(&patience, async |number| attempts.attempt(cx, number)).await;
    attempts.end(case, returned)
}
