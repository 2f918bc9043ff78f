//! Fan-outs, one within another. Their parts sleep, wait and give way; one may fail or panic, and
//! then others may wait for nothing but their cancel. What came out is recorded.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fastrand::Rng;
use worker_core::{BoxError, Result, WorkerContext};

use crate::driver::foreign::planned_panic;
use crate::driver::waits::wait;
use crate::driver::world::{Place, World};
use crate::history::{CaseNumber, FanOutEnd, FannedOut, What};

const PLANNED: &str = "the planned failure of a part";

pub(crate) fn fan_out(world: &Arc<World>, case: CaseNumber, cx: &WorkerContext, rng: &mut Rng) {
    world.observe(case, What::Step("fan out"));
    world.observe(case, What::Pauses);
    within(world, case, cx, rng, Outer { depth: 0, may_fail: false });
    world.observe(case, What::GoesOn);
}

/// The fan-outs that one is within.
#[derive(Clone, Copy)]
struct Outer {
    depth: u8,
    /// A part of theirs may fail, and then its own parts are cancelled.
    may_fail: bool,
}

fn within(world: &Arc<World>, case: CaseNumber, cx: &WorkerContext, rng: &mut Rng, outer: Outer) {
    let (parts, at_once) = (rng.usize(..6), rng.usize(..4));
    let tries = rng.bool();
    let fails = (parts > 0 && rng.u8(..3) == 0).then(|| rng.usize(..parts));
    // Two run side by side, so one that waits for the other's failure does not wait for ever.
    let waits = fails.is_some() && tries && at_once >= 2;
    let panics = fails.is_some() && outer.depth == 0 && rng.u8(..8) == 0;
    let inner = Outer { depth: outer.depth + 1, may_fail: outer.may_fail || fails.is_some() };
    let seed = rng.u64(..);
    let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let part = |cx: &WorkerContext, number: usize| -> Result<usize> {
        most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let mut rng = Rng::with_seed(seed ^ number as u64);
        let done = if waits && fails.is_some_and(|fails| number + 1 == fails || number == fails + 1) {
            cx.sleep(Duration::MAX).map_err(BoxError::from)
        } else {
            act(world, case, cx, &mut rng, inner)
        };
        running.fetch_sub(1, Ordering::SeqCst);
        if fails == Some(number) {
            if panics {
                planned_panic();
            }
            return Err(PLANNED.into());
        }
        done.map(|()| number)
    };
    let end = if tries {
        match cx.try_map(0..parts, at_once, part) {
            Ok(values) if values.iter().copied().eq(0..parts) && fails.is_none() => FanOutEnd::AsPlanned,
            Ok(_) => FanOutEnd::Mixed,
            Err(error) if error.to_string() == PLANNED => FanOutEnd::Failed,
            Err(_) => FanOutEnd::Cancelled,
        }
    } else {
        judge(&cx.map(0..parts, at_once, part), parts, fails)
    };
    let most = most.into_inner();
    let is_within_failing = outer.may_fail;
    let done = FannedOut { parts, at_once, most, fails, tries, is_within_failing, end };
    world.observe(case, What::FannedOut(done));
}

fn judge(returned: &[Result<usize>], parts: usize, fails: Option<usize>) -> FanOutEnd {
    if returned.len() != parts {
        return FanOutEnd::Mixed;
    }
    let mut end = FanOutEnd::AsPlanned;
    for (number, returned) in returned.iter().enumerate() {
        match returned {
            Ok(value) if *value == number && fails != Some(number) => {}
            Ok(_) => return FanOutEnd::Mixed,
            Err(error) if error.to_string() == PLANNED && fails == Some(number) => {}
            Err(error) if error.to_string() == PLANNED => return FanOutEnd::Mixed,
            Err(_) => end = FanOutEnd::PartlyCancelled,
        }
    }
    end
}

/// What a part does.
fn act(
    world: &Arc<World>,
    case: CaseNumber,
    cx: &WorkerContext,
    rng: &mut Rng,
    within_part_of: Outer,
) -> Result<()> {
    let Outer { depth, may_fail } = within_part_of;
    match rng.u8(..8) {
        0..3 => cx.sleep(Duration::from_micros(rng.u64(..200)))?,
        3 => cx.check()?,
        4 if depth < 3 => within(world, case, cx, rng, within_part_of),
        5 if !may_fail => wait(world, Place::Body(case), rng),
        _ => world.give_way(),
    }
    Ok(())
}
