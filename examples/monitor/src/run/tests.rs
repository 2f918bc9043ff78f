//! The monitor's loop frame by frame, on a scheduler's time: what is drawn, when, and that nothing is drawn in between.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use ratatui::backend::TestBackend;
use ratatui::{Frame, Terminal};
use worker_core::WorkerState;
use worker_ui_bridge::testing::{self, TestScheduler};

use super::*;
use crate::app::Action;
use crate::model::Table;
use crate::sources::Demo;
use crate::tests::{Answer, Scripted, Stage, failure, rows};

const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// Milliseconds since the test began.
type Moment = u64;

/// What was drawn, in this order, and when.
type Film = Rc<RefCell<Vec<(Moment, String)>>>;

/// When the loop was awake.
type Awake = Rc<RefCell<BTreeSet<Moment>>>;

/// A surface that films what is drawn on it.
struct Camera {
    terminal: Terminal<TestBackend>,
    now: Moment,
    film: Film,
}

impl Surface for Camera {
    fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(render).expect("a test's terminal never fails");
        let picture = self.terminal.backend().to_string();
        let mut film = self.film.borrow_mut();
        assert!(
            film.last().is_none_or(|(_, last)| *last != picture),
            "drawn in vain at {} ms\n{picture}",
            self.now
        );
        film.push((self.now, picture));
        Ok(())
    }

    fn forget(&mut self) -> io::Result<()> {
        unreachable!("nobody else writes on it")
    }

    fn take_again(&mut self) -> io::Result<()> {
        unreachable!("nobody else has had it")
    }

    fn suspend(&mut self) -> io::Result<()> {
        unreachable!("nobody stops a test")
    }
}

/// A stage in the monitor's own loop, but for its waiting: that is a [`TestBridge`](testing::TestBridge)'s.
struct Rig {
    stage: Stage,
    film: Film,
    awake: Awake,
}

impl Rig {
    fn new(mut stage: Stage, (columns, lines): (u16, u16)) -> Self {
        let (film, awake) = (Film::default(), Awake::default());
        let terminal = Terminal::new(TestBackend::new(columns, lines)).expect("a terminal");
        let mut camera = Camera { terminal, now: 0, film: film.clone() };
        let (mut timers, woken) = (Timers::default(), awake.clone());
        stage.bridge.on_frame(move |bridge, app, at| {
            camera.now = Moment::try_from(at.as_millis()).expect("a short test");
            woken.borrow_mut().insert(camera.now);
            before_turn(&mut camera, &mut timers, bridge, app, Theme::plain()).expect("drawn");
        });
        Self { stage, film, awake }
    }

    fn demo(scheduler: &TestScheduler) -> Self {
        Self::new(Stage::demo(scheduler), (80, 24))
    }

    fn scripted(scheduler: &TestScheduler, source: &Arc<Scripted>) -> Self {
        Self::new(Stage::new(scheduler, source.clone()), (80, 24))
    }

    /// Lets so many milliseconds go by.
    fn advance(&mut self, milliseconds: u64) {
        self.stage.advance(Duration::from_millis(milliseconds));
    }

    /// What was on the screen at the end of a moment, and stayed there until the next picture.
    fn screen(&self, at: Moment) -> String {
        let film = self.film.borrow();
        let until_then = film.iter().take_while(|(drawn, _)| *drawn <= at);
        until_then.last().expect("something was drawn").1.clone()
    }

    /// The moments in a time at which something was drawn.
    fn moments(&self, from: Moment, until: Moment) -> BTreeSet<Moment> {
        let film = self.film.borrow();
        film.iter().map(|(at, _)| *at).filter(|at| (from..until).contains(at)).collect()
    }

    /// The moments at whose end a text was on the screen, of all at which something was drawn.
    fn seen(&self, text: &str) -> BTreeSet<Moment> {
        let drawn = self.moments(0, Moment::MAX);
        drawn.into_iter().filter(|&at| self.screen(at).contains(text)).collect()
    }

    /// When a text came, and when it went; it must not have gone and come again in between.
    fn stay(&self, text: &str) -> (Moment, Moment) {
        let seen = self.seen(text);
        let (Some(&came), Some(&last)) = (seen.first(), seen.last()) else { panic!("{text:?} never came") };
        assert_eq!(seen, self.moments(came, last + 1), "{text:?} was gone for a while");
        let after = self.moments(last + 1, Moment::MAX);
        (came, *after.first().unwrap_or_else(|| panic!("{text:?} never went")))
    }
}

/// The words of a table's title: its name; its place and its number of rows, if there have been any; its spinner, if it turns.
fn title(screen: &str, table: Table) -> Vec<&str> {
    let mut lines = screen.lines();
    let line = lines.find(|line| line.trim_start_matches(['"', '▶', ' ']).starts_with(table.title()));
    let line = line.unwrap_or_else(|| panic!("no {table} on\n{screen}"));
    line.split(['"', '▶', '─', ' ']).filter(|word| !word.is_empty()).collect()
}

