//! P37: data that workers fetch, and what stands beside it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use worker_core::{
    AnyWorker, BoxError, ConcurrencyLimit, Restart, Scope, StateChanged, WorkerBuilder, WorkerContext,
    WorkerManager, WorkerState,
};
use worker_ui_bridge::testing::{self, TestBridge, TestScheduler};
use worker_ui_bridge::{Landing, Resource, UiHandle};

const SECOND: Duration = Duration::from_secs(1);
const ALMOST: Duration = Duration::from_nanos(999_999_999);

struct App {
    rows: Resource<App, Vec<u32>>,
}

struct Fixture {
    bridge: TestBridge<App>,
    ui: UiHandle<App>,
    workers: WorkerManager,
    screen: Scope,
    app: App,
    server: TestScheduler,
}

fn fixture(scheduler: &TestScheduler) -> Fixture {
    let bridge = TestBridge::new(scheduler);
    let ui = bridge.handle();
    let workers = WorkerManager::builder().clock(scheduler.clock()).build();
    let app = App { rows: Resource::new(|app: &mut App| &mut app.rows) };
    Fixture { bridge, ui, screen: workers.scope("screen"), workers, app, server: scheduler.clone() }
}

impl Fixture {
    fn builder(&self) -> WorkerBuilder {
        self.screen.worker("rows")
    }

    /// A fetch of these rows that takes a second.
    fn fetch(&mut self, worker: WorkerBuilder, rows: &'static [u32]) {
        self.app.rows.fetch(worker, &self.ui, move |cx| {
            cx.sleep(SECOND)?;
            Ok(rows.to_vec())
        });
    }

    fn fail(&mut self, worker: WorkerBuilder, error: &'static str) {
        self.app.rows.fetch(worker, &self.ui, move |cx| {
            cx.sleep(SECOND)?;
            Err(error.into())
        });
    }

    fn advance(&mut self, by: Duration) {
        self.bridge.advance(&mut self.app, by).expect("no error ends the loop");
    }

    /// The data, the error's text, whether a fetch is under way.
    fn shown(&self) -> (Option<&[u32]>, Option<String>, bool) {
        let rows = &self.app.rows;
        (rows.data().map(Vec::as_slice), rows.error().map(ToString::to_string), rows.is_fetching())
    }
}

#[test]
fn p37_old_data_stays_beside_a_spinner_and_beside_an_error() {
    testing::many(30, |scheduler| {
        let mut it = fixture(scheduler);
        assert_eq!(it.shown(), (None, None, false));
        it.fetch(it.builder(), &[1]);
        assert_eq!(it.shown(), (None, None, true));
        it.advance(SECOND);
        assert_eq!(it.shown(), (Some(&[1][..]), None, false));
        let landed = it.app.rows.updated_at().unwrap();

        it.fail(it.builder(), "no route");
        assert_eq!(it.shown(), (Some(&[1][..]), None, true));
        it.advance(SECOND);
        assert_eq!(it.shown(), (Some(&[1][..]), Some("no route".into()), false));
        assert_eq!((it.app.rows.failures(), it.app.rows.updated_at()), (1, Some(landed)));

        it.fail(it.builder(), "no route");
        assert_eq!(it.shown(), (Some(&[1][..]), Some("no route".into()), true), "the error stays meanwhile");
        it.advance(SECOND);
        assert_eq!(it.app.rows.failures(), 2);

        it.fetch(it.builder(), &[2]);
        it.advance(SECOND);
        assert_eq!(it.shown(), (Some(&[2][..]), None, false));
        assert_eq!((it.app.rows.failures(), it.app.rows.updated_at()), (0, Some(scheduler.now())));
    });
}

#[test]
fn p37_a_fetch_under_way_is_not_started_twice() {
    testing::many(20, |scheduler| {
        let mut it = fixture(scheduler);
        for policy in [Restart::Parallel, Restart::KeepPrevious] {
            it.fetch(it.builder().restart(policy), &[1]);
            it.advance(SECOND / 2);
            it.fetch(it.builder().restart(policy), &[2]);
            it.advance(SECOND / 2);
            assert_eq!(it.shown(), (Some(&[1][..]), None, false), "{policy:?}");
            it.advance(SECOND);
            assert_eq!(it.shown(), (Some(&[1][..]), None, false), "{policy:?}");
        }
    });
}

