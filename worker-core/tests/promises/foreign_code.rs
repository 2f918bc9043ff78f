//! Foreign code at awkward moments: hooks that park, wakers that drop their future or panic, sinks
//! inside a cancel, errors that cannot be displayed.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use worker_core::WorkerState::{Cancelled, Error};
use worker_core::blocking::block_until;
use worker_core::testing;
use worker_core::{AnyWorker, StateChanged, Worker, WorkerManager, install_panic_hook};

use crate::support::{hold, with_time_limit};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn p09_a_limit_armed_while_a_cancel_hook_parks_is_not_lost() {
    testing::many(20, |scheduler| {
        let workers = WorkerManager::builder().clock(scheduler.clock()).build();
        let clock = scheduler.clock();
        // The hook runs on the thread that enforces limits, and uses up the unpark of the next one.
        let first: Worker<()> = workers.worker("first").timeout(SECOND).thread(move |cx| {
            let _hook = cx.on_cancel(move || {
                block_until(&*clock, Some(clock.now() + SECOND * 2), || None::<()>);
            });
            Ok(cx.sleep(Duration::MAX)?)
        });
        let own = workers.clone();
        let second = workers.worker("starter").thread(move |cx| {
            cx.sleep(SECOND * 2)?;
            Ok(own.worker("second").timeout(SECOND * 2).thread(|cx| Ok(cx.sleep(Duration::MAX)?)))
        });
        scheduler.advance(SECOND * 10);
        let second: &Worker<()> = second.result().unwrap();
        let ended = second.is_finished();
        workers.cancel_all();
        assert!(first.error().unwrap().is_timeout());
        assert!(ended, "its limit of two seconds is over");
    });
}

/// A future that its waker drops.
type Shared = Arc<Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>>;

struct DropFuture(Shared);

impl Wake for DropFuture {
    fn wake(self: Arc<Self>) {
        let future = self.0.lock().take();
        drop(future);
    }
}

/// Polls `future` once with a waker that drops it.
fn dropped_by_its_waker(future: impl Future<Output = ()> + Send + 'static) {
    let shared: Shared = Arc::default();
    let waker = Waker::from(Arc::new(DropFuture(shared.clone())));
    let mut future: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(future);
    assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    *shared.lock() = Some(future);
}

#[test]
fn p05_a_waker_that_drops_its_own_future_does_not_block_a_cancel() {
    with_time_limit(|| {
        let (inside, held) = hold();
        let worker = WorkerManager::new().worker("w").thread(move |_| Ok(held.wait()));
        inside.entered();
        let own = AnyWorker::from(worker.clone());
        dropped_by_its_waker(async move { own.cancelled().await });
        worker.cancel();
        inside.release();
        assert!(worker.wait().is_err_and(|error| error.is_cancelled()));
    });
}

#[test]
fn p14_a_waker_that_drops_its_own_future_loses_no_thread_and_holds_no_successor() {
    with_time_limit(|| {
        let workers = WorkerManager::builder().max_threads(1).build();
        let (inside, held) = hold();
        let first = workers.worker("first").thread(move |_| Ok(held.wait()));
        inside.entered();
        let own = first.clone();
        dropped_by_its_waker(async move { drop(own.finished().await) });
        let all = workers.clone();
        dropped_by_its_waker(async move { all.all_finished().await });
        let next = workers.worker("next").restart(worker_core::Restart::AfterPrevious).thread(|_| Ok(7));
        inside.release();
        assert_eq!(next.wait().ok(), Some(&7));
    });
}

struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        panic!("bad waker");
    }
}

