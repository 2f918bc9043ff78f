//! Foreign code at awkward moments: drops that park or panic, wakers that panic while a callback
//! unwinds, readers that panic, sinks on another worker's thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use worker_core::{StateChanged, Worker, WorkerManager, install_panic_hook};
use worker_ui_bridge::{PumpError, UiBridge, UiHandle};

use crate::support::{App, Fixture, fixture, manual_clock_fixture};

/// Calls a function when dropped.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[test]
fn p15_wait_for_is_not_missed_when_a_cleared_timer_parks_in_its_drop() {
    let (done, ended) = channel();
    thread::spawn(move || {
        let mut bridge = UiBridge::<()>::new();
        let (go, gate) = channel::<()>();
        let worker = WorkerManager::new().worker("w").thread(move |_| Ok(gate.recv()?));
        let watched = worker.clone();
        // Its drop lets the worker end, and uses up the unpark that says so.
        let parks = OnDrop(move || {
            let _ = go.send(());
            while !watched.is_finished() {
                thread::yield_now();
            }
            thread::park_timeout(Duration::from_secs(1));
        });
        let timer = bridge.set_timeout(Duration::from_hours(1), move |()| drop(parks));
        bridge.handle().clear(timer);
        assert!(bridge.wait_for(&mut (), &worker).is_ok());
        done.send(()).unwrap();
    });
    assert!(ended.recv_timeout(Duration::from_secs(20)).is_ok(), "the UI thread sleeps past the end");
}

/// Panics when dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

#[test]
fn p24_a_cleared_timer_whose_drop_panics_loses_no_other_clear() {
    install_panic_hook();
    let (mut bridge, clock, mut app) = manual_clock_fixture();
    let second = Duration::from_secs(1);
    let bomb = Bomb;
    let timers = [
        bridge.set_interval(second, move |_: &mut App| _ = &bomb),
        bridge.set_interval(second, |app: &mut App| app.record("cleared")),
        bridge.set_interval(second, |app: &mut App| app.record("cleared")),
    ];
    for timer in timers {
        bridge.handle().clear(timer);
    }
    bridge.pump(&mut app).unwrap();
    clock.advance(second);
    bridge.pump(&mut app).unwrap();
    assert_eq!(app.log, [""; 0]);
    assert_eq!(bridge.next_deadline(), None);
}

#[test]
fn p17_a_panic_payload_whose_drop_panics_escapes_neither_post_nor_close() {
    install_panic_hook();
    let mut bridge: UiBridge<()> = UiBridge::builder().waker(|| std::panic::panic_any(Bomb)).build();
    let ui = bridge.handle();
    ui.post(|()| {}).unwrap();
    let dropped = OnDrop(|| std::panic::panic_any(Bomb));
    ui.post(move |()| drop(dropped)).unwrap();
    bridge.close();
}

#[test]
fn p20_a_budget_of_zero_runs_exactly_one_and_starves_neither_timers_nor_entries() {
    let clock = Arc::new(worker_core::ManualClock::new());
    let mut bridge: UiBridge<App> = UiBridge::builder().clock(clock.clone()).budget(Duration::ZERO).build();
    let (ui, mut app) = (bridge.handle(), App::default());
    bridge.set_interval(Duration::from_secs(1), |app: &mut App| app.record("tick"));
    for _ in 0..3 {
        ui.post(|app| app.record("post")).unwrap();
    }
    for _ in 0..6 {
        clock.advance(Duration::from_secs(1));
        assert_eq!(bridge.pump(&mut app).unwrap().ran(), 1, "{:?}", app.log);
    }
    assert_eq!(app.log, ["tick", "post", "tick", "post", "tick", "post"]);
}