#[test]
fn p37_an_exclusive_fetch_shows_the_newest_only() {
    testing::many(50, |scheduler| {
        let mut it = fixture(scheduler);
        // The old one hears of no cancel, and would land last.
        let server = it.server.clone();
        it.app.rows.fetch(it.builder().exclusive(), &it.ui, move |_| {
            server.block(SECOND * 3);
            Ok(vec![1])
        });
        it.bridge.run_until_idle(&mut it.app).unwrap();
        it.fetch(it.builder().exclusive(), &[2]);
        it.advance(SECOND);
        assert_eq!(it.shown(), (Some(&[2][..]), None, false), "no spinner for the old one, no error");
        it.advance(SECOND * 3);
        assert_eq!(it.shown(), (Some(&[2][..]), None, false));
    });
}

#[test]
fn p37_every_policy_shows_the_newest_in_the_end() {
    for policy in [Restart::CancelPrevious, Restart::AfterPrevious, Restart::KeepLatest] {
        testing::many(30, |scheduler| {
            let mut it = fixture(scheduler);
            for rows in [&[1][..], &[2], &[3]] {
                it.fetch(it.builder().restart(policy), rows);
                it.advance(SECOND / 4);
            }
            it.advance(SECOND * 3);
            assert_eq!(it.shown(), (Some(&[3][..]), None, false), "{policy:?}");
        });
    }
}

#[test]
fn p37_a_cancelled_fetch_is_no_error_and_keeps_the_data() {
    testing::many(20, |scheduler| {
        let mut it = fixture(scheduler);
        it.fetch(it.builder(), &[1]);
        it.advance(SECOND);
        it.fetch(it.builder(), &[2]);
        it.advance(SECOND / 2);
        it.app.rows.cancel();
        assert_eq!(it.shown(), (Some(&[1][..]), None, false), "at once");
        it.advance(SECOND);
        assert_eq!(it.shown(), (Some(&[1][..]), None, false));
        // Another may be started at once, also while a body has not heard of the cancel.
        it.fetch(it.builder(), &[3]);
        assert!(it.app.rows.is_fetching());
        it.screen.cancel();
        assert!(!it.app.rows.is_fetching());
        it.app.rows.clear();
        assert_eq!(it.shown(), (None, None, false));
        it.advance(SECOND);
        assert_eq!(it.shown(), (None, None, false));
    });
}

#[test]
fn p37_a_fetch_asked_for_while_the_data_lands_runs_once_afterwards() {
    testing::many(100, |scheduler| {
        let mut it = fixture(scheduler);
        let runs = Arc::new(AtomicUsize::new(0));
        for round in 0..6 {
            let (runs, first) = (runs.clone(), it.app.rows.data().is_none());
            it.app.rows.fetch(it.builder().restart(Restart::KeepPrevious), &it.ui, move |cx| {
                runs.fetch_add(1, Ordering::Relaxed);
                if first {
                    cx.sleep(SECOND)?;
                }
                Ok(vec![round])
            });
            if first {
                it.advance(ALMOST);
                scheduler.jump_to(scheduler.now() + Duration::from_nanos(1));
                while it.app.rows.data().is_none() {
                    // The data lands; the worker may not have ended.
                    it.bridge.wait(&mut it.app).unwrap();
                }
            }
        }
        it.bridge.run_until_idle(&mut it.app).unwrap();
        assert!(runs.load(Ordering::Relaxed) >= 2, "what was asked for after the data is not lost");
        assert!(it.app.rows.data().unwrap()[0] >= 1);
        assert!(!it.app.rows.is_fetching());
    });
}

#[test]
fn p37_a_fetch_asked_for_by_the_handler_of_the_error_runs() {
    struct Retrying {
        rows: Resource<Retrying, u32>,
        screen: Scope,
        ui: UiHandle<Retrying>,
    }
    testing::many(20, |scheduler| {
        let mut bridge = TestBridge::new(scheduler);
        let retry = |app: &mut Retrying, event: &StateChanged| {
            if event.state == WorkerState::Error {
                assert!(app.rows.error().is_none(), "the event comes first");
                app.rows.fetch(app.screen.worker("again"), &app.ui, |_| Ok(1));
            }
        };
        let events = bridge.handle().state_changes(retry);
        let workers = WorkerManager::builder().clock(scheduler.clock()).events(events).build();
        let rows = Resource::new(|app: &mut Retrying| &mut app.rows);
        let mut app = Retrying { rows, screen: workers.scope("screen"), ui: bridge.handle() };
        app.rows.fetch(app.screen.worker("first"), &app.ui, |_| Err("no network".into()));
        bridge.run_until_idle(&mut app).unwrap();
        assert_eq!((app.rows.data(), app.rows.is_fetching()), (Some(&1), false));
    });
}

