//! P28's other half: runs that a seed decides, and promises kept in many of them.

mod groups;
mod limits;
mod threads;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use worker_core::blocking::{block_until, checkpoint, unpark};
use worker_core::testing::{self, TestScheduler};
use worker_core::{BlockOn, Restart, StateChanged, WaitError, Worker, WorkerManager, WorkerState};

const SECOND: Duration = Duration::from_secs(1);

/// What happened, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn note(&self, what: impl Into<String>) {
        self.0.lock().push(what.into());
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().clone()
    }

    fn of(&self, name: &str) -> Vec<String> {
        self.lines()
            .iter()
            .filter_map(|line| Some(line.strip_prefix(name)?.trim_start().to_owned()))
            .collect()
    }
}

/// A manager on the scheduler's time whose events are noted as `name STATE`.
fn logged(scheduler: &TestScheduler) -> (WorkerManager, Log) {
    let log = Log::default();
    let noted = log.clone();
    let sink = move |event: StateChanged| noted.note(format!("{} {}", event.worker.name(), event.state));
    (WorkerManager::builder().clock(scheduler.clock()).events(sink).build(), log)
}

/// Three workers of two steps each.
fn three_at_once(scheduler: &TestScheduler) -> Vec<String> {
    let (workers, log) = logged(scheduler);
    for name in ["a", "b", "c"] {
        let log = log.clone();
        workers.worker(name).thread(move |cx| {
            cx.sleep(SECOND)?;
            Ok(log.note(format!("{name} has slept")))
        });
    }
    scheduler.advance(SECOND);
    log.lines()
}

fn panic_of(test: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(test)).expect_err("it panics");
    *panic.downcast::<String>().expect("with a text")
}

#[test]
fn p28_the_same_seed_gives_the_same_run_and_others_give_others() {
    let runs: Vec<_> = (0..20).map(|seed| testing::run(seed, three_at_once)).collect();
    for (seed, run) in (0..).zip(&runs) {
        assert_eq!(testing::run(seed, three_at_once), *run);
    }
    let mut different = runs.clone();
    different.sort();
    different.dedup();
    assert!(different.len() > 10, "{} of 20", different.len());
}

#[test]
fn p28_time_moves_by_hand_and_deadline_by_deadline() {
    testing::many(20, |scheduler| {
        let (workers, log) = logged(scheduler);
        for (name, seconds) in [("three", 3), ("one", 1), ("two", 2)] {
            let (log, clock) = (log.clone(), scheduler.clone());
            workers.worker(name).thread(move |cx| {
                cx.sleep(SECOND * seconds)?;
                Ok(log.note(format!("at {:?}", clock.elapsed())))
            });
        }
        scheduler.advance(Duration::from_millis(2_999));
        assert_eq!(log.of("at"), ["1s", "2s"]);
        scheduler.advance(Duration::from_millis(1));
        assert_eq!(log.of("at"), ["1s", "2s", "3s"]);
    });
}

#[test]
fn p28_a_blocking_wait_of_the_tests_thread_lets_the_time_jump() {
    testing::many(10, |scheduler| {
        let (workers, _) = logged(scheduler);
        let nap = workers.worker("nap").thread(|cx| Ok(cx.sleep(SECOND * 3600)?));
        assert!(matches!(nap.wait_timeout(SECOND), Err(WaitError::Timeout)));
        assert_eq!(scheduler.elapsed(), SECOND);
        assert!(nap.wait().is_ok());
        assert_eq!(scheduler.elapsed(), SECOND * 3600);
    });
}

#[test]
fn p28_a_deadlocked_test_reports_each_parked_thread() {
    let said = panic_of(|| {
        testing::run(3, |scheduler| {
            let (workers, _) = logged(scheduler);
            let stuck: Worker<()> = workers.worker("stuck").thread(|cx| Ok(cx.sleep(Duration::MAX)?));
            let _cancelled = stuck.clone().cancel_on_drop();
            let _ = stuck.wait();
        });
    });
    assert!(said.starts_with("the test's thread waits, everything is parked"), "{said}");
    assert!(said.contains("(seed 3)"), "{said}");
    assert!(said.contains("worker-1: parked in worker \"stuck\""), "{said}");
}

#[test]
fn p28_work_that_is_left_at_the_end_fails_the_test() {
    let mut left = None;
    let said = panic_of(|| {
        testing::run(4, |scheduler| {
            let (workers, _) = logged(scheduler);
            left = Some(workers.worker("left").thread(|cx| Ok(cx.sleep(Duration::MAX)?)));
        });
    });
    assert!(said.starts_with("the test is over and work is left (seed 4)"), "{said}");
    assert!(said.contains("in worker \"left\""), "{said}");
    // The turns are over and the thread goes its own way: it can still be cancelled.
    let left = left.unwrap();
    left.cancel();
    assert!(left.wait().unwrap_err().is_cancelled());
}

