//! S20: the same scenarios for all three kinds of workers, from one table.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use event_listener::Event;
use worker_core::WorkerState::{self, Cancelled, Error, Pending, Running, Success};
use worker_core::{
    BodyContext, LocalSpawn, Result, Worker, WorkerBuilder, WorkerManager, install_panic_hook, work,
};
use worker_ui_bridge::{PumpError, UiHandle};

use crate::support::{App, Fixture, fixture};

/// Where a body runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Thread,
    ThreadAsync,
    Task,
}

const KINDS: [Kind; 3] = [Kind::Thread, Kind::ThreadAsync, Kind::Task];

/// An async barrier: a body that runs on the UI's loop must not block.
#[derive(Default)]
struct Gate {
    arrived: AtomicUsize,
    open: AtomicUsize,
    opened: Event,
}

impl Gate {
    async fn wait(&self) {
        self.arrived.fetch_add(1, Ordering::SeqCst);
        loop {
            let opened = self.opened.listen();
            if self.open.load(Ordering::SeqCst) > 0 {
                return;
            }
            opened.await;
        }
    }

    fn open(&self) {
        self.open.store(1, Ordering::SeqCst);
        self.opened.notify(usize::MAX);
    }
}

/// The behaviour of a body.
#[derive(Clone)]
enum Script {
    Succeed,
    Fail,
    Panic,
    /// Waits at the gate, then succeeds.
    WaitAtGate(Arc<Gate>),
    Progress,
    /// Starts a worker of each kind, which do the same, to this depth. Waits for none of them.
    Nest(Spawner, u32),
}

async fn perform(script: Script, cx: &BodyContext) -> Result<u32> {
    match script {
        Script::Succeed => Ok(1),
        Script::Fail => Err("no")?,
        Script::Panic => panic!("a bug"),
        Script::WaitAtGate(gate) => {
            gate.wait().await;
            Ok(1)
        }
        Script::Progress => {
            cx.set_total(4);
            cx.advance(1);
            cx.advance(2);
            Ok(1)
        }
        Script::Nest(spawner, depth) => {
            assert_eq!(worker_core::current_worker()?, *cx.worker());
            if depth > 0 {
                for kind in KINDS {
                    spawner.start(
                        kind,
                        spawner.workers.worker(format!("{kind:?}")),
                        Script::Nest(spawner.clone(), depth - 1),
                    );
                }
            }
            assert_eq!(worker_core::current_worker()?, *cx.worker());
            Ok(depth)
        }
    }
}

/// Starts workers of any kind.
#[derive(Clone)]
struct Spawner {
    workers: WorkerManager,
    ui: UiHandle<App>,
}

impl Spawner {
    fn start(&self, kind: Kind, builder: WorkerBuilder, script: Script) -> Worker<u32> {
        match kind {
            Kind::Thread => {
                builder.thread(move |cx| pollster::block_on(or_cancelled(cx, perform(script, cx))))
            }
            Kind::ThreadAsync => builder.thread_async(async move |cx| perform(script, cx).await),
            Kind::Task => builder.task(&self.ui, async move |cx| perform(script, cx).await),
        }
    }
}

/// Ends `body` with an error when the worker is cancelled, for a blocking body that runs a future.
async fn or_cancelled<T>(cx: &BodyContext, body: impl Future<Output = Result<T>>) -> Result<T> {
    let (mut body, mut cancelled) = (std::pin::pin!(body), std::pin::pin!(cx.cancelled()));
    std::future::poll_fn(|context| match cancelled.as_mut().poll(context) {
        std::task::Poll::Ready(()) => std::task::Poll::Ready(Err(worker_core::Cancelled::default().into())),
        std::task::Poll::Pending => body.as_mut().poll(context),
    })
    .await
}

/// What a test does with a worker before it ends.
type Act = fn(&mut Fixture, &Spawner, Kind, &Gate, &Worker<u32>);

struct Case {
    name: &'static str,
    configure: fn(WorkerBuilder) -> WorkerBuilder,
    script: fn(Arc<Gate>) -> Script,
    act: Act,
    states: &'static [WorkerState],
}

const NO_ACTION: Act = |_, _, _, _, _| {};

/// Runs turns until the body is at its gate.
const REACH_GATE: Act = |fixture, _, _, gate, _| {
    while gate.arrived.load(Ordering::SeqCst) == 0 {
        fixture.turn();
    }
};