#[test]
fn p37_parts_land_as_they_come() {
    testing::many(30, |scheduler| {
        let mut it = fixture(scheduler);
        let fetch = |it: &mut Fixture, from: u32| {
            it.app.rows.fetch_parts(it.screen.worker("rows"), &it.ui, move |cx, landing| {
                landing.replace(cx, Vec::new())?;
                for row in from..from + 3 {
                    cx.sleep(SECOND)?;
                    landing.update(cx, move |rows| rows.get_or_insert_default().push(row))?;
                }
                Ok(())
            });
        };
        fetch(&mut it, 0);
        it.advance(SECOND * 2);
        assert_eq!(it.shown(), (Some(&[0, 1][..]), None, true));
        // Asked for twice while rows land: one more runs, after this one.
        fetch(&mut it, 10);
        fetch(&mut it, 20);
        it.advance(SECOND / 2);
        assert_eq!(it.shown(), (Some(&[0, 1][..]), None, true));
        it.advance(SECOND / 2);
        assert_eq!(it.shown(), (Some(&[][..]), None, true), "the next one has begun");
        it.advance(SECOND * 3);
        assert_eq!(it.shown(), (Some(&[20, 21, 22][..]), None, false));
    });
}

#[test]
fn p37_parts_of_a_fan_out_and_children_land_in_their_parents_resource() {
    testing::many(50, |scheduler| {
        let mut it = fixture(scheduler);
        let workers = it.workers.clone();
        it.app.rows.fetch_parts(it.builder(), &it.ui, move |cx, landing| {
            let land = |landing: &Landing<App, Vec<u32>>, cx: &WorkerContext, row| {
                landing.update(cx, move |rows| rows.get_or_insert_default().push(row))
            };
            for landed in cx.map(1..=3, 2, |cx, row| land(landing, cx, row).map_err(BoxError::from)) {
                landed?;
            }
            let landing = landing.clone();
            workers.worker("child").child().thread(move |cx| Ok(land(&landing, cx, 4)?)).wait()?;
            Ok(())
        });
        it.bridge.run_until_idle(&mut it.app).unwrap();
        let mut rows = it.app.rows.data().unwrap().clone();
        rows.sort_unstable();
        assert_eq!((rows, it.app.rows.is_fetching()), (vec![1, 2, 3, 4], false));
    });
}

#[test]
fn p37_what_fails_while_parts_land_keeps_the_parts() {
    testing::run(0, |scheduler| {
        let mut it = fixture(scheduler);
        it.app.rows.fetch_parts(it.screen.worker("rows"), &it.ui, |cx, landing| {
            landing.replace(cx, vec![1])?;
            Err("the second page is missing".into())
        });
        it.bridge.run_until_idle(&mut it.app).unwrap();
        assert_eq!(it.shown(), (Some(&[1][..]), Some("the second page is missing".into()), false));
        // A success without data clears the error.
        it.app.rows.fetch_parts(it.screen.worker("rows"), &it.ui, |_, _| Ok(()));
        it.bridge.run_until_idle(&mut it.app).unwrap();
        assert_eq!(it.shown(), (Some(&[1][..]), None, false));
    });
}

#[test]
fn p37_a_panic_and_a_time_limit_are_errors_and_do_not_end_the_app() {
    testing::many(20, |scheduler| {
        let mut it = fixture(scheduler);
        it.app.rows.fetch(it.builder(), &it.ui, |_| panic!("a bug"));
        it.bridge.run_until_idle(&mut it.app).unwrap();
        assert!(it.app.rows.error().unwrap().to_string().contains("a bug"));

        let server = it.server.clone();
        it.app.rows.fetch(it.builder().timeout(SECOND), &it.ui, move |_| {
            server.block(SECOND * 5); // hears of nothing
            Ok(vec![1])
        });
        it.advance(SECOND * 2);
        assert!(it.app.rows.is_fetching(), "its body has not stopped");
        it.advance(SECOND * 3);
        assert!(it.app.rows.error().unwrap().is_timeout());
        assert_eq!((it.app.rows.failures(), it.app.rows.is_fetching()), (2, false));
        assert!(it.app.rows.data().is_none());
    });
}