#[test]
fn p28_an_unpark_from_before_the_end_of_the_turns_is_not_lost() {
    for seed in 0..20 {
        let (tell, told) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        panic_of(|| {
            testing::run(seed, |scheduler| {
                let (workers, clock) = (logged(scheduler).0, scheduler.clock());
                workers.worker("parks").thread(move |_| {
                    tell.send(thread::current())?;
                    (0..5).for_each(|_| checkpoint(&*clock));
                    clock.park_until(None);
                    Ok(end.send(())?)
                });
                let parks = loop {
                    checkpoint(&*scheduler.clock());
                    if let Ok(thread) = told.try_recv() {
                        break thread;
                    }
                };
                unpark(&*scheduler.clock(), &parks);
                panic!("seed {seed} fails");
            });
        });
        assert!(ended.recv_timeout(SECOND * 5).is_ok(), "seed {seed}");
    }
}

#[test]
fn p28_a_test_without_an_end_is_ended() {
    let said = panic_of(|| {
        testing::run(5, |scheduler| {
            let (workers, _) = logged(scheduler);
            let busy: Worker<()> = workers.worker("busy").thread(|cx| {
                loop {
                    cx.sleep(Duration::ZERO)?;
                }
            });
            let _cancelled = busy.cancel_on_drop();
            scheduler.run_until_parked();
        });
    });
    assert!(said.starts_with("there is no end after a million turns (seed 5)"), "{said}");
}

