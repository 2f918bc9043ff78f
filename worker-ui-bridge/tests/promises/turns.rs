//! P19, P20, P21, P23: queueing before the loop, bounded turns, wake-ups, room.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::bounded;
use worker_core::{Clock, ManualClock, Worker, WorkerManager, install_panic_hook};
use worker_ui_bridge::{PostError, UiBridge, UiHandle};

use crate::support::{Ui, timed};

#[test]
fn p19_calls_queue_before_the_loop_turns() {
    let mut bridge = UiBridge::new();
    let ui = bridge.handle();
    let worker = WorkerManager::new().worker("early").thread(move |_| {
        Ok(ui.call_from_thread(|app: &mut Ui| {
            app.see("answered");
            1
        })?)
    });
    let mut app = Ui::default();
    while app.seen.is_empty() {
        bridge.wait(&mut app).unwrap();
    }
    drop(bridge);
    assert_eq!(worker.wait().ok(), Some(&1));
}

#[test]
fn p20_a_turn_runs_what_was_queued_when_it_began() {
    let mut bridge = UiBridge::new();
    let ui: UiHandle<Ui> = bridge.handle();
    let mut app = Ui::default();
    let again = ui.clone();
    ui.post(move |app| {
        app.see("first");
        again.post(|app| app.see("queued meanwhile")).unwrap();
    })
    .unwrap();
    ui.post(|app| app.see("second")).unwrap();
    let turn = bridge.pump(&mut app).unwrap();
    assert_eq!((turn.ran(), turn.more()), (2, true));
    assert_eq!(app.seen, ["first", "second"]);
    let turn = bridge.pump(&mut app).unwrap();
    assert_eq!((turn.ran(), turn.more()), (1, false));
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 0);
}

#[test]
fn p20_a_turn_stops_when_its_budget_is_used_up() {
    let clock = Arc::new(ManualClock::new());
    let mut bridge = UiBridge::builder().clock(clock.clone()).budget(Duration::from_millis(8)).build();
    let ui: UiHandle<Ui> = bridge.handle();
    let mut app = Ui::default();
    for _ in 0..10 {
        let clock = clock.clone();
        ui.post(move |app| {
            app.see("slow");
            clock.advance(Duration::from_millis(3));
        })
        .unwrap();
    }
    let turn = bridge.pump(&mut app).unwrap();
    assert_eq!((turn.ran(), turn.more()), (3, true), "3 × 3 ms is past 8 ms");
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 3);
    assert_eq!(bridge.wait(&mut app).unwrap().ran(), 3, "what is left is not slept on");
    assert_eq!(bridge.wait(&mut app).unwrap().ran(), 1);
}

#[test]
fn p21_the_waker_is_called_once_per_empty_to_non_empty() {
    let wakes = Arc::new(AtomicUsize::new(0));
    let counter = wakes.clone();
    let mut bridge = UiBridge::builder().waker(move || _ = counter.fetch_add(1, Ordering::SeqCst)).build();
    let ui: UiHandle<Ui> = bridge.handle();
    let mut app = Ui::default();
    for _ in 0..3 {
        ui.post(|app| app.see("post")).unwrap();
    }
    assert_eq!(wakes.load(Ordering::SeqCst), 1);
    bridge.pump(&mut app).unwrap();
    ui.post(|app| app.see("post")).unwrap();
    assert_eq!(wakes.load(Ordering::SeqCst), 2);
}

#[test]
fn p23_a_post_from_a_worker_waits_for_room() {
    let mut bridge = UiBridge::builder().capacity(2).build();
    let ui: UiHandle<Ui> = bridge.handle();
    let (sent, count) = bounded(100);
    let worker = WorkerManager::new().worker("flood").thread(move |_| {
        for n in 0..100 {
            ui.post(move |app| app.see(n.to_string()))?;
            sent.send(n)?;
        }
        Ok(())
    });
    assert_eq!((count.recv(), count.recv()), (Ok(0), Ok(1)));
    assert!(count.try_recv().is_err() && worker.is_running(), "the third waits");
    let mut app = Ui::default();
    while app.seen.len() < 100 {
        bridge.wait(&mut app).unwrap();
    }
    assert!(app.seen.iter().map(|seen| seen.parse::<usize>().unwrap()).eq(0..100), "in order");
}

