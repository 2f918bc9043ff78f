//! A fast typist: ninety keys, 20 ms apart, each of which starts a search of 60 ms of computing. For
//! each way to start it, and for bodies that notice a cancel at once, late and never: how many ran at
//! once, what it cost, and when the newest answer was shown. The table is in the guide's chapter on
//! restart policies.
//!
//! ```sh
//! cargo bench -p worker-ui-bridge --bench typist
//! ```
//!
//! Each case runs in a process of its own, so that nothing is left of the one before.

mod usage;

use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use worker_core::{ConcurrencyLimit, Restart, Result, WorkerManager};
use worker_ui_bridge::{UiBridge, UiHandle};

use crate::usage::{ThreadCount, cpu_of_process, cpu_of_thread};

const KEYS: usize = 90;
const BETWEEN_KEYS: Duration = Duration::from_millis(20);
const SEARCH: Duration = Duration::from_millis(60);
/// What a body takes that never looks at its flag.
const STUBBORN: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_mins(1);

const POLICIES: &[(&str, Policy)] = &[
    ("by hand: a thread a key, and a generation", Policy::ByHand),
    ("`exclusive`", Policy::Exclusive),
    ("`exclusive`, `delay` of 150 ms", Policy::Delayed),
    ("`exclusive`, `limit` of 1", Policy::Limited),
    ("`AfterPrevious`", Policy::AfterPrevious),
];

const BODIES: &[(&str, Body)] = &[
    ("at once: looks each millisecond", Body::AtOnce),
    ("late: looks after its 60 ms", Body::Late),
    ("never: computes for 1 s", Body::NeverComputing),
    ("never: blocks for 1 s", Body::NeverBlocked),
];

#[derive(Clone, Copy)]
enum Policy {
    ByHand,
    Exclusive,
    Delayed,
    Limited,
    AfterPrevious,
}

#[derive(Clone, Copy)]
enum Body {
    AtOnce,
    Late,
    NeverComputing,
    NeverBlocked,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if let [policy, body] = words.as_slice() {
        let index = |word: &String| word.parse::<usize>().expect("the number of a case");
        println!("{}", typed(POLICIES[index(policy)].1, BODIES[index(body)].1, KEYS));
        return ExitCode::SUCCESS;
    }
    // `cargo test` passes no `--bench`; it only checks that this runs.
    if !std::env::args().any(|word| word == "--bench") {
        for (_, policy) in POLICIES {
            typed(*policy, Body::AtOnce, 2);
        }
        return ExitCode::SUCCESS;
    }
    println!(
        "| notices a cancel | started | bodies at once | threads | CPU | newest answer after | old answers |"
    );
    println!("|---|---|---|---|---|---|---|");
    let program = std::env::current_exe().expect("the path of this program");
    for (body_number, (body, _)) in BODIES.iter().enumerate() {
        for (policy_number, (policy, _)) in POLICIES.iter().enumerate() {
            let output = Command::new(&program)
                .args([policy_number.to_string(), body_number.to_string()])
                .output()
                .expect("this program starts");
            let cells = String::from_utf8_lossy(&output.stdout);
            println!("| {body} | {policy} | {} |", cells.trim());
        }
    }
    ExitCode::SUCCESS
}

struct App {
    typed: usize,
    old_answers: usize,
    newest_shown: Option<Instant>,
}

/// Types the keys and returns the cells of the case's row.
fn typed(policy: Policy, body: Body, keys: usize) -> String {
    let mut bridge = UiBridge::new();
    let search = Search::new(policy, body, bridge.handle());
    let threads = ThreadCount::start();
    let mut app = App { typed: 0, old_answers: 0, newest_shown: None };

    let mut last_key = Instant::now();
    for key in 1..=keys {
        last_key = Instant::now();
        app.typed = key;
        search.start(key);
        pump_until(&mut bridge, &mut app, last_key + BETWEEN_KEYS, |_| false);
    }
    pump_until(&mut bridge, &mut app, last_key + PATIENCE, |app| app.newest_shown.is_some());
    let threads = threads.stop();
    search.wait_for_bodies();
    let shown = app.newest_shown.map(|shown| shown.duration_since(last_key).as_millis());
    let cells = [
        search.most_at_once.load(Relaxed).to_string(),
        threads.map_or_else(|| "?".to_owned(), |threads| threads.to_string()),
        cpu_of_process().map_or_else(|| "?".to_owned(), |time| format!("{:.1} s", time.as_secs_f64())),
        shown.map_or_else(|| "never".to_owned(), |after| format!("{after} ms")),
        app.old_answers.to_string(),
    ];
    cells.join(" | ")
}

