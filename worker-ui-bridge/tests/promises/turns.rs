//! P19, P20, P21, P23, P24, P30: calls before the first turn, bounded turns, wake-ups, capacity.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::bounded;
use worker_core::{Clock, ManualClock, Worker, WorkerManager, install_panic_hook};
use worker_ui_bridge::{PostError, UiBridge, UiHandle};

use crate::support::{App, manual_clock_fixture};

#[test]
fn p19_calls_are_queued_before_the_first_turn() {
    let mut bridge = UiBridge::new();
    let ui = bridge.handle();
    let worker = WorkerManager::new().worker("early").thread(move |_| {
        Ok(ui.call_from_thread(|app: &mut App| {
            app.record("answered");
            1
        })?)
    });
    let mut app = App::default();
    while app.log.is_empty() {
        bridge.wait(&mut app).unwrap();
    }
    drop(bridge);
    assert_eq!(worker.wait().ok(), Some(&1));
}

#[test]
fn p20_a_turn_runs_what_was_queued_when_it_began() {
    let mut bridge = UiBridge::new();
    let ui: UiHandle<App> = bridge.handle();
    let mut app = App::default();
    let again = ui.clone();
    ui.post(move |app| {
        app.record("first");
        again.post(|app| app.record("queued during the turn")).unwrap();
    })
    .unwrap();
    ui.post(|app| app.record("second")).unwrap();
    let turn = bridge.pump(&mut app).unwrap();
    assert_eq!((turn.ran(), turn.more()), (2, true));
    assert_eq!(app.log, ["first", "second"]);
    let turn = bridge.pump(&mut app).unwrap();
    assert_eq!((turn.ran(), turn.more()), (1, false));
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 0);
}

#[test]
fn p20_a_turn_stops_when_its_budget_is_used_up() {
    let clock = Arc::new(ManualClock::new());
    let mut bridge = UiBridge::builder().clock(clock.clone()).budget(Duration::from_millis(8)).build();
    let ui: UiHandle<App> = bridge.handle();
    let mut app = App::default();
    for _ in 0..10 {
        let clock = clock.clone();
        ui.post(move |app| {
            app.record("slow");
            clock.advance(Duration::from_millis(3));
        })
        .unwrap();
    }
    let turn = bridge.pump(&mut app).unwrap();
    assert_eq!((turn.ran(), turn.more()), (3, true), "3 × 3 ms is past 8 ms");
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 3);
    assert_eq!(bridge.wait(&mut app).unwrap().ran(), 3, "it does not park while entries are left");
    assert_eq!(bridge.wait(&mut app).unwrap().ran(), 1);
}

#[test]
fn p21_the_waker_is_called_once_per_empty_to_non_empty() {
    let wakes = Arc::new(AtomicUsize::new(0));
    let counter = wakes.clone();
    let mut bridge = UiBridge::builder().waker(move || _ = counter.fetch_add(1, Ordering::SeqCst)).build();
    let ui: UiHandle<App> = bridge.handle();
    let mut app = App::default();
    for _ in 0..3 {
        ui.post(|app| app.record("post")).unwrap();
    }
    assert_eq!(wakes.load(Ordering::SeqCst), 1);
    bridge.pump(&mut app).unwrap();
    ui.post(|app| app.record("post")).unwrap();
    assert_eq!(wakes.load(Ordering::SeqCst), 2);
}

#[test]
fn p23_a_post_from_a_worker_blocks_while_the_queue_is_full() {
    let mut bridge = UiBridge::builder().capacity(2).build();
    let ui: UiHandle<App> = bridge.handle();
    let (sent, count) = bounded(100);
    let worker = WorkerManager::new().worker("flood").thread(move |_| {
        for n in 0..100 {
            ui.post(move |app| app.record(n.to_string()))?;
            sent.send(n)?;
        }
        Ok(())
    });
    assert_eq!((count.recv(), count.recv()), (Ok(0), Ok(1)));
    assert!(count.try_recv().is_err() && worker.is_running(), "the third blocks");
    let mut app = App::default();
    while app.log.len() < 100 {
        bridge.wait(&mut app).unwrap();
    }
    assert!(app.log.iter().map(|item| item.parse::<usize>().unwrap()).eq(0..100), "in order");
}

#[test]
fn p23_a_cancel_unblocks_a_post() {
    let bridge: UiBridge<App> = UiBridge::builder().capacity(1).build();
    let ui = bridge.handle();
    let (sender, replies) = bounded(1);
    let (full, is_full) = bounded(1);
    let worker: Worker<()> = WorkerManager::new().worker("flood").thread(move |_| {
        ui.post(|app| app.record("fits"))?;
        full.send(())?;
        sender.send(ui.post(|app| app.record("does not")))?;
        Ok(())
    });
    is_full.recv().unwrap();
    worker.cancel();
    assert_eq!(replies.recv().unwrap(), Err(PostError::Cancelled));
}

#[test]
fn p23_a_post_on_the_ui_thread_never_blocks() {
    let mut bridge = UiBridge::builder().capacity(1).build();
    let ui: UiHandle<App> = bridge.handle();
    for _ in 0..100 {
        ui.post(|app| app.record("own")).unwrap();
    }
    let mut app = App::default();
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 100);
}

#[test]
fn p23_state_changes_never_block() {
    let bridge: UiBridge<App> = UiBridge::builder().capacity(1).build();
    let ui = bridge.handle();
    let workers = WorkerManager::builder().events(ui.state_changes(App::on_worker_state_changed)).build();
    let all: Vec<_> = (0..50).map(|_| workers.worker("w").thread(|_| Ok(()))).collect();
    assert!(workers.shutdown(Duration::MAX).is_clean(), "without a turn");
    assert!(all.iter().all(|worker| worker.is_finished()));
}

