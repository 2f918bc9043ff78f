//! P3, P6, P15, P17: calls and posts from workers.

use crossbeam_channel::bounded;
use worker_core::Worker;
use worker_ui_bridge::{CallError, PostError, TryPostError, UiBridge, UiHandle};

use crate::support::{App, fixture};

#[test]
fn s17_a_call_runs_on_the_ui_thread_and_gives_its_value_back() {
    let mut fixture = fixture();
    let ui = fixture.ui.clone();
    let worker = fixture.workers.worker("w").thread(move |_| {
        let worker_thread = std::thread::current().id();
        let ui_thread = ui.call_from_thread(|app| {
            app.record("called");
            std::thread::current().id()
        })?;
        Ok(worker_thread != ui_thread && ui_thread == ui.call_from_thread(|_| std::thread::current().id())?)
    });
    fixture.pump_until_finished(&worker);
    assert_eq!(worker.result(), Some(&true));
    assert_eq!(fixture.app.log, ["w PENDING", "w RUNNING", "called", "w SUCCESS"]);
}

#[test]
fn p03_events_and_callbacks_arrive_in_the_order_in_which_the_worker_made_them() {
    let mut fixture = fixture();
    let ui = fixture.ui.clone();
    let worker = fixture.workers.worker("w").thread(move |_| {
        ui.post(|app| app.record("first"))?;
        ui.call_from_thread(|app| app.record("second"))?;
        ui.post(|app| app.record("third"))?;
        Ok(())
    });
    fixture.pump_until_finished(&worker);
    assert_eq!(fixture.app.log, ["w PENDING", "w RUNNING", "first", "second", "third", "w SUCCESS"]);
}

#[test]
fn p06_no_callback_of_a_worker_runs_once_it_was_cancelled_on_the_ui_thread() {
    let mut fixture = fixture();
    let ui = fixture.ui.clone();
    let (posted, is_posted) = bounded(0);
    let (release, released) = bounded::<()>(0);
    let worker: Worker<()> = fixture.workers.worker("w").thread(move |_| {
        ui.post(|app| app.record("must not run"))?;
        posted.send(())?;
        released.recv()?;
        assert_eq!(ui.post(|app| app.record("must not run")), Err(PostError::Cancelled));
        assert_eq!(ui.call_from_thread(|app| app.record("must not run")), Err(CallError::Cancelled));
        assert!(matches!(ui.try_post(|app| app.record("must not run")), Err(TryPostError::Cancelled(_))));
        Ok(())
    });
    is_posted.recv().unwrap();
    worker.cancel();
    release.send(()).unwrap();
    fixture.pump_until_finished(&worker);
    assert_eq!(fixture.app.log, ["w PENDING", "w RUNNING", "w CANCELLED"]);
}

#[test]
fn p06_a_worker_blocked_in_a_call_returns_when_it_is_cancelled() {
    let mut fixture = fixture();
    let ui = fixture.ui.clone();
    let (sender, replies) = bounded(1);
    let (calling, is_calling) = bounded(0);
    let worker: Worker<()> = fixture.workers.worker("w").thread(move |_| {
        calling.send(())?;
        sender.send(ui.call_from_thread(|app| app.record("must not run")))?;
        Ok(())
    });
    is_calling.recv().unwrap();
    worker.cancel();
    assert_eq!(replies.recv().unwrap(), Err(CallError::Cancelled), "without a turn of the loop");
    fixture.pump_until_finished(&worker);
    assert!(!fixture.app.log.contains(&"must not run".to_owned()));
}

#[test]
fn p06_the_result_of_a_superseded_query_is_never_shown() {
    let mut fixture = fixture();
    let search = |fixture: &crate::support::Fixture, query: &'static str| {
        let ui = fixture.ui.clone();
        fixture
            .workers
            .worker(query)
            .group("search")
            .exclusive()
            .thread(move |_| Ok(ui.post(move |app| app.record(query))?))
    };
    let old = search(&fixture, "old");
    while !old.is_finished() {
        std::thread::yield_now();
    }
    // The old worker has finished; its callback is still queued.
    let new = search(&fixture, "new");
    fixture.pump_until_finished(&new);
    assert!(fixture.app.log.contains(&"old SUCCESS".to_owned()));
    assert!(!fixture.app.log.contains(&"old".to_owned()), "{:?}", fixture.app.log);
    assert!(fixture.app.log.contains(&"new".to_owned()));
}

