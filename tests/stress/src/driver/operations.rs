//! [`perform`]: one random operation, from wherever it is called. What the place does not allow,
//! like a wait in a sink, is left out.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use fastrand::Rng;
use worker_core::{Restart, Worker, WorkerBuilder};

use crate::driver::bodies::{self, Role};
use crate::driver::foreign::{Token, Value};
use crate::driver::letters::{ask_to_be_told, send};
use crate::driver::waits::{keep_a_future, wait};
use crate::driver::world::{GROUPS, Place, World, group_name};
use crate::history::{CaseNumber, Cause, Deed, Kind, LIMITS, Spec, What};

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
        89 if rng.u8(..60) == 0 => {
            if let Place::Body(case) = place {
                world.observe(case, What::Pauses); // for good, as far as the checker knows
            }
            shutdown(world, rng);
        }
        90 => guard(world, rng),
        91 => ask_to_be_told(world, rng),
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
    let group = if role.is_random() { (rng.u8(..7) > 0).then(|| rng.usize(..GROUPS)) } else { Some(0) };
    // A group of the same name as its workers, so that it does not matter which of the two counts.
    let (scope, builder) = world.builder(rng, group_name(group).unwrap_or("unnamed"));
    let mut spec = random_spec(place, rng, &role, (scope, group));
    let (token, fragile) = Token::mischievous(world, rng);
    spec.fragile = fragile;
    let case = world.history.open(spec.clone())?;
    let mut builder = configure(builder, case, &spec);
    if let Some(limit) = spec.concurrency {
        builder = builder.limit(&world.limits[limit]);
    }
    let superseded = if spec.supersedes() {
        world.covered(|scope, group| (scope, group) == (spec.scope, spec.group))
    } else {
        Vec::new()
    };
    let since = world.history.stamp();
    world.observe(case, What::StartCalled);
    let own = world.clone();
    let worker = match spec.kind {
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

/// What is asked for in a scope and a group.
fn random_spec(place: Place, rng: &mut Rng, role: &Role, lane: (usize, Option<usize>)) -> Spec {
    let policies = [
        Restart::Parallel,
        Restart::CancelPrevious,
        Restart::AfterPrevious,
        Restart::KeepPrevious,
        Restart::KeepLatest,
    ];
    let (scope, group) = lane;
    // The last group, and those without one, have workers of every policy.
    let restart = group.and_then(|group| policies.get(group).copied());
    let kind = match rng.u8(..10) {
        0..2 if role.is_random() => Kind::Task,
        2..4 if role.is_random() => Kind::ThreadAsync,
        _ => Kind::Thread,
    };
    Spec {
        kind,
        scope,
        group,
        restart: restart.unwrap_or_else(|| policies[rng.usize(..policies.len())]),
        limit: (rng.u8(..10) == 0).then(|| Duration::from_micros(rng.u64(100..3000))),
        delay: if rng.u8(..8) == 0 { Duration::from_micros(rng.u64(1..2000)) } else { Duration::ZERO },
        concurrency: (rng.u8(..4) == 0).then(|| rng.usize(..LIMITS.len())),
        paused: !role.is_random() || rng.u8(..10) == 0,
        parent: match place {
            Place::Body(parent) if rng.bool() => Some(parent),
            _ => None,
        },
        exit_on_error: rng.bool(),
        fragile: false,
    }
}

/// Asks for it. The worker carries its number as its description.
fn configure(mut builder: WorkerBuilder, case: CaseNumber, spec: &Spec) -> WorkerBuilder {
    builder = builder.description(case.to_string()).restart(spec.restart).exit_on_error(spec.exit_on_error);
    if let Some(group) = group_name(spec.group) {
        builder = builder.group(group);
    }
    if let Some(limit) = spec.limit {
        builder = builder.timeout(limit);
    }
    if !spec.delay.is_zero() {
        builder = builder.delay(spec.delay);
    }
    if spec.paused {
        builder = builder.paused();
    }
    if spec.parent.is_some() {
        builder = builder.child();
    }
    builder
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