#[test]
fn p14_a_waker_that_panics_leaves_no_other_waiter_asleep() {
    install_panic_hook();
    with_time_limit(|| {
        let (inside, held) = hold();
        let worker = WorkerManager::new().worker("w").thread(move |_| Ok(held.wait()));
        inside.entered();
        let bad = Waker::from(Arc::new(Panics));
        let waits: [Pin<Box<dyn Future<Output = ()>>>; 4] = [
            Box::pin(async { worker.cancelled().await }),
            Box::pin(async { drop(worker.finished().await) }),
            Box::pin(async { worker.cancelled().await }),
            Box::pin(async { drop(worker.finished().await) }),
        ];
        let mut kept = Vec::new();
        for mut wait in waits {
            assert!(wait.as_mut().poll(&mut Context::from_waker(&bad)).is_pending());
            kept.push(wait);
        }
        thread::scope(|threads| {
            let (started, waiting) = channel();
            for _ in 0..2 {
                let (started, worker) = (started.clone(), worker.clone());
                threads.spawn(move || {
                    pollster::block_on(async {
                        let mut cancelled = std::pin::pin!(worker.cancelled());
                        std::future::poll_fn(|cx| {
                            let polled = cancelled.as_mut().poll(cx);
                            let _ = started.send(());
                            polled
                        })
                        .await;
                    });
                    drop(worker.wait());
                });
            }
            (0..2).for_each(|_| waiting.recv().unwrap());
            worker.cancel();
            inside.release();
        });
    });
}

#[test]
fn p12_a_cancel_from_a_sink_inside_a_cancel_has_reached_the_children_when_it_returns() {
    let (told, heard) = channel();
    let family: Arc<Mutex<Option<(AnyWorker, AnyWorker)>>> = Arc::default();
    let sink = {
        let family = family.clone();
        move |event: StateChanged| {
            // The child of the first parent is being cancelled with it.
            if event.worker.name() == "child of first" && event.state == Cancelled {
                let (parent, child) = family.lock().clone().unwrap();
                parent.cancel();
                told.send(child.is_cancelled()).unwrap();
            }
        }
    };
    let workers = WorkerManager::builder().events(sink).build();
    let start = |name: &'static str, child: &'static str| {
        let (gave, given) = channel();
        let own = workers.clone();
        let parent: Worker<()> = workers.worker(name).thread(move |cx| {
            let child: Worker<()> = own.worker(child).child().paused().thread(|_| Ok(()));
            gave.send(child).unwrap();
            Ok(cx.sleep(Duration::MAX)?)
        });
        (parent, given.recv().unwrap())
    };
    let (first, _) = start("first", "child of first");
    let (second, child) = start("second", "child of second");
    *family.lock() = Some((second.into(), child.into()));
    first.cancel();
    assert_eq!(heard.recv(), Ok(true));
}

/// An error whose `Display` panics.
#[derive(Debug)]
struct Undisplayable;

impl fmt::Display for Undisplayable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("no text")
    }
}

impl std::error::Error for Undisplayable {}

/// Formats every event.
struct Formatting;

impl tracing::Subscriber for Formatting {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        struct Text(String);
        impl tracing::field::Visit for Text {
            fn record_debug(&mut self, _: &tracing::field::Field, value: &dyn fmt::Debug) {
                fmt::Write::write_fmt(&mut self.0, format_args!("{value:?}")).expect("text");
            }
        }
        event.record(&mut Text(String::new()));
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[test]
fn p17_an_error_whose_display_panics_ends_its_worker_all_the_same() {
    install_panic_hook();
    with_time_limit(|| {
        let workers = WorkerManager::builder().max_threads(1).build();
        let bad: Worker<()> = workers.worker("bad").thread(|_| {
            // The thread of the pool is the one that logs the error.
            std::mem::forget(tracing::subscriber::set_default(Formatting));
            Err(Undisplayable.into())
        });
        assert!(bad.wait().is_err());
        assert_eq!(bad.state(), Error);
        assert_eq!(workers.worker("next").thread(|_| Ok(1)).wait().ok(), Some(&1));
    });
}

#[test]
fn p02_a_progress_notice_that_is_dropped_unread_silences_nothing() {
    let (told, heard) = channel();
    let seen = AtomicUsize::new(0);
    let workers = WorkerManager::builder()
        .progress(move |notice: worker_core::ProgressNotice| {
            if seen.fetch_add(1, Ordering::SeqCst) > 0 {
                told.send(notice.read().progress.completed()).unwrap();
            }
        })
        .build();
    workers
        .worker("copy")
        .thread(|cx| {
            cx.advance(1);
            cx.advance(1);
            Ok(cx.advance(1))
        })
        .wait()
        .unwrap();
    assert_eq!(heard.try_iter().collect::<Vec<_>>(), [2, 3]);
}
