//! P3, P6, P15: calls and posts from workers.

use crossbeam_channel::bounded;
use worker_core::Worker;
use worker_ui_bridge::{CallError, PostError, TryPostError, UiBridge, UiHandle};

use crate::support::{Ui, stage};

#[test]
fn s17_a_call_runs_on_the_ui_thread_and_gives_its_value_back() {
    let mut stage = stage();
    let ui = stage.ui.clone();
    let worker = stage.workers.worker("w").thread(move |_| {
        let here = std::thread::current().id();
        let there = ui.call_from_thread(|app| {
            app.see("called");
            std::thread::current().id()
        })?;
        Ok(here != there && there == ui.call_from_thread(|_| std::thread::current().id())?)
    });
    stage.pump_until_finished(&worker);
    assert_eq!(worker.result(), Some(&true));
    assert_eq!(stage.app.seen, ["w PENDING", "w RUNNING", "called", "w SUCCESS"]);
}

#[test]
fn p03_events_and_callbacks_arrive_in_the_order_in_which_the_worker_made_them() {
    let mut stage = stage();
    let ui = stage.ui.clone();
    let worker = stage.workers.worker("w").thread(move |_| {
        ui.post(|app| app.see("first"))?;
        ui.call_from_thread(|app| app.see("second"))?;
        ui.post(|app| app.see("third"))?;
        Ok(())
    });
    stage.pump_until_finished(&worker);
    assert_eq!(stage.app.seen, ["w PENDING", "w RUNNING", "first", "second", "third", "w SUCCESS"]);
}

#[test]
fn p06_no_callback_of_a_worker_runs_once_it_was_cancelled_on_the_ui_thread() {
    let mut stage = stage();
    let ui = stage.ui.clone();
    let (posted, is_posted) = bounded(0);
    let (go_on, gate) = bounded::<()>(0);
    let worker: Worker<()> = stage.workers.worker("w").thread(move |_| {
        ui.post(|app| app.see("must not be seen"))?;
        posted.send(())?;
        gate.recv()?;
        assert_eq!(ui.post(|app| app.see("nor this")), Err(PostError::Cancelled));
        assert_eq!(ui.call_from_thread(|app| app.see("nor this")), Err(CallError::Cancelled));
        assert!(matches!(ui.try_post(|app| app.see("nor this")), Err(TryPostError::Cancelled(_))));
        Ok(())
    });
    is_posted.recv().unwrap();
    worker.cancel();
    go_on.send(()).unwrap();
    stage.pump_until_finished(&worker);
    assert_eq!(stage.app.seen, ["w PENDING", "w RUNNING", "w CANCELLED"]);
}

#[test]
fn p06_a_worker_blocked_in_a_call_comes_back_when_it_is_cancelled() {
    let mut stage = stage();
    let ui = stage.ui.clone();
    let (told, heard) = bounded(1);
    let (calling, is_calling) = bounded(0);
    let worker: Worker<()> = stage.workers.worker("w").thread(move |_| {
        calling.send(())?;
        told.send(ui.call_from_thread(|app| app.see("must not be seen")))?;
        Ok(())
    });
    is_calling.recv().unwrap();
    worker.cancel();
    assert_eq!(heard.recv().unwrap(), Err(CallError::Cancelled), "without a turn of the loop");
    stage.pump_until_finished(&worker);
    assert!(!stage.app.seen.contains(&"must not be seen".to_owned()));
}

#[test]
fn p06_the_user_never_sees_the_answer_to_an_old_query() {
    let mut stage = stage();
    let search = |stage: &crate::support::Stage, query: &'static str| {
        let ui = stage.ui.clone();
        stage
            .workers
            .worker(query)
            .group("search")
            .exclusive()
            .thread(move |_| Ok(ui.post(move |app| app.see(query))?))
    };
    let old = search(&stage, "old");
    while !old.is_finished() {
        std::thread::yield_now();
    }
    // The old worker has even finished; only its answer still waits in the queue.
    let new = search(&stage, "new");
    stage.pump_until_finished(&new);
    assert!(stage.app.seen.contains(&"old SUCCESS".to_owned()));
    assert!(!stage.app.seen.contains(&"old".to_owned()), "{:?}", stage.app.seen);
    assert!(stage.app.seen.contains(&"new".to_owned()));
}