fn spinner(screen: &str, table: Table) -> Option<&str> {
    title(screen, table).into_iter().find(|word| SPINNER.contains(word))
}

fn spinning(screen: &str) -> Vec<Table> {
    Table::ALL.into_iter().filter(|&table| spinner(screen, table).is_some()).collect()
}

fn has_rows(screen: &str, table: Table) -> bool {
    title(screen, table).iter().any(|word| word.ends_with(|c: char| c.is_ascii_digit()))
}

fn latency(table: Table) -> Moment {
    Moment::try_from(Demo::latency(table).as_millis()).expect("a few seconds")
}

/// Eight spinner frames a second from `began` until the last rows are there, and the moments at which rows come.
fn moments_of_a_fetch(began: Moment) -> BTreeSet<Moment> {
    let spinner = (0..).map(|turns| turns * 125).take_while(|&at| at <= latency(Table::Vertex));
    spinner.chain(Table::ALL.map(latency)).map(|at| began + at).collect()
}

/// The clock's, each second from `from` on, before `until`.
fn seconds(from: Moment, until: Moment) -> BTreeSet<Moment> {
    (from..until).step_by(1000).collect()
}

#[test]
fn s04_s11_s12_s13_two_rounds_of_the_demo_frame_by_frame() {
    testing::many(6, |scheduler| {
        let mut rig = Rig::demo(scheduler);
        rig.stage.app.refresh_all();
        rig.advance(34_999);
        let rounds = [0, 30_000].into_iter().flat_map(moments_of_a_fetch);
        let expected = rounds.chain(seconds(0, 35_000)).collect();
        assert_eq!(rig.moments(0, 35_000), expected, "drawn when something has changed, and never else");
        assert!(rig.seen("Error").is_empty(), "all fetches succeed");
        // 22 turns in the 2.8 seconds of the first round.
        for (began, turns_before) in [(0, 0), (30_000, 22)] {
            for at in rig.moments(began, began + 3000) {
                let (screen, into) = (rig.screen(at), at - began);
                let turns = turns_before + usize::try_from(into / 125).expect("few");
                for table in Table::ALL {
                    let turning = (into < latency(table)).then_some(SPINNER[turns % SPINNER.len()]);
                    assert_eq!(spinner(&screen, table), turning, "{table} at {at} ms\n{screen}");
                    let shown = began > 0 || into >= latency(table);
                    assert_eq!(has_rows(&screen, table), shown, "{table} at {at} ms\n{screen}");
                }
            }
        }
        for table in Table::ALL {
            assert!(!has_rows(&rig.screen(latency(table) - 1), table), "{table} a millisecond early");
        }
        for at in seconds(3_000, 30_000) {
            assert_eq!(spinning(&rig.screen(at)), [], "at {at} ms");
        }
    });
}

#[test]
fn s13_a_table_that_is_still_being_fetched_is_not_fetched_twice() {
    testing::many(2, |scheduler| {
        let slow = Answer::After(Duration::from_secs(40), Ok(rows(&["late"])));
        let source = Arc::new(Scripted::default().with(Table::Vertex, slow));
        let mut rig = Rig::scripted(scheduler, &source);
        rig.stage.app.refresh_all();
        let fetched = || (source.fetched(Table::Vertex), source.fetched(Table::Builds));
        rig.advance(30_000);
        assert_eq!(fetched(), (1, 2));
        rig.advance(29_999);
        assert_eq!(fetched(), (1, 2));
        for at in rig.moments(1, 40_000) {
            // The others' rows come as soon as they are asked for.
            assert_eq!(spinning(&rig.screen(at)), [Table::Vertex], "at {at} ms");
        }
        assert!(has_rows(&rig.screen(40_000), Table::Vertex));
        assert_eq!(spinning(&rig.screen(40_000)), []);
        rig.advance(1);
        assert_eq!(fetched(), (2, 3));
    });
}

#[test]
fn s13_nothing_is_fetched_while_the_refresh_is_switched_off() {
    testing::many(3, |scheduler| {
        let mut rig = Rig::demo(scheduler);
        rig.stage.press(Action::ToggleAuto);
        rig.advance(61_000);
        assert!(rig.seen("loading").is_empty());
        rig.stage.press(Action::ToggleAuto);
        rig.advance(30_000);
        assert_eq!(rig.seen("loading"), BTreeSet::from([91_000]));
    });
}

#[test]
fn a_refresh_by_hand_starts_the_thirty_seconds_anew() {
    testing::many(3, |scheduler| {
        let mut rig = Rig::demo(scheduler);
        rig.advance(29_000);
        rig.stage.press(Action::RefreshAll);
        rig.advance(30_000);
        let loading = rig.seen("loading");
        assert_eq!((loading.first(), loading.last()), (Some(&29_000), Some(&59_000)));
        assert_eq!(loading.range(32_000..59_000).count(), 0);
    });
}