#[test]
fn wait_timeout_gives_up_by_the_bridges_clock() {
    let (mut bridge, clock, mut app) = manual_clock_fixture();
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
    let (mut bridge, clock, mut app) = manual_clock_fixture();
    let slow = clock.clone();
    bridge.set_interval(Duration::from_millis(10), move |_| slow.advance(Duration::from_millis(11)));
    clock.advance(Duration::from_millis(10));
    bridge.handle().post(|app| app.record("posted")).unwrap();
    assert_eq!(
        bridge.pump(&mut app).unwrap().ran(),
        2,
        "the tick uses up the budget, and one entry is still run"
    );
}

#[test]
fn p20_a_budget_of_zero_runs_one_entry_a_turn() {
    let mut bridge = UiBridge::builder().budget(Duration::ZERO).build();
    let ui: UiHandle<App> = bridge.handle();
    ui.post(|app| app.record("first")).unwrap();
    ui.post(|app| app.record("second")).unwrap();
    let mut app = App::default();
    let turn = bridge.pump(&mut app).unwrap();
    assert_eq!((turn.ran(), turn.more()), (1, true));
    let turn = bridge.pump(&mut app).unwrap();
    assert_eq!((turn.ran(), turn.more()), (1, false));
}

#[test]
fn p21_a_panic_in_the_waker_does_not_end_a_worker() {
    install_panic_hook();
    let bridge: UiBridge<App> = UiBridge::builder().waker(|| panic!("in the waker")).build();
    let workers = WorkerManager::builder()
        .events(bridge.handle().state_changes(App::on_worker_state_changed))
        .max_threads(1)
        .build();
    let worker = workers.worker("w").thread(|_| Ok(()));
    assert!(workers.shutdown(Duration::MAX).is_clean());
    assert!(worker.is_finished());
}

#[test]
fn p24_next_deadline_is_that_of_the_next_timer() {
    let (mut bridge, clock, mut app) = manual_clock_fixture();
    assert_eq!(bridge.next_deadline(), None);
    bridge.set_timeout(Duration::from_secs(3), |app| app.record("due"));
    assert_eq!(bridge.next_deadline(), Some(clock.now() + Duration::from_secs(3)));
    clock.advance(Duration::from_secs(3));
    bridge.pump(&mut app).unwrap();
    assert_eq!(bridge.next_deadline(), None);
}

#[test]
fn p20_a_flood_of_a_million_posts_delays_no_frame() {
    let clock = Arc::new(ManualClock::new());
    let budget = Duration::from_millis(8);
    let mut bridge = UiBridge::builder().clock(clock.clone()).budget(budget).build();
    let ui: UiHandle<(usize, Arc<ManualClock>)> = bridge.handle();
    let flood: Vec<_> = (0..4)
        .map(|_| {
            let ui = ui.clone();
            std::thread::spawn(move || {
                for _ in 0..250_000 {
                    // Each callback takes 10 µs of the manual clock.
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
fn p20_a_wait_with_a_limit_ends_its_turn_at_the_limit() {
    let (mut bridge, clock, mut app) = manual_clock_fixture();
    let ui = bridge.handle();
    for _ in 0..6 {
        let time = clock.clone();
        ui.post(move |_: &mut App| time.advance(Duration::from_millis(1))).unwrap();
    }
    let turned = bridge.wait_timeout(&mut app, Duration::from_millis(2)).unwrap();
    assert_eq!((turned.ran(), turned.more()), (2, true), "the limit is shorter than the budget");
    let turned = bridge.wait_timeout(&mut app, Duration::ZERO).unwrap();
    assert_eq!((turned.ran(), turned.more()), (1, true), "at least one entry is run");
    let turned = bridge.wait_timeout(&mut app, Duration::from_secs(1)).unwrap();
    assert_eq!((turned.ran(), turned.more()), (3, false));
}

/// A manual clock that sends the duration of every park and counts the returns.
#[derive(Debug)]
struct RecordingClock {
    time: ManualClock,
    parked: crossbeam_channel::Sender<Option<Duration>>,
    returned: AtomicUsize,
}

impl Clock for RecordingClock {
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
    let clock = Arc::new(RecordingClock { time: ManualClock::new(), parked, returned: AtomicUsize::new(0) });
    let returned = || clock.returned.load(Ordering::SeqCst);
    let half_a_minute = Duration::from_secs(30);
    let (handle_sender, handle_receiver) = bounded(1);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            let mut bridge = UiBridge::builder().clock(clock.clone()).build();
            handle_sender.send(bridge.handle()).unwrap();
            let mut app = App::default();
            while app.log.is_empty() {
                bridge.wait(&mut app).unwrap();
            }
            bridge.set_timeout(half_a_minute, |app: &mut App| app.record("refresh"));
            assert_eq!(bridge.wait(&mut app).unwrap().ran(), 1);
        });
        let ui: UiHandle<App> = handle_receiver.recv().unwrap();
        assert_eq!(parks.recv().unwrap(), None, "without entries and timers it parks without a deadline");
        clock.time.advance(Duration::from_hours(24));
        assert_eq!(returned(), 0, "no return in a day");
        ui.post(|app| app.record("posted")).unwrap();
        // A park may return early; then the bridge parks again with the same deadline.
        assert_eq!(parks.iter().find(Option::is_some), Some(Some(half_a_minute)), "until the next timer");
        let before = returned();
        clock.time.advance(Duration::from_millis(29_999));
        assert_eq!(returned(), before, "not before the deadline");
        clock.time.advance(Duration::from_millis(1));
    });
}