fn pump_until(bridge: &mut UiBridge<App>, app: &mut App, time: Instant, is_over: impl Fn(&App) -> bool) {
    loop {
        let left = time.saturating_duration_since(Instant::now());
        if left.is_zero() || is_over(app) {
            return;
        }
        bridge.wait_timeout(app, left).expect("the bridge is open and nothing panics");
    }
}

struct Search {
    policy: Policy,
    body: Body,
    ui: UiHandle<App>,
    workers: WorkerManager,
    limit: ConcurrencyLimit,
    /// The newest key, for what is made by hand.
    generation: Arc<AtomicUsize>,
    running: Arc<AtomicUsize>,
    most_at_once: Arc<AtomicUsize>,
}

impl Search {
    fn new(policy: Policy, body: Body, ui: UiHandle<App>) -> Self {
        Self {
            policy,
            body,
            ui,
            workers: WorkerManager::builder().exit_on_error(false).build(),
            limit: ConcurrencyLimit::new(1),
            generation: Arc::default(),
            running: Arc::default(),
            most_at_once: Arc::default(),
        }
    }

    fn start(&self, key: usize) {
        let worker = self.workers.worker("search");
        let worker = match self.policy {
            Policy::ByHand => return self.start_by_hand(key),
            Policy::Exclusive => worker.exclusive(),
            Policy::Delayed => worker.exclusive().delay(Duration::from_millis(150)),
            Policy::Limited => worker.exclusive().limit(&self.limit),
            Policy::AfterPrevious => worker.restart(Restart::AfterPrevious),
        };
        let (run, ui) = (self.body(), self.ui.clone());
        worker.thread(move |cx| {
            run(&|| Ok(cx.check()?))?;
            Ok(ui.post(move |app| show(app, key))?)
        });
    }

    fn start_by_hand(&self, key: usize) {
        self.generation.store(key, Relaxed);
        let (run, ui, generation) = (self.body(), self.ui.clone(), self.generation.clone());
        std::thread::spawn(move || {
            let look = || if generation.load(Relaxed) == key { Ok(()) } else { Err("superseded".into()) };
            if run(&look).and_then(|()| look()).is_ok() {
                ui.post(move |app| show(app, key)).expect("the bridge is open");
            }
        });
    }

    /// The search, which counts itself. It calls `look` to learn whether it has been superseded.
    fn body(&self) -> impl FnOnce(&dyn Fn() -> Result<()>) -> Result<()> + Send + use<> {
        let (body, running, most) = (self.body, self.running.clone(), self.most_at_once.clone());
        move |look| {
            most.fetch_max(running.fetch_add(1, Relaxed) + 1, Relaxed);
            let found = match body {
                Body::AtOnce => compute(SEARCH, look),
                Body::Late => compute(SEARCH, &|| Ok(())).and_then(|()| look()),
                Body::NeverComputing => compute(STUBBORN, &|| Ok(())),
                Body::NeverBlocked => {
                    std::thread::sleep(STUBBORN);
                    Ok(())
                }
            };
            running.fetch_sub(1, Relaxed);
            found
        }
    }

    fn wait_for_bodies(&self) {
        while self.running.load(Relaxed) > 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

fn show(app: &mut App, key: usize) {
    if key == app.typed {
        app.newest_shown = Some(Instant::now());
    } else {
        app.old_answers += 1;
    }
}

/// Computes until this thread has used so much CPU time, and looks each millisecond.
fn compute(time: Duration, look: &dyn Fn() -> Result<()>) -> Result<()> {
    let since = Instant::now();
    let used = || cpu_of_thread().unwrap_or_else(|| since.elapsed());
    let begin = used();
    let mut looked = begin;
    loop {
        let now = used();
        if now.saturating_sub(begin) >= time {
            return Ok(());
        }
        if now.saturating_sub(looked) >= Duration::from_millis(1) {
            looked = now;
            look()?;
        }
    }
}