#[test]
fn p37_a_fetch_that_cannot_be_started_is_an_error() {
    testing::run(0, |scheduler| {
        scheduler.refuse_threads(|_| Some(Duration::ZERO));
        let mut it = fixture(scheduler);
        it.fetch(it.builder(), &[1]);
        it.bridge.run_until_idle(&mut it.app).unwrap();
        assert!(it.app.rows.error().unwrap().to_string().starts_with("could not be started"));
        assert!(!it.app.rows.is_fetching());
    });
}

#[test]
fn p37_a_fetch_waits_for_its_delay_and_its_limit() {
    testing::many(20, |scheduler| {
        let mut it = fixture(scheduler);
        let limit = ConcurrencyLimit::new(1);
        it.workers.worker("other").limit(&limit).thread(|cx| Ok(cx.sleep(SECOND * 3)?));
        scheduler.run_until_parked();
        it.fetch(it.builder().delay(SECOND).limit(&limit), &[1]);
        it.advance(SECOND * 3);
        assert_eq!(it.shown(), (None, None, true));
        assert!(it.app.rows.worker().is_some());
        it.advance(SECOND);
        assert_eq!(it.shown(), (Some(&[1][..]), None, false));
        assert!(it.app.rows.worker().is_none());
    });
}

#[test]
fn p37_tasks_and_async_bodies_fetch_too() {
    testing::many(20, |scheduler| {
        let mut it = fixture(scheduler);
        it.app.rows.fetch_async(it.screen.worker("task"), &it.ui, async |cx| {
            cx.sleep(SECOND).await?;
            Ok(vec![1])
        });
        it.advance(SECOND);
        assert_eq!(it.shown(), (Some(&[1][..]), None, false));
        it.app.rows.fetch_async(it.screen.worker("task"), &it.ui, async |_| Err("refused".into()));
        it.bridge.run_until_idle(&mut it.app).unwrap();
        assert_eq!(it.shown(), (Some(&[1][..]), Some("refused".into()), false));
    });
    testing::run(0, |scheduler| {
        let mut it = fixture(scheduler);
        let workers =
            WorkerManager::builder().clock(scheduler.clock()).event_loop(worker_core::BlockOn).build();
        it.app.rows.fetch_thread_async(workers.worker("async"), &it.ui, async |_| Ok(vec![1]));
        it.bridge.run_until_idle(&mut it.app).unwrap();
        assert_eq!(it.shown(), (Some(&[1][..]), None, false));
    });
}

#[test]
fn p37_data_for_a_place_that_is_gone_is_dropped() {
    struct Tabs {
        tabs: HashMap<u32, Resource<Tabs, Arc<()>>>,
    }
    testing::many(20, |scheduler| {
        let mut bridge = TestBridge::new(scheduler);
        let (ui, workers) = (bridge.handle(), WorkerManager::builder().clock(scheduler.clock()).build());
        let tab = |id| Resource::find(move |app: &mut Tabs| app.tabs.get_mut(&id));
        let mut app = Tabs { tabs: (0..2).map(|id| (id, tab(id))).collect() };
        let data = Arc::new(());
        for resource in app.tabs.values_mut() {
            let data = data.clone();
            resource.fetch(workers.worker("rows"), &ui, move |cx| {
                cx.sleep(SECOND)?;
                Ok(data)
            });
        }
        bridge.run_until_idle(&mut app).unwrap();
        app.tabs.remove(&0);
        bridge.advance(&mut app, SECOND).unwrap();
        assert!(app.tabs[&1].data().is_some());
        assert_eq!(Arc::strong_count(&data), 2);
    });
}

#[test]
fn p37_an_idle_resource_makes_no_wakeups() {
    testing::run(0, |scheduler| {
        let mut it = fixture(scheduler);
        it.fetch(it.builder(), &[1]);
        it.advance(SECOND);
        assert_eq!((it.bridge.next_deadline(), it.bridge.pump(&mut it.app).unwrap().ran()), (None, 0));
    });
}