const CASES: &[Case] = &[
    Case {
        name: "success",
        configure: |builder| builder,
        script: |_| Script::Succeed,
        act: NO_ACTION,
        states: &[Pending, Running, Success],
    },
    Case {
        name: "error",
        configure: |builder| builder.exit_on_error(false),
        script: |_| Script::Fail,
        act: NO_ACTION,
        states: &[Pending, Running, Error],
    },
    Case {
        name: "panic",
        configure: |builder| builder.exit_on_error(false),
        script: |_| Script::Panic,
        act: NO_ACTION,
        states: &[Pending, Running, Error],
    },
    Case {
        name: "cancelled before it was started",
        configure: WorkerBuilder::paused,
        script: |_| Script::Succeed,
        act: |_, _, _, _, worker| {
            worker.cancel();
            worker.start();
        },
        states: &[Pending, Cancelled],
    },
    Case {
        name: "cancelled at its await, on the UI thread",
        configure: |builder| builder,
        script: Script::WaitAtGate,
        act: |fixture, spawner, kind, gate, worker| {
            REACH_GATE(fixture, spawner, kind, gate, worker);
            worker.cancel();
            assert!(worker.is_cancelled());
        },
        states: &[Pending, Running, Cancelled],
    },
    Case {
        name: "cancelled at its await, on another thread",
        configure: |builder| builder,
        script: Script::WaitAtGate,
        act: |fixture, spawner, kind, gate, worker| {
            REACH_GATE(fixture, spawner, kind, gate, worker);
            std::thread::scope(|threads| _ = threads.spawn(|| worker.cancel()));
        },
        states: &[Pending, Running, Cancelled],
    },
    Case {
        name: "cancelled after its end",
        configure: |builder| builder,
        script: |_| Script::Succeed,
        act: |fixture, _, _, _, worker| {
            while !worker.is_finished() {
                fixture.turn();
            }
            worker.cancel();
        },
        states: &[Pending, Running, Success],
    },
    Case {
        name: "superseded by an exclusive start",
        configure: |builder| builder.group("g"),
        script: Script::WaitAtGate,
        act: |fixture, spawner, kind, gate, worker| {
            REACH_GATE(fixture, spawner, kind, gate, worker);
            let newer = fixture.workers.worker("newer").group("g").exclusive();
            let newer = spawner.start(kind, newer, Script::Succeed);
            assert!(worker.is_cancelled() && !newer.is_cancelled());
        },
        states: &[Pending, Running, Cancelled],
    },
    Case {
        name: "timeout",
        configure: |builder| builder.timeout(Duration::from_millis(1)).exit_on_error(false),
        script: Script::WaitAtGate,
        act: NO_ACTION,
        states: &[Pending, Running, Error],
    },
    Case {
        name: "succeeds when its gate is opened",
        configure: |builder| builder,
        script: Script::WaitAtGate,
        act: |fixture, spawner, kind, gate, worker| {
            REACH_GATE(fixture, spawner, kind, gate, worker);
            assert!(worker.is_running());
            gate.open();
        },
        states: &[Pending, Running, Success],
    },
    Case {
        name: "progress",
        configure: |builder| builder,
        script: |_| Script::Progress,
        act: NO_ACTION,
        states: &[Pending, Running, Success],
    },
];

#[test]
fn s20_every_kind_goes_through_the_same_scenarios() {
    install_panic_hook();
    for kind in KINDS {
        for case in CASES {
            let mut fixture = fixture();
            let spawner = Spawner { workers: fixture.workers.clone(), ui: fixture.ui.clone() };
            let gate = Arc::new(Gate::default());
            let builder = (case.configure)(fixture.workers.worker("w"));
            let worker = spawner.start(kind, builder, (case.script)(gate.clone()));
            (case.act)(&mut fixture, &spawner, kind, &gate, &worker);
            fixture.pump_until_finished(&worker);
            let states: Vec<_> =
                fixture.app.log.iter().filter(|item| item.starts_with("w ")).cloned().collect();
            let expected: Vec<_> = case.states.iter().map(|state| format!("w {state}")).collect();
            assert_eq!(states, expected, "{kind:?}, {}", case.name);
            assert_eq!(
                worker.result().is_some(),
                case.states.ends_with(&[Success]),
                "{kind:?}, {}",
                case.name
            );
            if case.name == "progress" {
                assert_eq!(worker.progress().percent().to_bits(), 75.0_f64.to_bits(), "{kind:?}");
            }
            if case.name == "timeout" {
                assert!(worker.error().unwrap().is_timeout(), "{kind:?}");
            }
        }
    }
}

#[test]
fn p18_an_error_of_every_kind_ends_the_loop() {
    install_panic_hook();
    for kind in KINDS {
        for script in [Script::Fail, Script::Panic] {
            let mut fixture = fixture();
            let spawner = Spawner { workers: fixture.workers.clone(), ui: fixture.ui.clone() };
            let worker = spawner.start(kind, fixture.workers.worker("w"), script);
            let ended = loop {
                if let Err(error) = fixture.bridge.wait(&mut fixture.app) {
                    break error;
                }
            };
            assert!(matches!(ended, PumpError::Worker { worker: ended, .. } if ended == *worker), "{kind:?}");
        }
    }
}