#[test]
fn p23_a_cancel_ends_the_wait_for_room() {
    let bridge: UiBridge<Ui> = UiBridge::builder().capacity(1).build();
    let ui = bridge.handle();
    let (told, heard) = bounded(1);
    let (full, is_full) = bounded(1);
    let worker: Worker<()> = WorkerManager::new().worker("flood").thread(move |_| {
        ui.post(|app| app.see("fits"))?;
        full.send(())?;
        told.send(ui.post(|app| app.see("does not")))?;
        Ok(())
    });
    is_full.recv().unwrap();
    worker.cancel();
    assert_eq!(heard.recv().unwrap(), Err(PostError::Cancelled));
}

#[test]
fn p23_the_ui_thread_never_waits_for_room() {
    let mut bridge = UiBridge::builder().capacity(1).build();
    let ui: UiHandle<Ui> = bridge.handle();
    for _ in 0..100 {
        ui.post(|app| app.see("own")).unwrap();
    }
    let mut app = Ui::default();
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 100);
}

#[test]
fn p23_state_changes_never_wait_for_room() {
    let bridge: UiBridge<Ui> = UiBridge::builder().capacity(1).build();
    let ui = bridge.handle();
    let workers = WorkerManager::builder().events(ui.state_changes(Ui::on_worker_state_changed)).build();
    let all: Vec<_> = (0..50).map(|_| workers.worker("w").thread(|_| Ok(()))).collect();
    assert!(workers.shutdown(Duration::MAX).is_clean(), "with nobody pumping");
    assert!(all.iter().all(|worker| worker.is_finished()));
}

#[test]
fn wait_timeout_gives_up_by_the_bridges_clock() {
    let (mut bridge, clock, mut app) = timed();
    std::thread::scope(|threads| {
        threads.spawn(|| {
            clock.wait_for_sleepers(1);
            clock.advance(Duration::from_secs(1));
        });
        assert_eq!(bridge.wait_timeout(&mut app, Duration::from_secs(1)).unwrap().ran(), 0);
    });
}

#[test]
fn p20_slow_timers_do_not_starve_the_queue() {
    let (mut bridge, clock, mut app) = timed();
    let slow = clock.clone();
    bridge.set_interval(Duration::from_millis(10), move |_| slow.advance(Duration::from_millis(11)));
    clock.advance(Duration::from_millis(10));
    bridge.handle().post(|app| app.see("posted")).unwrap();
    assert_eq!(
        bridge.pump(&mut app).unwrap().ran(),
        2,
        "the tick used up the budget, and one entry was run all the same"
    );
}

#[test]
fn p20_a_budget_of_zero_runs_one_entry_a_turn() {
    let mut bridge = UiBridge::builder().budget(Duration::ZERO).build();
    let ui: UiHandle<Ui> = bridge.handle();
    ui.post(|app| app.see("first")).unwrap();
    ui.post(|app| app.see("second")).unwrap();
    let mut app = Ui::default();
    let turn = bridge.pump(&mut app).unwrap();
    assert_eq!((turn.ran(), turn.more()), (1, true));
    let turn = bridge.pump(&mut app).unwrap();
    assert_eq!((turn.ran(), turn.more()), (1, false));
}

#[test]
fn p21_a_waker_that_panics_ends_nobodys_life() {
    install_panic_hook();
    let bridge: UiBridge<Ui> = UiBridge::builder().waker(|| panic!("the loop has gone")).build();
    let workers = WorkerManager::builder()
        .events(bridge.handle().state_changes(Ui::on_worker_state_changed))
        .max_threads(1)
        .build();
    let worker = workers.worker("w").thread(|_| Ok(()));
    assert!(workers.shutdown(Duration::MAX).is_clean());
    assert!(worker.is_finished());
}

#[test]
fn p24_a_foreign_loop_is_told_how_long_it_may_sleep() {
    let (mut bridge, clock, mut app) = timed();
    assert_eq!(bridge.next_deadline(), None);
    bridge.set_timeout(Duration::from_secs(3), |app| app.see("due"));
    assert_eq!(bridge.next_deadline(), Some(clock.now() + Duration::from_secs(3)));
    clock.advance(Duration::from_secs(3));
    bridge.pump(&mut app).unwrap();
    assert_eq!(bridge.next_deadline(), None);
}