#[test]
fn p37_a_cancel_without_an_event_is_seen_by_the_loop() {
    testing::many(20, |scheduler| {
        let mut it = fixture(scheduler);
        it.fetch(it.builder().group("rows"), &[1]);
        let screen_of = it.workers.clone();
        it.workers.worker("cancels").thread(move |cx| {
            cx.sleep(SECOND / 2)?;
            screen_of.workers().iter().filter(|worker| worker.name() == "rows").for_each(AnyWorker::cancel);
            Ok(())
        });
        it.bridge.next_frame(&mut it.app).unwrap();
        assert!(!it.app.rows.is_fetching(), "the frame without the spinner is drawn");
        assert_eq!(scheduler.elapsed(), SECOND / 2);
    });
}

#[test]
fn p37_a_cancel_of_what_has_ended_and_not_landed_changes_nothing() {
    testing::many(20, |scheduler| {
        for (clears, fails) in [(false, false), (true, false), (true, true)] {
            let mut it = fixture(scheduler);
            it.fail(it.builder(), "no route");
            it.advance(SECOND);
            it.app.rows.fetch(
                it.builder(),
                &it.ui,
                move |_| if fails { Err("late".into()) } else { Ok(vec![1]) },
            );
            scheduler.run_until_parked(); // it has ended, and all it has sent is queued
            if clears {
                it.app.rows.clear();
            } else {
                it.app.rows.cancel();
            }
            it.bridge.run_until_idle(&mut it.app).unwrap();
            let error = (!clears).then(|| "no route".to_owned());
            assert_eq!(it.shown(), (None, error, false));
            assert_eq!((it.app.rows.failures(), it.app.rows.updated_at()), (u32::from(!clears), None));
        }
    });
}

#[test]
fn p37_a_cleared_resource_forgets_a_fetch_whose_time_has_run_out() {
    testing::many(20, |scheduler| {
        let mut it = fixture(scheduler);
        let server = it.server.clone();
        it.app.rows.fetch(it.builder().timeout(SECOND), &it.ui, move |_| {
            server.block(SECOND * 5);
            Ok(vec![1])
        });
        it.advance(SECOND * 2);
        it.app.rows.clear();
        assert_eq!(it.shown(), (None, None, false));
        it.advance(SECOND * 5);
        assert_eq!((it.shown(), it.app.rows.failures()), ((None, None, false), 0));
    });
}

#[test]
fn p37_another_resource_in_the_same_place_is_not_given_the_data() {
    testing::many(20, |scheduler| {
        let mut it = fixture(scheduler);
        it.fetch(it.builder(), &[1]);
        it.bridge.run_until_idle(&mut it.app).unwrap();
        it.app.rows = Resource::new(|app: &mut App| &mut app.rows);
        it.advance(SECOND);
        assert_eq!(it.shown(), (None, None, false));
    });
}

#[test]
fn p37_a_newer_exclusive_fetch_takes_the_place_of_one_that_was_to_run_afterwards() {
    testing::many(20, |scheduler| {
        let mut it = fixture(scheduler);
        it.app.rows.fetch_parts(it.builder(), &it.ui, |cx, landing| {
            landing.replace(cx, vec![1])?;
            Ok(cx.sleep(SECOND)?)
        });
        it.bridge.run_until_idle(&mut it.app).unwrap();
        it.fetch(it.builder(), &[2]); // afterwards
        it.fetch(it.builder().exclusive(), &[3]);
        it.advance(SECOND * 5);
        assert_eq!(it.shown(), (Some(&[3][..]), None, false));
    });
}

#[test]
fn p37_a_fetch_was_started_where_it_was_asked_for() {
    testing::run(0, |scheduler| {
        let mut it = fixture(scheduler);
        let line = line!() + 1;
        it.app.rows.fetch(it.workers.worker("rows"), &it.ui, |_| Ok(Vec::new()));
        let worker = it.app.rows.worker().expect("it fetches");
        assert!(worker.spawned_at().file().ends_with("resources.rs"), "{}", worker.spawned_at());
        assert_eq!(worker.spawned_at().line(), line);
    });
}
