//! P35: retries, and what a UI sees of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use worker_core::testing::{self, TestScheduler};
use worker_core::{
    BlockOn, BoxError, Cancelled, ConcurrencyLimit, Progress, ProgressNotice, Retry, RetryPause, Worker,
    WorkerManager,
};

const SECOND: Duration = Duration::from_secs(1);

/// An error with what the server says about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum FetchError {
    #[error("refused, attempt {0}")]
    Refused(u32),
    #[error("busy for {0:?}")]
    Busy(Duration),
    #[error("no such page")]
    NotFound,
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

fn manager(scheduler: &TestScheduler) -> WorkerManager {
    WorkerManager::builder().clock(scheduler.clock()).event_loop(BlockOn).build()
}

fn three() -> Retry<FetchError> {
    Retry::after([SECOND, SECOND * 2])
}

/// A worker that always fails, and how often it tried.
fn failing(
    workers: &WorkerManager,
    policy: Retry<FetchError>,
    error: impl Fn(u32) -> FetchError + Send + 'static,
) -> (Worker<FetchError>, Arc<AtomicU32>) {
    let tried = Arc::new(AtomicU32::new(0));
    let worker = workers.worker("fetch").exit_on_error(false).thread({
        let tried = tried.clone();
        move |cx| {
            let fetched = cx.retry(&policy, |attempt| {
                assert_eq!(tried.fetch_add(1, Ordering::SeqCst) + 1, attempt);
                Err::<(), _>(error(attempt))
            });
            Ok(fetched.expect_err("it always fails"))
        }
    });
    (worker, tried)
}

#[test]
fn p35_it_tries_once_more_than_there_are_pauses_and_the_last_error_comes_out() {
    testing::run(1, |scheduler| {
        let workers = manager(scheduler);
        let (worker, tried) = failing(&workers, three(), FetchError::Refused);
        scheduler.run_until_parked();
        for (after, attempts) in [(SECOND / 2, 1), (SECOND / 2, 2), (SECOND, 2), (SECOND, 3)] {
            scheduler.advance(after);
            assert_eq!(tried.load(Ordering::SeqCst), attempts, "{:?}", scheduler.elapsed());
        }
        assert_eq!(worker.result(), Some(&FetchError::Refused(3)));
    });
}

#[test]
fn p35_a_pause_can_be_seen_and_counted_down() {
    testing::run(1, |scheduler| {
        let workers = manager(scheduler);
        let (worker, _) = failing(&workers, three(), FetchError::Refused);
        scheduler.advance(SECOND * 2);
        let progress = worker.progress();
        let pause = progress.retry_pause().unwrap();
        assert_eq!((pause.attempt(), pause.of(), pause.reason()), (2, Some(3), "refused, attempt 2"));
        assert_eq!(pause.left(scheduler.now()), SECOND);
        assert_eq!(pause.until(), Some(scheduler.now() + SECOND));
        assert_eq!(pause.to_string(), "attempt 2 of 3 failed: refused, attempt 2");
        scheduler.advance(SECOND);
        assert_eq!(worker.progress().retry_pause(), None);
    });
}

#[test]
fn p35_each_pause_and_its_end_give_a_notice() {
    testing::run(1, |scheduler| {
        let (seen, log) = crossbeam_channel::unbounded::<Progress>();
        let workers = WorkerManager::builder()
            .clock(scheduler.clock())
            .progress(move |notice: ProgressNotice| seen.send(notice.read().progress).unwrap())
            .build();
        failing(&workers, three(), FetchError::Refused);
        scheduler.advance(SECOND * 3);
        let pauses: Vec<_> =
            log.try_iter().map(|progress| progress.retry_pause().map(RetryPause::attempt)).collect();
        assert_eq!(pauses, [Some(1), None, Some(2), None]);
    });
}

#[test]
fn p35_only_errors_that_are_worth_it_are_retried() {
    testing::run(1, |scheduler| {
        let workers = manager(scheduler);
        let policy = three().when(|error| *error != FetchError::NotFound);
        let (worker, tried) = failing(&workers, policy, |_| FetchError::NotFound);
        scheduler.run_until_parked();
        assert_eq!((worker.result(), tried.load(Ordering::SeqCst)), (Some(&FetchError::NotFound), 1));
    });
}

