//! S3: async bodies on threads, each in an event loop of its own. P14: awaiting a worker.

use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crossbeam_channel::{bounded, unbounded};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use worker_core::WorkerState::{Cancelled, Error, Pending, Running, Success};
use worker_core::{BlockOn, TokioLoop, WaitError, Worker, WorkerManager, current_worker, install_panic_hook};

use crate::support::{hold, recorded, with_time_limit};

#[test]
fn s03_an_async_body_may_hold_what_is_not_send_across_awaits() {
    for workers in [
        WorkerManager::builder().event_loop(BlockOn).build(),
        WorkerManager::builder().event_loop(TokioLoop).build(),
    ] {
        let worker = workers.worker("w").thread_async(async |cx| {
            let not_send = Rc::new(1);
            std::future::ready(()).await;
            assert_eq!(current_worker()?, *cx.worker());
            Ok(*not_send)
        });
        assert_eq!(worker.wait().ok(), Some(&1));
    }
}

#[test]
fn s03_a_tokio_client_talks_to_a_server() {
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = server.accept().unwrap();
        std::io::copy(&mut stream.try_clone().unwrap(), &mut stream).unwrap();
    });
    let worker = WorkerManager::new().worker("echo").thread_async(async move |_| {
        let mut stream = tokio::net::TcpStream::connect(address).await?;
        stream.write_all(b"hello").await?;
        stream.shutdown().await?;
        let mut echo = String::new();
        tokio::time::timeout(Duration::from_mins(1), stream.read_to_string(&mut echo)).await??;
        tokio::task::spawn_local(async { Rc::new(()) }).await?;
        Ok(echo)
    });
    assert_eq!(worker.wait().ok().map(String::as_str), Some("hello"));
}

#[test]
fn s03_a_plain_client_talks_to_a_server_by_blocking() {
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = server.accept().unwrap();
        std::io::Write::write_all(&mut stream, b"hello").unwrap();
    });
    let workers = WorkerManager::builder().event_loop(BlockOn).build();
    let worker = workers
        .worker("read")
        .thread_async(async move |_| Ok(std::io::read_to_string(std::net::TcpStream::connect(address)?)?));
    assert_eq!(worker.wait().ok().map(String::as_str), Some("hello"));
}

#[test]
fn p05_a_cancel_drops_an_async_body_at_its_await() {
    /// Says that it was dropped, and by whom.
    struct Witness(Arc<AtomicBool>);
    impl Drop for Witness {
        fn drop(&mut self) {
            self.0.store(current_worker().is_ok(), Ordering::SeqCst);
        }
    }
    for workers in
        [WorkerManager::builder().event_loop(BlockOn), WorkerManager::builder().event_loop(TokioLoop)]
    {
        let (workers, log) = recorded(workers);
        let (inside, is_inside) = bounded(1);
        let dropped = Arc::new(AtomicBool::new(false));
        let witness = Witness(dropped.clone());
        let worker: Worker<()> = workers.worker("w").thread_async(async move |_| {
            inside.send(())?;
            std::future::pending::<()>().await;
            drop(witness);
            Ok(())
        });
        is_inside.recv().unwrap();
        worker.cancel();
        assert!(worker.wait().unwrap_err().is_cancelled());
        assert!(dropped.load(Ordering::SeqCst), "on the worker's own thread, as a part of its body");
        assert_eq!(log.states_of(&worker), [Pending, Running, Cancelled]);
    }
}

#[test]
fn p05_an_async_body_that_blocks_is_running_until_it_awaits() {
    let (inside, held) = hold();
    let worker: Worker<()> = WorkerManager::new().worker("w").thread_async(async move |_| {
        held.wait();
        std::future::pending().await
    });
    inside.entered();
    worker.cancel();
    assert_eq!(worker.state(), Running);
    inside.release();
    assert!(worker.wait().unwrap_err().is_cancelled());
}

#[test]
fn p07_an_async_body_may_sleep_by_blocking_and_watch_for_a_cancel() {
    let (inside, is_inside) = bounded(1);
    let worker: Worker<()> = WorkerManager::new().worker("w").thread_async(async move |cx| {
        inside.send(())?;
        Ok(cx.sleep(Duration::MAX)?)
    });
    is_inside.recv().unwrap();
    worker.cancel();
    assert!(worker.wait().unwrap_err().is_cancelled());
}

#[test]
fn p17_a_panic_in_an_async_body_is_its_error() {
    install_panic_hook();
    let (workers, log) = recorded(WorkerManager::builder().max_threads(1));
    let worker: Worker<()> = workers.worker("w").thread_async(async |_| {
        std::future::ready(()).await;
        panic!("bad body")
    });
    worker.wait().unwrap_err();
    assert_eq!(worker.error().unwrap().panic().unwrap().message(), "bad body");
    assert_eq!(log.states_of(&worker), [Pending, Running, Error]);
    workers.worker("next").thread(|_| Ok(())).wait().unwrap();
}

#[test]
fn p14_a_worker_is_awaited_in_any_executor_and_by_many() {
    let workers = WorkerManager::new();
    let (inside, held) = hold();
    let worker = workers.worker("w").thread(move |_| {
        held.wait();
        Ok(5)
    });
    inside.entered();
    let (sum, sums) = unbounded();
    for _ in 0..8 {
        let (worker, sum) = (worker.clone(), sum.clone());
        std::thread::spawn(move || {
            pollster::block_on(async {
                let by_reference = *(&worker).await.unwrap() + *worker.finished().await.unwrap();
                sum.send(by_reference + worker.await.unwrap()).unwrap();
            });
        });
    }
    inside.release();
    assert!(sums.iter().take(8).all(|sum| sum == 15));
}