#[test]
fn p06_dropping_a_scope_revokes_the_callbacks_of_its_finished_workers_too() {
    let mut fixture = fixture();
    let screen = fixture.workers.scope("screen");
    let ui = fixture.ui.clone();
    let worker = screen.worker("w").thread(move |_| Ok(ui.post(|app| app.record("must not run"))?));
    while !worker.is_finished() {
        std::thread::yield_now();
    }
    drop(screen);
    fixture.pump_until_finished(&worker);
    assert_eq!(fixture.app.log, ["w PENDING", "w RUNNING", "w SUCCESS"]);
}

#[test]
fn p06_a_callback_may_cancel_its_own_worker() {
    let mut fixture = fixture();
    let ui = fixture.ui.clone();
    let (sender, replies) = bounded(1);
    let worker: Worker<()> = fixture.workers.worker("w").thread(move |cx| {
        let this_worker = cx.worker().clone();
        let result = ui.call_from_thread(move |app| {
            app.record("running");
            this_worker.cancel();
        });
        sender.send(result)?;
        Ok(())
    });
    fixture.pump_until_finished(&worker);
    // The value and the cancel race. The call returns, and the callback ran to its end.
    assert!(matches!(replies.recv().unwrap(), Ok(()) | Err(CallError::Cancelled)));
    assert_eq!(fixture.app.log, ["w PENDING", "w RUNNING", "running", "w CANCELLED"]);
}

#[test]
fn p15_a_call_on_the_ui_thread_fails_at_once() {
    let mut fixture = fixture();
    assert_eq!(fixture.ui.call_from_thread(|app| app.record("never")), Err(CallError::UiThread));
    let ui = fixture.ui.clone();
    fixture
        .ui
        .post(move |app| {
            let inside = ui.call_from_thread(|_| ());
            app.record(format!("{inside:?}"));
        })
        .unwrap();
    fixture.bridge.pump(&mut fixture.app).unwrap();
    assert_eq!(fixture.app.log, ["Err(UiThread)"]);
}

#[test]
fn p15_waiting_for_a_worker_on_the_ui_thread_is_refused() {
    let fixture = fixture();
    let ui = fixture.ui.clone();
    let worker = fixture.workers.worker("w").thread(move |_| Ok(ui.call_from_thread(|_| ())?));
    assert!(matches!(worker.wait(), Err(worker_core::WaitError::UiThread)));
}

#[test]
fn p17_a_panic_in_a_callback_reaches_the_worker_and_then_unwinds_on_the_ui_thread() {
    let mut fixture = fixture();
    let ui = fixture.ui.clone();
    let worker = fixture.workers.worker("w").thread(move |_| {
        let result = ui.call_from_thread(|_| panic!("in the callback"));
        ui.post(|app| app.record("after the panic"))?;
        Ok(result.unwrap_err())
    });
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        fixture.pump_until_finished(&worker);
    }));
    assert_eq!(panicked.unwrap_err().downcast_ref(), Some(&"in the callback"));
    fixture.pump_until_finished(&worker);
    assert_eq!(worker.result(), Some(&CallError::Panicked));
    assert_eq!(fixture.app.log, ["w PENDING", "w RUNNING", "after the panic", "w SUCCESS"]);
}

#[test]
fn p17_what_was_queued_behind_a_panicking_callback_is_kept() {
    let mut bridge = UiBridge::new();
    let ui: UiHandle<App> = bridge.handle();
    let mut app = App::default();
    ui.post(|_| panic!("first")).unwrap();
    ui.post(|app| app.record("second")).unwrap();
    let turn = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| bridge.pump(&mut app)));
    assert!(turn.is_err());
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 1);
    assert_eq!(app.log, ["second"]);
}

#[test]
fn p06_an_async_call_in_a_cancelled_worker_is_ready_at_once() {
    let mut fixture = fixture();
    let ui = fixture.ui.clone();
    let worker: Worker<()> = fixture.workers.worker("w").thread(move |cx| {
        let mut pending = std::pin::pin!(ui.call(|app| app.record("must not run")));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(pending.as_mut().poll(&mut context).is_pending());
        cx.worker().cancel();
        assert_eq!(pending.as_mut().poll(&mut context), std::task::Poll::Ready(Err(CallError::Cancelled)));
        let mut late = std::pin::pin!(ui.call(|app| app.record("must not run")));
        assert_eq!(late.as_mut().poll(&mut context), std::task::Poll::Ready(Err(CallError::Cancelled)));
        Ok(())
    });
    while !worker.is_finished() {
        std::thread::yield_now();
    }
    assert!(worker.error().unwrap().is_cancelled(), "{:?}", worker.error());
    fixture.pump_until_finished(&worker);
    assert_eq!(fixture.app.log, ["w PENDING", "w RUNNING", "w CANCELLED"]);
}