#[test]
fn p20_a_flood_of_a_million_posts_keeps_no_frame_from_being_drawn() {
    let clock = Arc::new(ManualClock::new());
    let budget = Duration::from_millis(8);
    let mut bridge = UiBridge::builder().clock(clock.clone()).budget(budget).build();
    let ui: UiHandle<(usize, Arc<ManualClock>)> = bridge.handle();
    let flood: Vec<_> = (0..4)
        .map(|_| {
            let ui = ui.clone();
            std::thread::spawn(move || {
                for _ in 0..250_000 {
                    // Each callback takes ten microseconds of the test's time.
                    ui.post(|(ran, clock)| {
                        *ran += 1;
                        clock.advance(Duration::from_micros(10));
                    })
                    .unwrap();
                }
            })
        })
        .collect();
    let mut app = (0, clock.clone());
    let mut frames = 0;
    while app.0 < 1_000_000 {
        let began = clock.now();
        bridge.wait(&mut app).unwrap();
        assert!(
            clock.now() - began <= budget + Duration::from_micros(10),
            "the frame after {frames} is late"
        );
        frames += 1;
    }
    assert!(frames >= 1250, "a million times ten microseconds, at most eight milliseconds a frame");
    for thread in flood {
        thread.join().unwrap();
    }
}

#[test]
fn p20_a_wait_with_a_limit_ends_its_turn_there() {
    let (mut bridge, clock, mut app) = timed();
    let ui = bridge.handle();
    for _ in 0..6 {
        let time = clock.clone();
        ui.post(move |_: &mut Ui| time.advance(Duration::from_millis(1))).unwrap();
    }
    let turned = bridge.wait_timeout(&mut app, Duration::from_millis(2)).unwrap();
    assert_eq!((turned.ran(), turned.more()), (2, true), "less than its budget allows");
    let turned = bridge.wait_timeout(&mut app, Duration::ZERO).unwrap();
    assert_eq!((turned.ran(), turned.more()), (1, true), "one in any case");
    let turned = bridge.wait_timeout(&mut app, Duration::from_secs(1)).unwrap();
    assert_eq!((turned.ran(), turned.more()), (3, false));
}

/// A clock that notes every park and counts the returns.
#[derive(Debug)]
struct Watched {
    time: ManualClock,
    parked: crossbeam_channel::Sender<Option<Duration>>,
    returned: AtomicUsize,
}

impl Clock for Watched {
    fn now(&self) -> Instant {
        self.time.now()
    }

    fn park_until(&self, deadline: Option<Instant>) {
        let _ = self.parked.send(deadline.map(|deadline| deadline - self.now()));
        self.time.park_until(deadline);
        self.returned.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn p30_an_idle_bridge_makes_no_wake_ups() {
    let (parked, parks) = crossbeam_channel::unbounded();
    let clock = Arc::new(Watched { time: ManualClock::new(), parked, returned: AtomicUsize::new(0) });
    let returned = || clock.returned.load(Ordering::SeqCst);
    let half_a_minute = Duration::from_secs(30);
    let (give, given) = bounded(1);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            let mut bridge = UiBridge::builder().clock(clock.clone()).build();
            give.send(bridge.handle()).unwrap();
            let mut app = Ui::default();
            while app.seen.is_empty() {
                bridge.wait(&mut app).unwrap();
            }
            bridge.set_timeout(half_a_minute, |app: &mut Ui| app.see("refresh"));
            assert_eq!(bridge.wait(&mut app).unwrap().ran(), 1);
        });
        let ui: UiHandle<Ui> = given.recv().unwrap();
        assert_eq!(parks.recv().unwrap(), None, "nothing to do, no timer: it parks until it is unparked");
        clock.time.advance(Duration::from_hours(24));
        assert_eq!(returned(), 0, "a day went by");
        ui.post(|app| app.see("posted")).unwrap();
        // A park may return early; then it parks again, for the same.
        assert_eq!(parks.iter().find(Option::is_some), Some(Some(half_a_minute)), "to the next timer");
        let before = returned();
        clock.time.advance(Duration::from_millis(29_999));
        assert_eq!(returned(), before, "not one tick too early");
        clock.time.advance(Duration::from_millis(1));
    });
}