#[test]
fn p08_dropping_an_await_never_touches_the_worker() {
    let (inside, held) = hold();
    let worker = WorkerManager::new().worker("w").thread(move |_| Ok(held.wait()));
    inside.entered();
    {
        let mut waiting = pin!(worker.finished());
        assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    assert!(!worker.is_cancelled());
    inside.release();
    worker.wait().unwrap();
    assert_eq!(worker.state(), Success);
}

#[test]
fn p14_awaiting_says_why_there_is_no_result() {
    let workers = WorkerManager::new();
    let failed: Worker<()> = workers.worker("failed").thread(|_| Err("no")?);
    assert_eq!(pollster::block_on(failed.finished()).unwrap_err().to_string(), "no");
    let paused = workers.worker("paused").paused().thread(|_| Ok(()));
    assert!(matches!(pollster::block_on(paused.finished()), Err(WaitError::NotStarted)));
    paused.cancel();
    assert!(pollster::block_on(paused.finished()).unwrap_err().is_cancelled());
}

#[test]
fn p15_awaiting_oneself_or_in_a_circle_is_refused() {
    let workers = WorkerManager::new();
    let (me, myself) = bounded::<Worker<bool>>(1);
    let narcissus = workers
        .worker("narcissus")
        .thread_async(async move |_| Ok(matches!(myself.recv()?.finished().await, Err(WaitError::Deadlock))));
    me.send(narcissus.clone()).unwrap();
    assert_eq!(narcissus.wait().ok(), Some(&true));

    let link = || {
        let (next, is_next) = bounded::<Worker<bool>>(1);
        let worker = workers.worker("link").thread_async(async move |_| {
            Ok(matches!(is_next.recv()?.finished().await, Err(WaitError::Deadlock)))
        });
        (worker, next)
    };
    let ((a, after_a), (b, after_b)) = (link(), link());
    after_a.send(b.clone()).unwrap();
    after_b.send(a.clone()).unwrap();
    let refused = [*a.wait().unwrap(), *b.wait().unwrap()];
    assert!(refused.contains(&true) && refused.contains(&false), "one of them, not both: {refused:?}");
}

#[test]
fn p14_awaiting_two_at_a_time() {
    let workers = WorkerManager::new();
    let (inside, held) = hold();
    let slow = workers.worker("slow").thread(move |_| Ok(held.wait()));
    let quick = workers.worker("quick").thread(|_| Ok(1));
    let either = workers.worker("either").thread_async(async move |_| {
        let (mut first, mut second) = (pin!(slow.finished()), pin!(quick.finished()));
        std::future::poll_fn(|cx| match first.as_mut().poll(cx) {
            Poll::Ready(_) => Poll::Ready(0),
            Poll::Pending => second.as_mut().poll(cx).map(|quick| quick.copied().unwrap_or(-1)),
        })
        .await;
        Ok(())
    });
    either.wait().unwrap();
    inside.entered();
    inside.release();
}

#[test]
fn p16_an_async_body_that_awaits_a_worker_lets_another_take_its_thread() {
    fn link(workers: &WorkerManager, left: u32) -> Worker<u32> {
        let workers = workers.clone();
        let next = workers.clone();
        workers.worker("link").thread_async(async move |_| match left {
            0 => Ok(0),
            left => Ok(*link(&next, left - 1).finished().await? + 1),
        })
    }
    for event_loop in [true, false] {
        let builder = WorkerManager::builder().max_threads(1);
        let workers =
            if event_loop { builder.event_loop(BlockOn) } else { builder.event_loop(TokioLoop) }.build();
        assert_eq!(link(&workers, 50).wait().ok(), Some(&50));
    }
}

#[test]
fn p05_an_async_body_does_not_wait_for_blocking_jobs_it_spawned() {
    let (inside, held) = hold();
    let workers = WorkerManager::builder().event_loop(TokioLoop).build();
    let worker = workers.worker("w").thread_async(async move |_| {
        tokio::task::spawn_blocking(move || held.wait());
        Ok(1)
    });
    inside.entered();
    assert_eq!(worker.wait().ok(), Some(&1));
    inside.release();
}

#[test]
fn p14_all_finished_inside_a_worker_leaves_that_worker_out() {
    let workers = WorkerManager::new();
    let (inside, held) = hold();
    let _other = workers.worker("other").thread(move |_| Ok(held.wait()));
    inside.entered();
    let last = workers.worker("last").thread_async({
        let workers = workers.clone();
        async move |_| Ok(workers.all_finished().await)
    });
    inside.release();
    last.wait().unwrap();
    pollster::block_on(workers.all_finished());
}

#[test]
fn p02_an_await_ends_after_the_terminal_event() {
    let (events, seen) = unbounded();
    let sink = move |event: worker_core::StateChanged| {
        if event.state.is_finished() {
            for _ in 0..100 {
                std::thread::yield_now();
            }
            events.send(event.state).unwrap();
        }
    };
    let workers = WorkerManager::builder().events(sink).build();
    for _ in 0..200 {
        let worker = workers.worker("w").thread(|_| Ok(()));
        while !worker.is_finished() {
            std::hint::spin_loop();
        }
        pollster::block_on(worker.finished()).unwrap();
        assert_eq!(seen.try_recv().ok(), Some(Success));
    }
}

#[test]
fn p16_an_await_in_a_task_of_the_workers_own_loop_starves_no_queued_worker() {
    with_time_limit(|| {
        let workers = WorkerManager::builder().max_threads(1).event_loop(TokioLoop).build();
        let own = workers.clone();
        let outer = workers.worker("outer").thread_async(async move |_| {
            let inner = own.worker("inner").thread(|_| Ok(5));
            let task = tokio::task::spawn_local(async move { inner.finished().await.copied() });
            Ok(task.await??)
        });
        assert_eq!(outer.wait().ok(), Some(&5));
    });
}
