//! Foreign code at awkward moments: values whose drop panics or starts workers, wakers that do the
//! same, and the tokens by which a leak is seen.

use std::panic::panic_any;
use std::sync::atomic::{AtomicIsize, Ordering};
use std::sync::{Arc, Weak};
use std::task::Wake;
use std::thread;

use fastrand::Rng;

use crate::driver::operations;
use crate::driver::world::{Place, World};

/// The payload of the panics that are part of the plan. Their messages are not printed.
#[derive(Debug)]
pub(crate) struct Planned;

/// Panics as planned, unless the thread panics already.
pub(crate) fn planned_panic() {
    if !thread::panicking() {
        panic_any(Planned);
    }
}

/// Counts as alive until it is dropped; and then may misbehave.
#[derive(Debug)]
pub(crate) struct Token {
    alive: Arc<AtomicIsize>,
    at_drop: Mischief,
}

/// What foreign code does beside its work.
#[derive(Debug)]
pub(crate) enum Mischief {
    None,
    Panic,
    /// Starts, cancels and looks at workers.
    Reenter(Weak<World>, u64),
}

impl Mischief {
    /// Mostly none.
    pub(crate) fn random(world: &Arc<World>, rng: &mut Rng) -> Self {
        match rng.u32(..1000) {
            n if n < world.plan.mischief => Self::Panic,
            n if n < world.plan.mischief * 2 => Self::Reenter(Arc::downgrade(world), rng.u64(..)),
            _ => Self::None,
        }
    }

    /// Misbehaves.
    pub(crate) fn act(&self) {
        match self {
            Self::None => {}
            Self::Panic => planned_panic(),
            Self::Reenter(world, seed) => {
                if let Some(world) = world.upgrade() {
                    let mut rng = world.rng(*seed);
                    world.reenter(|world| operations::perform(world, Place::Foreign, &mut rng));
                }
            }
        }
    }
}

impl Token {
    pub(crate) fn new(alive: Arc<AtomicIsize>) -> Self {
        alive.fetch_add(1, Ordering::Relaxed);
        Self { alive, at_drop: Mischief::None }
    }

    /// A token that may misbehave when it is dropped, and whether it then panics.
    pub(crate) fn mischievous(world: &Arc<World>, rng: &mut Rng) -> (Self, bool) {
        let mut token = world.token();
        token.at_drop = Mischief::random(world, rng);
        let panics = matches!(token.at_drop, Mischief::Panic);
        (token, panics)
    }

    /// A token that may start, cancel and look at workers when it is dropped, but does not panic.
    pub(crate) fn meddling(world: &Arc<World>, rng: &mut Rng) -> Self {
        let mut token = world.token();
        token.at_drop = match Mischief::random(world, rng) {
            Mischief::Panic => Mischief::None,
            other => other,
        };
        token
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, Ordering::Relaxed);
        self.at_drop.act();
    }
}

/// What bodies return.
#[derive(Debug)]
pub(crate) struct Value {
    _token: Token,
}

impl Value {
    /// A value whose drop may misbehave.
    pub(crate) fn new(world: &Arc<World>, rng: &mut Rng) -> Self {
        Self { _token: Token::mischievous(world, rng).0 }
    }
}

/// A waker that misbehaves.
#[derive(Debug)]
pub(crate) struct BadWaker(pub Mischief);

impl Wake for BadWaker {
    fn wake(self: Arc<Self>) {
        self.0.act();
    }
}