#[test]
fn p17_a_readers_panic_comes_out_of_the_loop() {
    install_panic_hook();
    let mut bridge = UiBridge::<Vec<Option<u8>>>::new();
    let mut readings = vec![Some(1)].into_iter();
    let read = move || readings.next().unwrap_or_else(|| panic!("the device is gone"));
    bridge.handle().source("device", read, Vec::push).unwrap();
    let mut seen = Vec::new();
    let error = loop {
        match bridge.wait(&mut seen) {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(seen, [Some(1)], "what it read before is delivered first");
    assert!(matches!(error, PumpError::SourcePanicked { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("device") && text.contains("the device is gone"), "{text}");
    bridge.pump(&mut seen).unwrap();
}

struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        panic!("bad waker");
    }
}

#[test]
fn p17_a_waker_that_panics_while_a_callback_unwinds_does_not_abort() {
    install_panic_hook();
    let mut bridge = UiBridge::<()>::new();
    let mut call = Box::pin(bridge.handle().call(|()| -> () { panic!("in the callback") }));
    let waker = Waker::from(Arc::new(Panics));
    assert!(call.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    let unwound = catch_unwind(AssertUnwindSafe(|| bridge.pump(&mut ()))).unwrap_err();
    assert_eq!(unwound.downcast_ref(), Some(&"in the callback"));
}

#[test]
fn p02_a_sink_that_posts_loses_no_event_on_a_cancelled_workers_thread() {
    let mut bridge = UiBridge::<App>::new();
    let ui: UiHandle<App> = bridge.handle();
    let sink = move |event: StateChanged| {
        let text = format!("{} {}", event.worker.name(), event.state);
        ui.post(move |app| app.record(text)).unwrap();
    };
    let workers = WorkerManager::builder().events(sink).build();
    let other = workers.worker("other").paused().thread(|_| Ok(()));
    let target = other.clone();
    let canceller: Worker<()> = workers.worker("canceller").thread(move |cx| {
        cx.worker().cancel();
        target.cancel(); // its event is emitted on this thread
        Ok(())
    });
    let mut app = App::default();
    while !(canceller.is_finished() && other.is_finished()) {
        thread::yield_now();
    }
    thread::spawn(move || drop(canceller.wait())).join().unwrap();
    while bridge.pump(&mut app).unwrap().more() {}
    assert!(app.log.contains(&"other CANCELLED".to_owned()), "{:?}", app.log);
    assert!(app.log.contains(&"canceller CANCELLED".to_owned()), "{:?}", app.log);
}

#[test]
fn p26_a_shutdown_on_the_ui_thread_drops_a_task_that_was_cancelled_elsewhere() {
    let Fixture { mut bridge, workers, mut app, .. } = fixture();
    let dropped = Arc::new(());
    let kept = dropped.clone();
    let task: Worker<()> = workers.worker("t").task(&bridge.handle(), async move |cx| {
        cx.sleep(Duration::MAX).await?;
        drop(kept);
        Ok(())
    });
    while !task.is_running() {
        let _ = bridge.wait(&mut app).unwrap();
    }
    thread::scope(|threads| {
        threads.spawn(|| task.cancel());
    });
    let began = Instant::now();
    let report = workers.shutdown(Duration::from_secs(20));
    assert!(report.is_clean(), "{report:?}");
    assert!(began.elapsed() < Duration::from_secs(10), "it took its grace");
    assert_eq!(Arc::strong_count(&dropped), 1);
}

#[test]
fn p05_a_second_cancel_on_the_ui_thread_ends_a_task_that_was_cancelled_elsewhere() {
    let Fixture { mut bridge, workers, mut app, .. } = fixture();
    let task: Worker<()> =
        workers.worker("t").task(&bridge.handle(), async |cx| Ok(cx.sleep(Duration::MAX).await?));
    while !task.is_running() {
        let _ = bridge.wait(&mut app).unwrap();
    }
    thread::scope(|threads| {
        threads.spawn(|| task.cancel());
    });
    assert!(task.is_running(), "it is dropped on its own thread only");
    task.cancel();
    assert!(task.is_finished());
}