#[test]
fn p28_the_failing_seed_is_printed_and_can_be_run_alone() {
    let run = |seed: Option<&str>| {
        let mut test = Command::new(std::env::current_exe().unwrap());
        test.args(["--exact", "interleavings::fails_with_seed_three_when_asked_to", "--nocapture"]);
        test.env("FAIL_WITH_SEED_THREE", "1").env_remove("WORKER_SEED");
        test.envs(seed.map(|seed| ("WORKER_SEED", seed)));
        let output = test.output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (passed, said) = run(None);
    assert!(!passed && said.contains("failed with seed 3") && said.contains("WORKER_SEED=3"), "{said}");
    assert!(!run(Some("3")).0);
    assert!(run(Some("4")).0);
    assert!(!run(Some("many")).0, "not a number");
}

#[test]
fn fails_with_seed_three_when_asked_to() {
    let asked = std::env::var_os("FAIL_WITH_SEED_THREE").is_some();
    testing::many(5, |scheduler| assert!(!asked || scheduler.seed() != 3));
}

#[test]
fn p02_events_of_each_worker_are_in_order_whichever_thread_cancels_it() {
    testing::many(200, |scheduler| {
        let (workers, log) = logged(scheduler);
        let target: Worker<()> = workers.worker("target").thread(|cx| Ok(cx.sleep(SECOND)?));
        for name in ["first", "second"] {
            let target = target.clone();
            workers.worker(name).thread(move |_| Ok(target.cancel()));
        }
        let ended = target.wait();
        assert!(ended.unwrap_err().is_cancelled());
        let states = log.of("target");
        let never_ran = states == ["PENDING", "CANCELLED"];
        assert!(never_ran || states == ["PENDING", "RUNNING", "CANCELLED"], "{states:?}");
    });
}

#[test]
fn p10_of_exclusive_starts_from_three_threads_exactly_one_stays() {
    testing::many(200, |scheduler| {
        let (workers, _) = logged(scheduler);
        let started = Arc::new(Mutex::new(Vec::new()));
        for _ in 0..3 {
            let (own, started) = (workers.clone(), started.clone());
            workers.worker("starter").thread(move |_| {
                let search: Worker<()> =
                    own.worker("search").group("search").exclusive().thread(|cx| Ok(cx.sleep(SECOND)?));
                Ok(started.lock().push(search))
            });
        }
        scheduler.advance(SECOND);
        let searches = std::mem::take(&mut *started.lock());
        let states: Vec<_> = searches.iter().map(|search| search.state()).collect();
        let succeeded = states.iter().filter(|state| **state == WorkerState::Success).count();
        assert_eq!((states.len(), succeeded), (3, 1), "{states:?}");
    });
}

#[test]
fn p11_keep_latest_runs_one_at_a_time_and_the_newest_last() {
    testing::many(200, |scheduler| {
        let (workers, _) = logged(scheduler);
        let (running, ended) = (Arc::new(AtomicUsize::new(0)), Log::default());
        let last = Arc::new(Mutex::new(String::new()));
        for starter in 0..3 {
            let (own, running, ended, last) = (workers.clone(), running.clone(), ended.clone(), last.clone());
            workers.worker("starter").thread(move |cx| {
                for round in 0..2 {
                    let name = format!("{starter}.{round}");
                    let (running, ended, id) = (running.clone(), ended.clone(), name.clone());
                    // The name is noted and the worker started in one turn: there is no checkpoint
                    // in between.
                    last.lock().clone_from(&name);
                    own.worker(name).group("one").restart(Restart::KeepLatest).thread(move |cx| {
                        assert_eq!(running.fetch_add(1, Ordering::SeqCst), 0, "side by side");
                        let slept = cx.sleep(SECOND);
                        running.fetch_sub(1, Ordering::SeqCst);
                        slept?;
                        Ok(ended.note(id))
                    });
                    cx.sleep(SECOND / 4)?;
                }
                Ok(())
            });
        }
        scheduler.advance(SECOND * 10);
        assert!(workers.is_empty());
        assert_eq!(ended.lines().last(), Some(&*last.lock()));
    });
}

#[test]
fn p15_of_two_that_wait_for_each_other_exactly_one_is_refused() {
    testing::many(200, |scheduler| {
        let (workers, _) = logged(scheduler);
        let handles: Arc<Mutex<Vec<Worker<&str>>>> = Arc::default();
        let wait_for = |other: usize| {
            let handles = handles.clone();
            workers.worker("waiter").paused().thread(move |_| {
                let other = handles.lock()[other].clone();
                let waited = other.wait();
                Ok(if matches!(waited, Err(WaitError::Deadlock)) { "refused" } else { "waited" })
            })
        };
        let both = [wait_for(1), wait_for(0)];
        handles.lock().extend(both.clone());
        workers.start_all();
        let mut results: Vec<_> = both.iter().map(|worker| *worker.wait().unwrap()).collect();
        handles.lock().clear();
        results.sort_unstable();
        assert!(results == ["refused", "waited"] || results == ["waited", "waited"], "{results:?}");
    });
}

#[test]
fn p16_a_chain_on_one_thread_ends_in_every_order() {
    testing::many(30, |scheduler| {
        let workers = WorkerManager::builder().clock(scheduler.clock()).max_threads(1).build();
        let mut next: Worker<u32> = workers.worker("last").thread(|cx| Ok(cx.sleep(SECOND).map(|()| 0)?));
        for _ in 0..10 {
            let held = next.clone();
            next = workers.worker("link").thread(move |_| Ok(held.wait()? + 1));
        }
        assert_eq!(next.wait().ok(), Some(&10));
    });
}

#[test]
fn p07_an_async_body_is_never_left_asleep_by_a_cancel() {
    testing::many(200, |scheduler| {
        let workers = WorkerManager::builder().clock(scheduler.clock()).event_loop(BlockOn).build();
        let target: Worker<()> =
            workers.worker("target").thread_async(async |_| Ok(std::future::pending().await));
        let canceller = workers.worker("canceller").thread({
            let target = target.clone();
            move |_| Ok(target.cancel())
        });
        assert!(canceller.wait().is_ok());
        assert!(target.wait().unwrap_err().is_cancelled());
    });
}

#[test]
fn p14_a_wake_that_comes_while_an_async_body_blocks_is_not_lost() {
    testing::many(100, |scheduler| {
        let workers = WorkerManager::builder().clock(scheduler.clock()).event_loop(BlockOn).build();
        let quick = workers.worker("quick").thread(|cx| Ok(cx.sleep(SECOND)?));
        let both = workers.worker("both").thread_async(async move |cx| {
            let mut finished = std::pin::pin!(quick.finished());
            let mut polled = 0;
            std::future::poll_fn(|context| {
                let ready = finished.as_mut().poll(context).map(|ended| ended.is_ok());
                polled += 1;
                if polled == 1 {
                    // The wake comes now, and its unpark is this sleep's.
                    cx.sleep(SECOND * 2).expect("not cancelled");
                }
                ready
            })
            .await;
            Ok(())
        });
        assert!(both.wait().is_ok());
    });
}

#[test]
fn p26_a_shutdown_names_workers_that_did_not_stop_in_every_order() {
    testing::many(100, |scheduler| {
        let (workers, _) = logged(scheduler);
        workers.worker("polite").thread(|cx| Ok(cx.sleep(Duration::MAX)?));
        let stubborn = workers.worker("stubborn").thread({
            let (clock, until) = (scheduler.clock(), scheduler.now() + SECOND * 5);
            move |_| Ok(block_until(&*clock, Some(until), || None::<()>))
        });
        let started = scheduler.seed() % 2 == 0;
        if started {
            scheduler.run_until_parked();
        }
        let report = workers.shutdown(SECOND);
        let abandoned: Vec<_> = report.abandoned.iter().map(|left| left.worker.clone()).collect();
        assert!(abandoned == [(*stubborn).clone()] || (!started && abandoned.is_empty()), "{report:?}");
        scheduler.advance(SECOND * 5);
    });
}
