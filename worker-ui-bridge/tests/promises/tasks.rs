//! P5, P17, P19, S20: tasks on the UI's loop.

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

use crate::support::{App, fixture};

#[test]
fn s20_a_task_runs_on_the_ui_thread_with_the_same_states_and_events() {
    let mut fixture = fixture();
    let ui = fixture.ui.clone();
    let worker = fixture.workers.worker("t").task(&fixture.ui, async move |cx| {
        let not_send = Rc::new(Cell::new(1));
        ui.call(|app| app.record("called")).await?;
        not_send.set(not_send.get() + 1);
        assert_eq!(current_worker()?, *cx.worker());
        Ok((std::thread::current().id(), not_send.get()))
    });
    assert!(worker.is_pending(), "it does not run before the first turn");
    fixture.pump_until_finished(&worker);
    assert_eq!(worker.result(), Some(&(std::thread::current().id(), 2)));
    assert_eq!(fixture.app.log, ["t PENDING", "t RUNNING", "called", "t SUCCESS"]);
    assert!(current_worker().is_err());
}

#[test]
fn p05_a_task_cancelled_on_the_ui_thread_is_dropped_at_once() {
    let mut fixture = fixture();
    let counter = Arc::new(());
    let captured = counter.clone();
    let worker: Worker<()> = fixture.workers.worker("t").task(&fixture.ui, async move |_| {
        std::future::pending::<()>().await;
        drop(captured);
        Ok(())
    });
    while !worker.is_running() {
        fixture.bridge.wait(&mut fixture.app).unwrap();
    }
    assert_eq!(Arc::strong_count(&counter), 2);
    worker.cancel();
    assert_eq!(Arc::strong_count(&counter), 1, "its future has been dropped when `cancel` returns");
    assert!(worker.is_finished());
    fixture.pump_until_finished(&worker);
    assert_eq!(fixture.app.log, ["t PENDING", "t RUNNING", "t CANCELLED"]);
}

/// Sends the thread on which it is dropped.
struct SendThreadOnDrop(Sender<ThreadId>);

impl Drop for SendThreadOnDrop {
    fn drop(&mut self) {
        self.0.send(std::thread::current().id()).expect("the test receives");
    }
}

#[test]
fn p05_a_task_cancelled_on_another_thread_is_dropped_on_the_ui_thread() {
    let mut fixture = fixture();
    let (dropped_on, thread) = bounded(1);
    let worker: Worker<()> = fixture.workers.worker("t").task(&fixture.ui, async move |_| {
        let not_send = Rc::new(SendThreadOnDrop(dropped_on));
        std::future::pending::<()>().await;
        drop(not_send);
        Ok(())
    });
    while !worker.is_running() {
        fixture.bridge.wait(&mut fixture.app).unwrap();
    }
    std::thread::scope(|threads| _ = threads.spawn(|| worker.cancel()));
    fixture.pump_until_finished(&worker);
    assert_eq!(thread.recv().unwrap(), std::thread::current().id());
}

#[test]
fn p05_a_task_that_cancels_itself_ends_at_its_next_await() {
    let mut fixture = fixture();
    let worker: Worker<()> = fixture.workers.worker("t").task(&fixture.ui, async |cx| {
        cx.worker().cancel();
        std::future::pending().await
    });
    fixture.pump_until_finished(&worker);
    assert!(worker.error().unwrap().is_cancelled());
}

#[test]
fn p05_a_task_cancelled_before_its_first_poll_never_runs() {
    let mut fixture = fixture();
    let worker: Worker<()> =
        fixture.workers.worker("t").task(&fixture.ui, async |_| unreachable!("cancelled"));
    worker.cancel();
    assert!(worker.is_finished(), "at once: it had not begun");
    fixture.pump_until_finished(&worker);
    fixture.bridge.pump(&mut fixture.app).unwrap();
    assert_eq!(fixture.app.log, ["t PENDING", "t CANCELLED"]);
}

#[test]
fn p17_a_panic_in_a_task_is_its_error_and_does_not_unwind_through_the_loop() {
    worker_core::install_panic_hook();
    let mut fixture = fixture();
    let worker: Worker<()> =
        fixture.workers.worker("t").exit_on_error(false).task(&fixture.ui, async |_| panic!("bad task"));
    fixture.pump_until_finished(&worker);
    assert_eq!(worker.error().unwrap().panic().unwrap().message(), "bad task");
}

#[test]
fn p19_tasks_end_with_their_bridge() {
    let mut fixture = fixture();
    let events = fixture.workers.subscribe();
    let started: Worker<()> =
        fixture.workers.worker("started").task(&fixture.ui, async |_| std::future::pending().await);
    while !started.is_running() {
        fixture.bridge.wait(&mut fixture.app).unwrap();
    }
    let queued: Worker<()> =
        fixture.workers.worker("queued").task(&fixture.ui, async |_| std::future::pending().await);
    drop(fixture.bridge);
    let late: Worker<()> =
        fixture.workers.worker("late").task(&fixture.ui, async |_| std::future::pending().await);
    for worker in [started, queued, late] {
        assert!(worker.wait().unwrap_err().is_cancelled());
    }
    assert_eq!(events.try_iter().filter(|event| event.state.is_finished()).count(), 3);
}

#[test]
fn a_task_is_never_polled_unless_it_was_woken() {
    let mut fixture = fixture();
    let polls = Arc::new(AtomicUsize::new(0));
    let (waker_sender, waker_receiver) = bounded(1);
    let worker = fixture.workers.worker("t").task(&fixture.ui, {
        let polls = polls.clone();
        async move |_| {
            poll_fn(|cx| match polls.fetch_add(1, Ordering::SeqCst) {
                0 => {
                    waker_sender.send(cx.waker().clone()).unwrap();
                    Poll::Pending
                }
                _ => Poll::Ready(Ok(())),
            })
            .await
        }
    });
    while !worker.is_running() {
        fixture.bridge.wait(&mut fixture.app).unwrap();
    }
    for _ in 0..10 {
        fixture.ui.post(|_: &mut App| {}).unwrap();
        fixture.bridge.pump(&mut fixture.app).unwrap();
    }
    assert_eq!(polls.load(Ordering::SeqCst), 1);
    let waker = waker_receiver.recv().unwrap();
    waker.wake_by_ref();
    waker.wake_by_ref();
    fixture.pump_until_finished(&worker);
    waker.wake();
    fixture.bridge.pump(&mut fixture.app).unwrap();
    assert_eq!(polls.load(Ordering::SeqCst), 2, "two wakes before the poll are one poll");
}

#[test]
fn p19_an_async_call_on_a_closed_bridge_returns_closed() {
    let fixture = fixture();
    drop(fixture.bridge);
    let ui = fixture.ui;
    let mut call = std::pin::pin!(ui.call(|_| ()));
    let polled = call.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
    assert_eq!(polled, Poll::Ready(Err(CallError::Closed)));
}
