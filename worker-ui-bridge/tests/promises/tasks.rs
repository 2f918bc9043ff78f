//! Tasks on the UI's loop.

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::thread::ThreadId;

use crossbeam_channel::{Sender, bounded};
use worker_core::{Worker, current_worker};
use worker_ui_bridge::CallError;

use crate::support::{Ui, stage};

#[test]
fn s20_a_task_runs_on_the_ui_thread_with_the_same_states_and_events() {
    let mut stage = stage();
    let ui = stage.ui.clone();
    let worker = stage.workers.worker("t").task(&stage.ui, async move |cx| {
        let not_send = Rc::new(Cell::new(1));
        ui.call(|app| app.see("called")).await?;
        not_send.set(not_send.get() + 1);
        assert_eq!(current_worker()?, *cx.worker());
        Ok((std::thread::current().id(), not_send.get()))
    });
    assert!(worker.is_pending(), "nothing runs before the loop turns");
    stage.pump_until_finished(&worker);
    assert_eq!(worker.result(), Some(&(std::thread::current().id(), 2)));
    assert_eq!(stage.app.seen, ["t PENDING", "t RUNNING", "called", "t SUCCESS"]);
    assert!(current_worker().is_err());
}

#[test]
fn p05_a_task_cancelled_on_the_ui_thread_is_dropped_at_once() {
    let mut stage = stage();
    let dropped = Arc::new(());
    let witness = dropped.clone();
    let worker: Worker<()> = stage.workers.worker("t").task(&stage.ui, async move |_| {
        std::future::pending::<()>().await;
        drop(witness);
        Ok(())
    });
    while !worker.is_running() {
        stage.bridge.wait(&mut stage.app).unwrap();
    }
    assert_eq!(Arc::strong_count(&dropped), 2);
    worker.cancel();
    assert_eq!(Arc::strong_count(&dropped), 1, "its future is gone when cancel returns");
    assert!(worker.is_finished());
    stage.pump_until_finished(&worker);
    assert_eq!(stage.app.seen, ["t PENDING", "t RUNNING", "t CANCELLED"]);
}

/// Tells where it was dropped.
struct Tell(Sender<ThreadId>);

impl Drop for Tell {
    fn drop(&mut self) {
        self.0.send(std::thread::current().id()).expect("the test listens");
    }
}

#[test]
fn p05_a_task_cancelled_elsewhere_is_dropped_on_the_ui_thread() {
    let mut stage = stage();
    let (gone, where_gone) = bounded(1);
    let worker: Worker<()> = stage.workers.worker("t").task(&stage.ui, async move |_| {
        let not_send = Rc::new(Tell(gone));
        std::future::pending::<()>().await;
        drop(not_send);
        Ok(())
    });
    while !worker.is_running() {
        stage.bridge.wait(&mut stage.app).unwrap();
    }
    std::thread::scope(|threads| _ = threads.spawn(|| worker.cancel()));
    stage.pump_until_finished(&worker);
    assert_eq!(where_gone.recv().unwrap(), std::thread::current().id());
}

#[test]
fn p05_a_task_that_cancels_itself_ends_at_its_next_await() {
    let mut stage = stage();
    let worker: Worker<()> = stage.workers.worker("t").task(&stage.ui, async |cx| {
        cx.worker().cancel();
        std::future::pending().await
    });
    stage.pump_until_finished(&worker);
    assert!(worker.error().unwrap().is_cancelled());
}

#[test]
fn p05_a_task_cancelled_before_its_first_poll_never_runs() {
    let mut stage = stage();
    let worker: Worker<()> = stage.workers.worker("t").task(&stage.ui, async |_| unreachable!("cancelled"));
    worker.cancel();
    assert!(worker.is_finished(), "at once: it was only queued");
    stage.pump_until_finished(&worker);
    stage.bridge.pump(&mut stage.app).unwrap();
    assert_eq!(stage.app.seen, ["t PENDING", "t CANCELLED"]);
}

#[test]
fn p17_a_panic_in_a_task_is_its_error_and_not_the_loops() {
    worker_core::install_panic_hook();
    let mut stage = stage();
    let worker: Worker<()> =
        stage.workers.worker("t").exit_on_error(false).task(&stage.ui, async |_| panic!("bad task"));
    stage.pump_until_finished(&worker);
    assert_eq!(worker.error().unwrap().panic().unwrap().message(), "bad task");
}

#[test]
fn p19_tasks_end_with_their_bridge() {
    let mut stage = stage();
    let log = stage.workers.subscribe();
    let started: Worker<()> =
        stage.workers.worker("started").task(&stage.ui, async |_| std::future::pending().await);
    while !started.is_running() {
        stage.bridge.wait(&mut stage.app).unwrap();
    }
    let queued: Worker<()> =
        stage.workers.worker("queued").task(&stage.ui, async |_| std::future::pending().await);
    drop(stage.bridge);
    let late: Worker<()> =
        stage.workers.worker("late").task(&stage.ui, async |_| std::future::pending().await);
    for worker in [started, queued, late] {
        assert!(worker.wait().unwrap_err().is_cancelled());
    }
    assert_eq!(log.try_iter().filter(|event| event.state.is_finished()).count(), 3);
}

#[test]
fn a_task_is_never_polled_unless_it_was_woken() {
    let mut stage = stage();
    let polls = Arc::new(AtomicUsize::new(0));
    let (wakers, waker) = bounded(1);
    let worker = stage.workers.worker("t").task(&stage.ui, {
        let polls = polls.clone();
        async move |_| {
            poll_fn(|cx| match polls.fetch_add(1, Ordering::SeqCst) {
                0 => {
                    wakers.send(cx.waker().clone()).unwrap();
                    Poll::Pending
                }
                _ => Poll::Ready(Ok(())),
            })
            .await
        }
    });
    while !worker.is_running() {
        stage.bridge.wait(&mut stage.app).unwrap();
    }
    for _ in 0..10 {
        stage.ui.post(|_: &mut Ui| {}).unwrap();
        stage.bridge.pump(&mut stage.app).unwrap();
    }
    assert_eq!(polls.load(Ordering::SeqCst), 1);
    let waker = waker.recv().unwrap();
    waker.wake_by_ref();
    waker.wake_by_ref();
    stage.pump_until_finished(&worker);
    waker.wake();
    stage.bridge.pump(&mut stage.app).unwrap();
    assert_eq!(polls.load(Ordering::SeqCst), 2, "woken twice before its turn, polled once");
}

#[test]
fn p19_an_async_call_on_a_closed_bridge_says_so() {
    let stage = stage();
    drop(stage.bridge);
    let ui = stage.ui;
    let mut call = std::pin::pin!(ui.call(|_| ()));
    let polled = call.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
    assert_eq!(polled, Poll::Ready(Err(CallError::Closed)));
}
