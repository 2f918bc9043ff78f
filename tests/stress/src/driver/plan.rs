//! [`Plan`]: what is decided about an episode before it begins, all of it by one seed.

use std::time::Duration;

use fastrand::Rng;

/// Who decides which thread runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    /// The operating system: the same seed makes the same choices, in another interleaving.
    System,
    /// The libraries' own test scheduler: the same seed makes the same run.
    Scheduler,
}

/// What ends an episode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Everything comes to its own end, and the UI thread turns until nothing is queued.
    Drained,
    /// All are cancelled, again and again, while the UI thread turns.
    Cancelled,
    /// `UiBridge::shutdown`.
    BridgeShutdown,
    /// The bridge is closed, then the UI thread shuts the manager down.
    CloseThenShutdown,
    /// The bridge is dropped, then the manager is shut down.
    DropThenShutdown,
    /// A worker shuts its own manager down, while the UI thread turns.
    ShutdownInWorker,
}

/// See the [module](self).
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The campaign's seed, the number of the episode in it, and how many threads it was given.
    pub(crate) origin: (u64, u64, usize),
    pub(crate) seed: u64,
    pub(crate) mode: Threads,
    /// How many workers there may be.
    pub(crate) capacity: usize,
    /// How many threads beside the UI thread start, cancel and wait.
    pub(crate) actors: usize,
    /// `max_threads` of the manager.
    pub(crate) pool: usize,
    /// The capacity of the UI's queue.
    pub(crate) queue: usize,
    /// How long a turn of the UI loop may last.
    pub(crate) budget: Duration,
    /// How often the UI loop turns before it ends the episode.
    pub(crate) turns: usize,
    /// At which of its turns the UI loop closes or drops the bridge.
    pub(crate) close_at: Option<usize>,
    /// Whether async bodies run in tokio's loop.
    pub(crate) tokio: bool,
    /// Of a thousand pieces of foreign code, how many misbehave.
    pub(crate) mischief: u32,
    pub(crate) end: End,
}

impl Plan {
    /// The plan of an episode of the campaign `seed`, with at most so many threads and workers.
    pub(crate) fn new(campaign: u64, episode: u64, mode: Threads, actors: usize, capacity: usize) -> Self {
        let mut seeds = Rng::with_seed(campaign ^ episode.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let seed = seeds.u64(..);
        let mut rng = Rng::with_seed(seed);
        let origin = (campaign, episode, actors);
        let end = [
            End::Drained,
            End::Drained,
            End::Cancelled,
            End::BridgeShutdown,
            End::CloseThenShutdown,
            End::DropThenShutdown,
            End::ShutdownInWorker,
        ];
        let is_small = mode == Threads::Scheduler || rng.u8(..4) > 0;
        let room = if is_small { 4..=capacity.clamp(4, 60) } else { 4..=capacity.max(4) };
        Self {
            origin,
            seed,
            mode,
            capacity: rng.usize(room),
            actors: rng.usize(1..=actors.max(1)),
            pool: rng.usize(1..=6),
            queue: *rng.choice(&[1, 2, 8, 65_536]).unwrap_or(&8),
            budget: Duration::from_micros(*rng.choice(&[0, 50, 8_000]).unwrap_or(&0)),
            turns: rng.usize(1..400),
            close_at: (rng.u8(..5) == 0).then(|| rng.usize(..100)),
            tokio: mode == Threads::System && rng.u8(..4) == 0,
            mischief: *rng.choice(&[0, 5, 30]).unwrap_or(&0),
            end: *rng.choice(&end).unwrap_or(&End::Drained),
        }
    }
}