#[test]
fn s20_every_kind_nests_in_every_kind_to_any_depth() {
    for kind in KINDS {
        let mut fixture = fixture();
        let spawner = Spawner { workers: fixture.workers.clone(), ui: fixture.ui.clone() };
        let root = spawner.start(kind, fixture.workers.worker("root"), Script::Nest(spawner.clone(), 3));
        // 1 + 3 + 9 + 27: all orderings of three kinds in chains of three.
        let succeeded =
            |fixture: &Fixture| fixture.app.log.iter().filter(|item| item.ends_with(" SUCCESS")).count();
        while succeeded(&fixture) < 40 {
            fixture.bridge.wait(&mut fixture.app).unwrap();
        }
        assert_eq!(root.result(), Some(&3));
        assert!(fixture.workers.is_empty());
    }
}

#[test]
fn p20_ten_thousand_tasks_leave_turns_bounded() {
    let clock = Arc::new(worker_core::ManualClock::new());
    let mut bridge =
        worker_ui_bridge::UiBridge::builder().clock(clock.clone()).budget(Duration::from_millis(8)).build();
    let ui: UiHandle<App> = bridge.handle();
    let workers = WorkerManager::new();
    let tasks: Vec<_> = (0..10_000)
        .map(|_| {
            let clock = clock.clone();
            workers.worker("t").task(&ui, async move |_| {
                clock.advance(Duration::from_millis(1)); // Each poll takes one millisecond.
                Ok(())
            })
        })
        .collect();
    let mut app = App::default();
    let mut turns = 0;
    while tasks.iter().any(|task| !task.is_finished()) {
        let turn = bridge.pump(&mut app).unwrap();
        assert!(turn.ran() <= 8, "a turn takes 8 ms");
        turns += 1;
    }
    assert_eq!(turns, 10_000 / 8);
}

#[test]
fn s20_a_task_sleeps_by_the_bridges_clock_and_is_not_polled_meanwhile() {
    let clock = Arc::new(worker_core::ManualClock::new());
    let mut bridge = worker_ui_bridge::UiBridge::builder().clock(clock.clone()).build();
    let ui: UiHandle<App> = bridge.handle();
    let task =
        WorkerManager::new().worker("t").task(&ui, async |cx| Ok(cx.sleep(Duration::from_secs(30)).await?));
    let mut app = App::default();
    while bridge.pump(&mut app).unwrap().more() {}
    clock.advance(Duration::from_secs(29));
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 0);
    assert_eq!(bridge.next_deadline(), Some(LocalSpawn::now(&ui) + Duration::from_secs(1)));
    clock.advance(Duration::from_secs(1));
    while bridge.pump(&mut app).unwrap().more() {}
    assert_eq!(task.result(), Some(&()));
}

/// Records 1 to `to`.
#[work]
async fn count(cx: &worker_core::TaskContext, ui: UiHandle<App>, to: u32) -> Result<u32> {
    for n in 1..=to {
        cx.sleep(Duration::ZERO).await?;
        ui.call(move |app: &mut App| app.record(n.to_string())).await?;
    }
    Ok(to)
}

#[test]
fn s19_an_async_function_becomes_a_task() {
    let mut fixture = fixture();
    let worker = count(&fixture.workers, &fixture.ui, fixture.ui.clone(), 3);
    fixture.pump_until_finished(&worker);
    assert_eq!(fixture.app.log, ["count PENDING", "count RUNNING", "1", "2", "3", "count SUCCESS"]);
    assert_eq!(worker.description(), "count(ui: UiHandle { .. }, to: 3)");
}

#[test]
fn s20_a_sleep_that_is_dropped_leaves_no_timer() {
    let clock = Arc::new(worker_core::ManualClock::new());
    let mut bridge = worker_ui_bridge::UiBridge::builder().clock(clock.clone()).build();
    let ui: UiHandle<App> = bridge.handle();
    let mut app = App::default();
    let sleeper: Worker<()> =
        WorkerManager::new().worker("t").task(&ui, async |cx| Ok(cx.sleep(Duration::from_secs(30)).await?));
    while bridge.pump(&mut app).unwrap().more() {}
    assert!(bridge.next_deadline().is_some());
    sleeper.cancel();
    assert_eq!(bridge.next_deadline(), None, "the timer is cleared");

    let task = WorkerManager::new().worker("t").task(&ui, async |cx| {
        let mut sleep = std::pin::pin!(cx.sleep(Duration::from_secs(30)));
        std::future::poll_fn(|context| {
            assert!(sleep.as_mut().poll(context).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
        Ok(())
    });
    while bridge.pump(&mut app).unwrap().more() {}
    assert!(task.is_finished());
    assert_eq!(bridge.next_deadline(), None, "dropped before its timer was set");
}