#[test]
fn s10_s14_an_error_stops_its_spinner_shows_its_toast_and_the_others_go_on() {
    testing::many(10, |scheduler| {
        let second = Duration::from_secs(1);
        let source = Scripted::default()
            .with(Table::Builds, Answer::After(second, Err(failure())))
            .with(Table::Vertex, Answer::After(second * 2, Ok(rows(&["late"]))));
        let mut rig = Rig::scripted(scheduler, &Arc::new(source));
        rig.stage.app.refresh_all();
        rig.advance(15_000);
        let (came, went) = rig.stay("Error loading builds: gcloud is not logged in");
        assert!(came == 1000 && (9_000..=9_500).contains(&went), "it was there from {came} to {went} ms");
        assert_eq!(spinning(&rig.screen(999)), [Table::Builds, Table::Vertex]);
        assert_eq!(spinning(&rig.screen(1000)), [Table::Vertex]);
        assert_eq!(spinning(&rig.screen(2000)), []);
        assert!(has_rows(&rig.screen(2000), Table::Vertex));
    });
}

#[test]
fn s10_each_toast_is_seen_for_its_time_also_if_there_was_no_room_at_first() {
    testing::many(5, |scheduler| {
        let failing = |source: Scripted, table| source.with(table, Answer::Now(Err(failure())));
        let source = Arc::new(Table::ALL.into_iter().fold(Scripted::default(), failing));
        let mut rig = Rig::new(Stage::new(scheduler, source), (60, 12));
        rig.stage.app.refresh_all();
        rig.stage.press(Action::ToggleAuto);
        rig.advance(60_000);
        let stays = Table::ALL.map(|table| rig.stay(&format!("Error loading {table}:")));
        assert!(stays.iter().all(|(came, went)| (8_000..=8_500).contains(&(went - came))), "{stays:?}");
        assert!(stays.iter().any(|(came, _)| *came > 8_000), "one had to wait: {stays:?}");
    });
}

#[test]
fn s14_of_a_screen_that_was_left_nothing_is_drawn_any_more() {
    testing::many(10, |scheduler| {
        let mut rig = Rig::demo(scheduler);
        rig.stage.app.refresh_all();
        rig.advance(1_000);
        let fetching = rig.stage.workers.workers();
        assert_eq!(fetching.len(), 4);
        rig.stage.change_screen(Arc::new(Scripted::default()));
        rig.stage.settle();
        assert!(fetching.iter().all(|worker| worker.state() == WorkerState::Cancelled), "{fetching:?}");
        rig.advance(8_999);
        assert_eq!(rig.moments(1_001, 10_000), seconds(2_000, 10_000), "the clock alone is drawn");
        for at in seconds(1_000, 10_000) {
            let screen = rig.screen(at);
            assert_eq!(spinning(&screen), [], "at {at} ms");
            assert!(Table::ALL.iter().all(|&table| !has_rows(&screen, table)), "at {at} ms\n{screen}");
        }
    });
}

#[test]
fn s14_leaving_the_monitor_cancels_all_it_was_doing_at_once() {
    testing::many(10, |scheduler| {
        let mut rig = Rig::demo(scheduler);
        rig.stage.app.refresh_all();
        rig.advance(1_000);
        let Stage { app, mut bridge, workers, .. } = rig.stage;
        let fetching = workers.workers();
        bridge.close();
        drop(app);
        scheduler.run_until_parked();
        assert!(fetching.iter().all(|worker| worker.state() == WorkerState::Cancelled), "{fetching:?}");
        assert_eq!(scheduler.elapsed(), Duration::from_secs(1));
        assert!(workers.shutdown(GRACE).is_clean());
    });
}

#[test]
fn while_everything_hangs_the_spinners_and_the_clock_go_on_and_nothing_else_is_drawn() {
    testing::many(2, |scheduler| {
        let hanging = |source: Scripted, table| source.with(table, Answer::Never);
        let source = Arc::new(Table::ALL.into_iter().fold(Scripted::default(), hanging));
        let mut rig = Rig::scripted(scheduler, &source);
        rig.stage.app.refresh_all();
        rig.advance(10_000);
        // The clock ticks with every eighth turn of the spinners.
        assert_eq!(rig.moments(0, 10_001), (0..=10_000).step_by(125).collect());
        for at in 0..=10 {
            assert!(rig.screen(at * 1000).contains(&format!("09:30:{at:02}")), "after {at} s");
        }
    });
}

#[test]
fn an_idle_monitor_wakes_and_draws_once_a_second() {
    testing::many(2, |scheduler| {
        let mut rig = Rig::demo(scheduler);
        rig.advance(29_999);
        assert_eq!(rig.moments(0, 30_000), seconds(0, 30_000));
        assert_eq!(*rig.awake.borrow(), seconds(0, 30_000));
    });
}