#[test]
fn p35_the_server_says_how_long_it_wants_us_to_wait() {
    testing::run(1, |scheduler| {
        let workers = manager(scheduler);
        let policy = three().adjust(|error, pause| match error {
            FetchError::Busy(wanted) => pause.map(|pause| pause.max(*wanted)),
            _ => pause,
        });
        let (_, tried) = failing(&workers, policy, |_| FetchError::Busy(SECOND * 60));
        scheduler.advance(SECOND * 59);
        assert_eq!(tried.load(Ordering::SeqCst), 1);
        scheduler.advance(SECOND);
        assert_eq!(tried.load(Ordering::SeqCst), 2);
        workers.cancel_all();
        scheduler.run_until_parked();
    });
}

#[test]
fn p35_adjust_may_end_the_attempts_or_give_more_of_them() {
    testing::run(1, |scheduler| {
        let workers = manager(scheduler);
        let (worker, tried) = failing(&workers, three().adjust(|_, _| None), FetchError::Refused);
        scheduler.run_until_parked();
        assert_eq!((worker.result(), tried.load(Ordering::SeqCst)), (Some(&FetchError::Refused(1)), 1));

        let more = three().adjust(|error, pause| match (error, pause) {
            (FetchError::Refused(5), _) => None,
            (_, pause) => pause.or(Some(SECOND)),
        });
        let (worker, tried) = failing(&workers, more, FetchError::Refused);
        scheduler.advance(SECOND * 10);
        assert_eq!((worker.result(), tried.load(Ordering::SeqCst)), (Some(&FetchError::Refused(5)), 5));
    });
}

#[test]
fn p35_a_cancel_ends_the_pause_at_once_and_is_not_retried() {
    testing::run(1, |scheduler| {
        let workers = manager(scheduler);
        let (seen, log) = crossbeam_channel::unbounded();
        let policy = three();
        let worker: Worker<()> = workers.worker("fetch").thread(move |cx| {
            let fetched = cx.retry(&policy, |attempt| Err::<(), _>(FetchError::Refused(attempt)));
            Ok(seen.send(fetched)?)
        });
        scheduler.run_until_parked();
        worker.cancel();
        scheduler.run_until_parked();
        assert!(worker.is_finished());
        assert_eq!(log.recv(), Ok(Err(FetchError::Cancelled(Cancelled::default()))));
        assert_eq!(worker.progress().retry_pause(), None);
    });
}

