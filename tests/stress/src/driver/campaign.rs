//! [`run_campaign`]: episode after episode from one seed, each judged by the checker, until enough
//! workers have been started or a promise is broken.

use std::fmt;
use std::fs;
use std::hint::black_box;
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::checker;
use crate::driver::episode::run_episode;
use crate::driver::foreign::Planned;
use crate::driver::plan::{Plan, Threads};
use crate::driver::watchdog::Watchdog;
use crate::report;

/// How often the threads are counted.
const EPISODES_BETWEEN_COUNTS: u64 = 64;

/// How long threads may take to end, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often the campaign says how far it is.
const PROGRESS: Duration = Duration::from_secs(10);

/// How much the heap may grow over a campaign: what the allocator's and the library's lists keep
/// for later is not given back.
const GROWTH: usize = 2 << 20;

/// What a campaign is to do.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What everything is chosen by.
    pub seed: u64,
    /// The number of the first episode.
    pub episode: u64,
    /// Ends with the episode that reaches this many workers.
    pub workers: u64,
    /// Ends after so many episodes all the same.
    pub episodes: u64,
    /// Threads beside the UI thread.
    pub threads: usize,
    /// Who decides which thread runs.
    pub mode: Threads,
    /// Two loops that are busy beside.
    pub busy: bool,
    /// Says how far it is.
    pub talks: bool,
    /// How many bytes are in use, where that is counted.
    pub heap: Option<fn() -> usize>,
}

impl Settings {
    /// A quiet campaign.
    pub fn new(seed: u64, workers: u64) -> Self {
        let (threads, mode) = (4, Threads::System);
        Self {
            seed,
            episode: 0,
            workers,
            episodes: u64::MAX,
            threads,
            mode,
            busy: false,
            talks: false,
            heap: None,
        }
    }
}

/// What a campaign did.
#[derive(Clone, Copy, Debug)]
pub struct Totals {
    /// How many workers were started.
    pub workers: u64,
    /// In how many episodes.
    pub episodes: u64,
    /// How long that took.
    pub took: Duration,
}

/// Runs a campaign.
///
/// # Errors
///
/// The report of the first episode in which a promise was broken.
pub fn run_campaign(settings: &Settings) -> Result<Totals, String> {
    silence_planned_panics();
    let _busy = settings.busy.then(Busy::new);
    let watchdog = Watchdog::new();
    let (began, mut said) = (Instant::now(), Instant::now());
    let mut totals = Totals { workers: 0, episodes: 0, took: Duration::ZERO };
    let mut leftovers = Leftovers::new(settings.heap);
    while totals.workers < settings.workers && totals.episodes < settings.episodes {
        let number = settings.episode + totals.episodes;
        let plan = Plan::new(settings.seed, number, settings.mode, settings.threads, 400);
        totals.workers += judge(&plan, &watchdog)?;
        totals.episodes += 1;
        totals.took = began.elapsed();
        if totals.episodes.is_multiple_of(EPISODES_BETWEEN_COUNTS) {
            leftovers.check(&plan)?;
        }
        if settings.talks && said.elapsed() > PROGRESS {
            said = Instant::now();
            println!("{totals}");
        }
    }
    Ok(totals)
}

/// Runs one episode and judges it. Gives how many workers it started.
fn judge(plan: &Plan, watchdog: &Watchdog) -> Result<u64, String> {
    let outcome = run_episode(plan, watchdog);
    // Judged first: what it finds may explain the failure.
    let found = if outcome.is_complete() { checker::check(&outcome.history) } else { Vec::new() };
    if !found.is_empty() {
        return Err(report::violations(&outcome.history, plan, &found));
    }
    match outcome.failure {
        Some(failure) => Err(report::failure(plan, &failure)),
        None => Ok(outcome.history.count() as u64),
    }
}

/// `1000 workers in 20 episodes, 1.0s, 1000 workers/s`
impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self { workers, episodes, .. }, seconds) = (self, self.took.as_secs_f64());
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = *workers as f64 / seconds.max(1e-9);
        write!(f, "{workers} workers in {episodes} episodes, {seconds:.1}s, {rate:.0} workers/s")
    }
}

/// The panics that are part of the plan print nothing.
pub(crate) fn silence_planned_panics() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let former = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !info.payload().is::<Planned>() {
                former(info);
            }
        }));
    });
}

/// What must not grow from episode to episode.
#[derive(Debug)]
struct Leftovers {
    heap: Option<fn() -> usize>,
    /// After the first check, when everything that is made once has been made.
    first: Option<(usize, usize)>,
}

impl Leftovers {
    fn new(heap: Option<fn() -> usize>) -> Self {
        Self { heap, first: None }
    }

    /// Compares with the first check.
    fn check(&mut self, plan: &Plan) -> Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        let heap = || self.heap.map_or(0, |heap| heap());
        let Some((threads, bytes)) = self.first else {
            // The threads of the last episode may not have ended yet.
            thread::sleep(Duration::from_millis(300));
            self.first = Some((thread_names().len(), heap()));
            return Ok(());
        };
        loop {
            let names = thread_names();
            if names.len() <= threads {
                break;
            }
            if Instant::now() > deadline {
                let what =
                    format!("leak: there were {threads} threads after the first episodes, now {names:?}");
                return Err(report::failure(plan, &what));
            }
            thread::sleep(Duration::from_millis(1));
        }
        let now = heap();
        if now > bytes + GROWTH {
            let what = format!("leak: {bytes} bytes were in use after the first episodes, now {now}");
            return Err(report::failure(plan, &what));
        }
        Ok(())
    }
}

/// The names of this process's threads; none where they cannot be told.
fn thread_names() -> Vec<String> {
    if !cfg!(target_os = "linux") {
        return Vec::new();
    }
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    threads.map(|thread| fs::read_to_string(thread.path().join("comm")).unwrap_or_default()).collect()
}

/// Two busy loops, until this is dropped.
#[derive(Debug)]
struct Busy(Arc<AtomicBool>);

impl Busy {
    fn new() -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        for _ in 0..2 {
            let is_over = is_over.clone();
            thread::spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    (0..1000_u64).for_each(|n| _ = black_box(n));
                }
            });
        }
        Self(is_over)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