#[test]
fn p06_leaving_a_screen_silences_even_its_finished_workers() {
    let mut stage = stage();
    let screen = stage.workers.scope("screen");
    let ui = stage.ui.clone();
    let worker = screen.worker("w").thread(move |_| Ok(ui.post(|app| app.see("must not be seen"))?));
    while !worker.is_finished() {
        std::thread::yield_now();
    }
    drop(screen);
    stage.pump_until_finished(&worker);
    assert_eq!(stage.app.seen, ["w PENDING", "w RUNNING", "w SUCCESS"]);
}

#[test]
fn p06_a_callback_may_cancel_its_own_worker() {
    let mut stage = stage();
    let ui = stage.ui.clone();
    let (told, heard) = bounded(1);
    let worker: Worker<()> = stage.workers.worker("w").thread(move |cx| {
        let me = cx.worker().clone();
        let answer = ui.call_from_thread(move |app| {
            app.see("running");
            me.cancel();
        });
        told.send(answer)?;
        Ok(())
    });
    stage.pump_until_finished(&worker);
    // Either came first: the value or the cancel. Never a hang, and the callback ran to its end.
    assert!(matches!(heard.recv().unwrap(), Ok(()) | Err(CallError::Cancelled)));
    assert_eq!(stage.app.seen, ["w PENDING", "w RUNNING", "running", "w CANCELLED"]);
}

#[test]
fn p15_a_call_on_the_ui_thread_fails_at_once() {
    let mut stage = stage();
    assert_eq!(stage.ui.call_from_thread(|app| app.see("never")), Err(CallError::UiThread));
    let ui = stage.ui.clone();
    stage
        .ui
        .post(move |app| {
            let inside = ui.call_from_thread(|_| ());
            app.see(format!("{inside:?}"));
        })
        .unwrap();
    stage.bridge.pump(&mut stage.app).unwrap();
    assert_eq!(stage.app.seen, ["Err(UiThread)"]);
}

#[test]
fn p15_waiting_for_a_worker_on_the_ui_thread_is_refused() {
    let stage = stage();
    let ui = stage.ui.clone();
    let worker = stage.workers.worker("w").thread(move |_| Ok(ui.call_from_thread(|_| ())?));
    assert!(matches!(worker.wait(), Err(worker_core::WaitError::UiThread)));
}

#[test]
fn p17_a_panic_in_a_callback_reaches_the_worker_and_then_unwinds_on_the_ui_thread() {
    let mut stage = stage();
    let ui = stage.ui.clone();
    let worker = stage.workers.worker("w").thread(move |_| {
        let answer = ui.call_from_thread(|_| panic!("in the callback"));
        ui.post(|app| app.see("still alive"))?;
        Ok(answer.unwrap_err())
    });
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        stage.pump_until_finished(&worker);
    }));
    assert_eq!(panicked.unwrap_err().downcast_ref(), Some(&"in the callback"));
    stage.pump_until_finished(&worker);
    assert_eq!(worker.result(), Some(&CallError::Panicked));
    assert_eq!(stage.app.seen, ["w PENDING", "w RUNNING", "still alive", "w SUCCESS"]);
}

#[test]
fn p17_what_was_queued_behind_a_panicking_callback_is_kept() {
    let mut bridge = UiBridge::new();
    let ui: UiHandle<Ui> = bridge.handle();
    let mut app = Ui::default();
    ui.post(|_| panic!("first")).unwrap();
    ui.post(|app| app.see("second")).unwrap();
    let turn = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| bridge.pump(&mut app)));
    assert!(turn.is_err());
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 1);
    assert_eq!(app.seen, ["second"]);
}

#[test]
fn p06_an_async_call_in_a_cancelled_worker_is_answered_at_once() {
    let mut stage = stage();
    let ui = stage.ui.clone();
    let worker: Worker<()> = stage.workers.worker("w").thread(move |cx| {
        let mut waiting = std::pin::pin!(ui.call(|app| app.see("must not be seen")));
        let mut nowhere = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(waiting.as_mut().poll(&mut nowhere).is_pending());
        cx.worker().cancel();
        assert_eq!(waiting.as_mut().poll(&mut nowhere), std::task::Poll::Ready(Err(CallError::Cancelled)));
        let mut late = std::pin::pin!(ui.call(|app| app.see("nor this")));
        assert_eq!(late.as_mut().poll(&mut nowhere), std::task::Poll::Ready(Err(CallError::Cancelled)));
        Ok(())
    });
    while !worker.is_finished() {
        std::thread::yield_now();
    }
    assert!(worker.error().unwrap().is_cancelled(), "{:?}", worker.error());
    stage.pump_until_finished(&worker);
    assert_eq!(stage.app.seen, ["w PENDING", "w RUNNING", "w CANCELLED"]);
}