#[test]
fn p35_an_attempt_that_fails_because_of_the_cancel_is_not_retried() {
    testing::run(1, |scheduler| {
        let workers = manager(scheduler);
        let tried = Arc::new(AtomicU32::new(0));
        let policy = three();
        let worker: Worker<()> = workers.worker("fetch").thread({
            let tried = tried.clone();
            move |cx| {
                Ok(cx.retry(&policy, |_| {
                    tried.fetch_add(1, Ordering::SeqCst);
                    Ok::<_, FetchError>(cx.sleep(SECOND)?)
                })?)
            }
        });
        scheduler.run_until_parked();
        worker.cancel();
        scheduler.run_until_parked();
        assert!(worker.is_finished());
        assert_eq!(tried.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn p35_in_its_pauses_a_worker_gives_its_slot_back() {
    testing::many(50, |scheduler| {
        let workers = manager(scheduler);
        let limit = ConcurrencyLimit::new(1);
        let policy = three();
        let fetch = workers.worker("fetch").limit(&limit).thread(move |cx| {
            Ok(cx.retry(&policy, |attempt| match attempt {
                3 => Ok(attempt),
                _ => Err(FetchError::Refused(attempt)),
            })?)
        });
        scheduler.run_until_parked();
        let other = workers.worker("other").limit(&limit).thread(|cx| Ok(cx.sleep(SECOND * 5)?));
        scheduler.advance(SECOND * 4);
        assert!(other.is_running());
        assert!(fetch.progress().retry_pause().is_some(), "it waits for its slot, and says so still");
        scheduler.advance(SECOND);
        assert!(other.is_finished() && fetch.is_running());
        scheduler.advance(SECOND * 2);
        assert_eq!(fetch.result(), Some(&3));
    });
}

#[test]
fn p35_the_async_twin_pauses_by_the_clock_and_holds_no_one_up() {
    testing::many(50, |scheduler| {
        let workers = manager(scheduler);
        let limit = ConcurrencyLimit::new(1);
        let policy = three();
        let fetch = workers.worker("fetch").limit(&limit).thread_async(async move |cx| {
            let fetched = cx.retry_async(&policy, async |attempt| match attempt {
                3 => Ok(attempt),
                _ => Err(FetchError::Refused(attempt)),
            });
            Ok(fetched.await?)
        });
        scheduler.run_until_parked();
        let other = workers.worker("other").limit(&limit).thread(|_| Ok(()));
        scheduler.run_until_parked();
        assert!(other.is_finished());
        assert!(fetch.progress().retry_pause().is_some_and(|pause| pause.of() == Some(3)));
        scheduler.advance(SECOND * 3);
        assert_eq!(fetch.result(), Some(&3));
        assert_eq!(fetch.progress().retry_pause(), None);
    });
}

#[test]
fn p35_a_cancel_ends_an_async_pause_at_once() {
    testing::many(50, |scheduler| {
        let workers = manager(scheduler);
        let policy = Retry::after([Duration::MAX]);
        let fetch: Worker<()> = workers
            .worker("fetch")
            .thread_async(async move |cx| cx.retry_async(&policy, async |_| Err(BoxError::from("no"))).await);
        scheduler.run_until_parked();
        assert_eq!(fetch.progress().retry_pause().unwrap().until(), None);
        fetch.cancel();
        scheduler.run_until_parked();
        assert!(fetch.is_finished());
        assert_eq!(fetch.progress().retry_pause(), None);
    });
}

#[test]
fn p35_without_pauses_the_number_of_attempts_may_be_unknown() {
    testing::run(1, |scheduler| {
        let workers = manager(scheduler);
        let endless = Retry::after_each(|| std::iter::repeat(SECOND));
        let (worker, _) = failing(&workers, endless, FetchError::Refused);
        scheduler.advance(SECOND);
        let progress = worker.progress();
        assert_eq!(progress.retry_pause().unwrap().of(), None);
        assert_eq!(progress.retry_pause().unwrap().to_string(), "attempt 2 failed: refused, attempt 2");
        worker.cancel();
        scheduler.run_until_parked();
    });
}

#[test]
fn p35_a_reason_is_short_and_harmless() {
    testing::run(1, |scheduler| {
        let workers = manager(scheduler);
        let policy = Retry::after([SECOND]);
        let worker: Worker<()> = workers.worker("fetch").thread(move |cx| {
            cx.retry(&policy, |_| Err(BoxError::from(format!("\u{1b}[2J{}", "x".repeat(1 << 20)))))
        });
        scheduler.run_until_parked();
        let progress = worker.progress();
        assert_eq!(progress.retry_pause().unwrap().reason().chars().count(), 1000);
        assert!(!progress.retry_pause().unwrap().to_string().contains('\u{1b}'));
        worker.cancel();
        scheduler.run_until_parked();
    });
}

#[test]
fn p35_how_many_attempts_there_are_is_said_only_if_it_is_known() {
    testing::run(0, |scheduler| {
        let workers = manager(scheduler);
        // Two pauses, but the iterator does not know.
        let policy = Retry::after(vec![SECOND, SECOND].into_iter().filter(|pause| !pause.is_zero()));
        let worker: Worker<()> = workers
            .worker("w")
            .thread(move |cx| Ok(cx.retry(&policy, |_| Err::<(), _>(FetchError::NotFound))?));
        scheduler.run_until_parked();
        let progress = worker.progress();
        assert_eq!(progress.retry_pause().map(|pause| (pause.attempt(), pause.of())), Some((1, None)));
        scheduler.advance(SECOND * 2);
        assert!(worker.error().is_some());
    });
}

#[test]
fn p33_p35_an_async_retry_has_its_slot_again_before_the_next_attempt() {
    testing::many(50, |scheduler| {
        let workers = manager(scheduler);
        let (limit, inside) = (ConcurrencyLimit::new(1), Arc::new(AtomicU32::new(0)));
        let seen = inside.clone();
        let retries = workers.worker("retries").limit(&limit).thread_async(async move |cx| {
            let policy = Retry::after([SECOND]);
            let attempt = async |attempt| {
                assert_eq!(seen.load(Ordering::SeqCst), 0, "another has the slot");
                if attempt == 1 { Err(FetchError::Refused(1)) } else { Ok(attempt) }
            };
            Ok(cx.retry_async(&policy, attempt).await?)
        });
        let holder = workers.worker("holder").limit(&limit).thread(move |cx| {
            inside.fetch_add(1, Ordering::SeqCst);
            cx.sleep(SECOND * 3)?;
            Ok(inside.fetch_sub(1, Ordering::SeqCst))
        });
        scheduler.advance(SECOND * 10);
        assert_eq!((retries.result(), holder.result()), (Some(&2), Some(&1)));
    });
}
