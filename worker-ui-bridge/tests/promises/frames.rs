//! P38: frames.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use worker_core::{Clock, ManualClock, WorkerManager};
use worker_ui_bridge::testing;
use worker_ui_bridge::{PumpError, UiBridge, UiHandle};

use crate::support::App;

const MILLISECOND: Duration = Duration::from_millis(1);

/// A bridge at 100 frames a second.
fn paced() -> (UiBridge<App>, Arc<ManualClock>, App) {
    let clock = Arc::new(ManualClock::new());
    let bridge = UiBridge::builder().clock(clock.clone()).frames_per_second(100).build();
    (bridge, clock, App::default())
}

#[test]
fn p38_a_key_after_a_rest_is_drawn_at_once() {
    let (mut bridge, clock, mut app) = paced();
    let ui = bridge.handle();
    for key in ["a", "b"] {
        ui.post(move |app: &mut App| app.record(key)).unwrap();
        let before = clock.now();
        bridge.next_frame(&mut app).unwrap();
        assert_eq!(clock.now(), before, "no wait");
        assert_eq!(app.log.last().unwrap(), key);
        clock.advance(MILLISECOND * 10);
    }
}

#[test]
fn p38_frames_come_no_oftener_than_the_rate_with_the_drawing_counted_in() {
    testing::many(20, |scheduler| {
        let mut bridge = UiBridge::builder().clock(scheduler.clock()).frames_per_second(100).build();
        let workers = WorkerManager::builder().clock(scheduler.clock()).build();
        let ui = bridge.handle();
        workers.worker("flood").thread(move |cx| {
            for _ in 0..100 {
                cx.sleep(MILLISECOND)?;
                ui.post(|app: &mut App| app.record("post"))?;
            }
            Ok(())
        });
        let (mut app, mut drawn) = (App::default(), Vec::new());
        while app.log.len() < 100 {
            bridge.next_frame(&mut app).unwrap();
            drawn.push(scheduler.elapsed());
            scheduler.advance(MILLISECOND * 4); // the drawing
        }
        assert_eq!(drawn[0], MILLISECOND, "at once");
        assert!(drawn.windows(2).all(|pair| pair[0] + MILLISECOND * 10 == pair[1]), "{drawn:?}");
    });
}

#[test]
fn p38_it_does_not_return_for_nothing() {
    testing::many(20, |scheduler| {
        let mut bridge = UiBridge::builder().clock(scheduler.clock()).build();
        let workers = WorkerManager::builder().clock(scheduler.clock()).build();
        let (ui, mut app) = (bridge.handle(), App::default());
        // A callback that is revoked, a task that sleeps, a timer that is cleared: nothing to see.
        let cancelled = workers.worker("cancelled").thread({
            let ui = ui.clone();
            move |cx| {
                ui.post(|app: &mut App| app.record("revoked"))?;
                Ok(cx.sleep(Duration::MAX)?)
            }
        });
        scheduler.run_until_parked();
        cancelled.cancel();
        workers.worker("task").task(&ui, async |cx| Ok(cx.sleep(MILLISECOND).await?));
        let timer = bridge.set_timeout(MILLISECOND * 2, |app| app.record("cleared"));
        ui.clear(timer);
        bridge.set_interval_while(MILLISECOND, |_| false, |app: &mut App| app.record("not wanted"));
        bridge.set_timeout(MILLISECOND * 5, |app| app.record("seen"));
        bridge.next_frame(&mut app).unwrap();
        assert_eq!((scheduler.elapsed(), &app.log[..]), (MILLISECOND * 5, &["seen".to_owned()][..]));
    });
}

#[test]
fn p38_what_callbacks_post_is_run_before_the_frame() {
    let (mut bridge, _clock, mut app) = paced();
    let ui = bridge.handle();
    let act = move |app: &mut App| {
        app.record("act");
        let again = ui.clone();
        let second = move |app: &mut App| {
            app.record("act of the act");
            again.post(|app: &mut App| app.record("and its act")).unwrap();
        };
        ui.post(second).unwrap();
    };
    bridge.handle().post(act).unwrap();
    bridge.next_frame(&mut app).unwrap();
    assert_eq!(app.log, ["act", "act of the act", "and its act"]);
}

fn again(app: &mut App, ui: &UiHandle<App>, clock: &Arc<ManualClock>) {
    app.record("again");
    clock.advance(MILLISECOND);
    let (next, time) = (ui.clone(), clock.clone());
    ui.post(move |app| again(app, &next, &time)).expect("the bridge is open");
}

#[test]
fn p38_callbacks_that_post_for_ever_do_not_keep_a_frame_back_longer_than_the_budget() {
    let (mut bridge, clock, mut app) = paced();
    let (ui, time) = (bridge.handle(), clock.clone());
    bridge.handle().post(move |app| again(app, &ui, &time)).unwrap();
    bridge.next_frame(&mut app).unwrap();
    assert_eq!(app.log.len(), 8, "8 ms of budget");
    bridge.next_frame(&mut app).unwrap();
    assert_eq!(app.log.len(), 18, "then at the rate");
}

#[test]
fn p38_an_error_comes_out_and_what_ran_before_is_drawn_next() {
    let (mut bridge, clock, mut app) = paced();
    let ui = bridge.handle();
    let fails = ui.clone();
    ui.post(move |app: &mut App| {
        app.record("seen");
        fails.fail("the end");
    })
    .unwrap();
    assert!(matches!(bridge.next_frame(&mut app), Err(PumpError::App { .. })));
    let before = clock.now();
    bridge.next_frame(&mut app).unwrap();
    assert_eq!((clock.now(), app.log.len()), (before, 1));
    bridge.close();
    assert!(matches!(bridge.next_frame(&mut app), Err(PumpError::Closed)));
}

#[test]
fn p38_a_post_from_another_thread_ends_the_rest() {
    let mut bridge: UiBridge<bool> = UiBridge::new();
    let (ui, posted) = (bridge.handle(), Arc::new(AtomicBool::new(false)));
    let posts = posted.clone();
    let thread = std::thread::spawn(move || {
        posts.store(true, Ordering::SeqCst);
        ui.post(|seen| *seen = true).unwrap();
    });
    let mut seen = false;
    bridge.next_frame(&mut seen).unwrap();
    assert!(seen && posted.load(Ordering::SeqCst));
    thread.join().unwrap();
}

#[test]
fn p38_what_the_handler_of_the_event_that_ends_the_loop_has_changed_is_drawn_next() {
    let (mut bridge, mut app) = (UiBridge::new(), App::default());
    let events = bridge.handle().state_changes(App::on_worker_state_changed);
    let workers = WorkerManager::builder().events(events).build();
    workers.worker("w").thread(|_| Err::<(), _>("no route".into()));
    while bridge.next_frame(&mut app).is_ok() {}
    assert_eq!(app.log.last().unwrap(), "w ERROR");
    bridge.next_frame(&mut app).unwrap(); // returns: the state has changed since the last frame
}
