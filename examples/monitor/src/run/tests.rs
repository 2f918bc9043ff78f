//! The monitor's loop frame by frame under manual time: what is on the screen, and when that
//! changes.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::backend::TestBackend;
use ratatui::{Frame, Terminal};
use worker_core::WorkerState;
use worker_ui_bridge::testing::{self, TestScheduler};

use super::*;
use crate::app::Action;
use crate::config::Profile;
use crate::model::Table;
use crate::options::Options;
use crate::setup::setup_profiles;
use crate::sources::Demo;
use crate::tests::{ScriptedReply, ScriptedSource, TestMonitor, failure, rows};

const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// Milliseconds since the test started.
type Millis = u64;

/// The frames that showed something new, with their times.
type Frames = Rc<RefCell<Vec<(Millis, String)>>>;

/// The times at which the loop was awake.
type Wakeups = Rc<RefCell<BTreeSet<Millis>>>;

/// What was written beside the frames.
type Written = Rc<RefCell<String>>;

/// A [`Surface`] that records the frames drawn on it.
struct RecordingSurface {
    terminal: Terminal<TestBackend>,
    now: Millis,
    frames: Frames,
    written: Written,
}

impl Surface for RecordingSurface {
    fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(render).expect("a test's terminal never fails");
        let picture = self.terminal.backend().to_string();
        let mut frames = self.frames.borrow_mut();
        if frames.last().is_none_or(|(_, last)| *last != picture) {
            frames.push((self.now, picture));
        }
        Ok(())
    }

    fn write(&mut self, sequence: &str) -> io::Result<()> {
        self.written.borrow_mut().push_str(sequence);
        Ok(())
    }

    fn invalidate(&mut self) -> io::Result<()> {
        unreachable!("no other program writes on it")
    }

    fn reacquire(&mut self) -> io::Result<()> {
        unreachable!("no other program uses it")
    }

    fn suspend(&mut self) -> io::Result<()> {
        unreachable!("a test is not stopped")
    }
}

/// The monitor, drawn after each turn of a [`TestBridge`](testing::TestBridge). How its loop paces
/// the frames is tested in a terminal.
struct FrameRecorder {
    monitor: TestMonitor,
    frames: Frames,
    wakeups: Wakeups,
    written: Written,
}

impl FrameRecorder {
    fn new(mut monitor: TestMonitor, (columns, lines): (u16, u16)) -> Self {
        let (frames, wakeups, written) = (Frames::default(), Wakeups::default(), Written::default());
        let terminal = Terminal::new(TestBackend::new(columns, lines)).expect("a terminal");
        let mut surface =
            RecordingSurface { terminal, now: 0, frames: frames.clone(), written: written.clone() };
        let woken_at = wakeups.clone();
        set_timers(&mut monitor.bridge, &mut monitor.app);
        monitor.bridge.on_frame(move |_, app, at| {
            surface.now = Millis::try_from(at.as_millis()).expect("a short test");
            woken_at.borrow_mut().insert(surface.now);
            draw(&mut surface, app, Theme::plain()).expect("drawn");
        });
        Self { monitor, frames, wakeups, written }
    }

    fn demo(scheduler: &TestScheduler) -> Self {
        Self::new(TestMonitor::demo(scheduler), (80, 24))
    }

    fn scripted(scheduler: &TestScheduler, source: &Arc<ScriptedSource>) -> Self {
        Self::new(TestMonitor::new(scheduler, source.clone()), (80, 24))
    }

    /// Lets the terminal report an event.
    fn send(&mut self, event: Event) {
        let on_event = move |app: &mut App| on_event(app, &event);
        self.monitor.bridge.handle().post(on_event).expect("the loop goes on");
        self.monitor.settle();
    }

    fn press(&mut self, key: KeyCode) {
        self.send(Event::Key(KeyEvent::from(key)));
    }

    /// Advances the clock by this many milliseconds.
    fn advance(&mut self, milliseconds: u64) {
        self.monitor.advance(Duration::from_millis(milliseconds));
    }

    /// The frame that was on the screen at this time.
    fn screen(&self, at: Millis) -> String {
        let frames = self.frames.borrow();
        let until_then = frames.iter().take_while(|(drawn, _)| *drawn <= at);
        until_then.last().expect("something was drawn").1.clone()
    }

    /// The times within a range at which the picture changed.
    fn change_times(&self, from: Millis, until: Millis) -> BTreeSet<Millis> {
        let frames = self.frames.borrow();
        frames.iter().map(|(at, _)| *at).filter(|at| (from..until).contains(at)).collect()
    }

    /// The changes after which a text was on the screen.
    fn times_showing(&self, text: &str) -> BTreeSet<Millis> {
        let drawn = self.change_times(0, Millis::MAX);
        drawn.into_iter().filter(|&at| self.screen(at).contains(text)).collect()
    }

    /// When a text appeared and when it disappeared. It must have been visible throughout.
    fn visible_interval(&self, text: &str) -> (Millis, Millis) {
        let seen = self.times_showing(text);
        let (Some(&appeared), Some(&last)) = (seen.first(), seen.last()) else {
            panic!("{text:?} never appeared")
        };
        assert_eq!(seen, self.change_times(appeared, last + 1), "{text:?} was gone for a while");
        let after = self.change_times(last + 1, Millis::MAX);
        (appeared, *after.first().unwrap_or_else(|| panic!("{text:?} never disappeared")))
    }
}

/// The words of a table's title: its name, the number of rows once some were loaded, the spinner
/// while loading.
fn title(screen: &str, table: Table) -> Vec<&str> {
    let mut lines = screen.lines();
    let line = lines.find(|line| line.trim_start_matches(['"', '▶', ' ']).starts_with(table.title()));
    let line = line.unwrap_or_else(|| panic!("no {table} on\n{screen}"));
    line.split(['"', '▶', '─', ' ']).filter(|word| !word.is_empty()).collect()
}

fn spinner(screen: &str, table: Table) -> Option<&str> {
    title(screen, table).into_iter().find(|word| SPINNER.contains(word))
}

fn loading_tables(screen: &str) -> Vec<Table> {
    Table::ALL.into_iter().filter(|&table| spinner(screen, table).is_some()).collect()
}

fn has_rows(screen: &str, table: Table) -> bool {
    title(screen, table).iter().any(|word| word.ends_with(|c: char| c.is_ascii_digit()))
}

fn latency(table: Table) -> Millis {
    Millis::try_from(Demo::latency(table).as_millis()).expect("a few seconds")
}

/// When the picture changes in one fetch: eight spinner frames a second from `began` until the last
/// rows arrive, and the arrival of each table's rows.
fn fetch_change_times(began: Millis) -> BTreeSet<Millis> {
    let spinner = (0..).map(|turns| turns * 125).take_while(|&at| at <= latency(Table::Vertex));
    spinner.chain(Table::ALL.map(latency)).map(|at| began + at).collect()
}

/// When the clock changes: each second from `from`, before `until`.
fn seconds(from: Millis, until: Millis) -> BTreeSet<Millis> {
    (from..until).step_by(1000).collect()
}

#[test]
fn s04_s11_s12_s13_two_rounds_of_the_demo_frame_by_frame() {
    testing::many(6, |scheduler| {
        let mut recorder = FrameRecorder::demo(scheduler);
        recorder.monitor.app.refresh_all();
        recorder.advance(34_999);
        let rounds = [0, 30_000].into_iter().flat_map(fetch_change_times);
        let expected = rounds.chain(seconds(0, 35_000)).collect();
        assert_eq!(recorder.change_times(0, 35_000), expected, "the picture changes then, and never else");
        assert!(recorder.times_showing("Error").is_empty(), "all fetches succeed");
        // The first round takes 2.8 seconds, which is 22 spinner frames.
        for (began, turns_before) in [(0, 0), (30_000, 22)] {
            for at in recorder.change_times(began, began + 3000) {
                let (screen, into) = (recorder.screen(at), at - began);
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
            assert!(!has_rows(&recorder.screen(latency(table) - 1), table), "{table} a millisecond early");
        }
        for at in seconds(3_000, 30_000) {
            assert_eq!(loading_tables(&recorder.screen(at)), [], "at {at} ms");
        }
    });
}

#[test]
fn s13_a_table_that_is_still_being_fetched_is_not_fetched_twice() {
    testing::many(2, |scheduler| {
        let slow = ScriptedReply::After(Duration::from_secs(40), Ok(rows(&["late"])));
        let source = Arc::new(ScriptedSource::default().with(Table::Vertex, slow));
        let mut recorder = FrameRecorder::scripted(scheduler, &source);
        recorder.monitor.app.refresh_all();
        let fetched = || (source.fetch_count(Table::Vertex), source.fetch_count(Table::Builds));
        recorder.advance(30_000);
        assert_eq!(fetched(), (1, 2));
        recorder.advance(29_999);
        assert_eq!(fetched(), (1, 2));
        for at in recorder.change_times(1, 40_000) {
            // The rows of the other tables arrive at once.
            assert_eq!(loading_tables(&recorder.screen(at)), [Table::Vertex], "at {at} ms");
        }
        assert!(has_rows(&recorder.screen(40_000), Table::Vertex));
        assert_eq!(loading_tables(&recorder.screen(40_000)), []);
        recorder.advance(1);
        assert_eq!(fetched(), (2, 3));
    });
}

#[test]
fn s13_nothing_is_fetched_while_the_refresh_is_switched_off() {
    testing::many(3, |scheduler| {
        let mut recorder = FrameRecorder::demo(scheduler);
        recorder.monitor.press(Action::ToggleAuto);
        recorder.advance(61_000);
        assert!(recorder.times_showing("loading").is_empty());
        recorder.monitor.press(Action::ToggleAuto);
        recorder.advance(30_000);
        assert_eq!(recorder.times_showing("loading"), BTreeSet::from([91_000]));
    });
}

#[test]
fn a_manual_refresh_restarts_the_thirty_seconds() {
    testing::many(3, |scheduler| {
        let mut recorder = FrameRecorder::demo(scheduler);
        recorder.advance(29_000);
        recorder.monitor.press(Action::RefreshAll);
        recorder.advance(30_000);
        let loading = recorder.times_showing("loading");
        assert_eq!((loading.first(), loading.last()), (Some(&29_000), Some(&59_000)));
        assert_eq!(loading.range(32_000..59_000).count(), 0);
    });
}

#[test]
fn s10_s14_an_error_stops_its_spinner_shows_its_toast_and_the_others_go_on() {
    testing::many(10, |scheduler| {
        let second = Duration::from_secs(1);
        let source = ScriptedSource::default()
            .with(Table::Builds, ScriptedReply::After(second, Err(failure())))
            .with(Table::Vertex, ScriptedReply::After(second * 2, Ok(rows(&["late"]))));
        let mut recorder = FrameRecorder::scripted(scheduler, &Arc::new(source));
        recorder.monitor.app.refresh_all();
        recorder.advance(15_000);
        let (appeared, disappeared) =
            recorder.visible_interval("Error loading builds: gcloud is not logged in");
        assert!(
            appeared == 1000 && (9_000..=9_500).contains(&disappeared),
            "it was there from {appeared} to {disappeared} ms"
        );
        assert_eq!(loading_tables(&recorder.screen(999)), [Table::Builds, Table::Vertex]);
        assert_eq!(loading_tables(&recorder.screen(1000)), [Table::Vertex]);
        assert_eq!(loading_tables(&recorder.screen(2000)), []);
        assert!(has_rows(&recorder.screen(2000), Table::Vertex));
    });
}

#[test]
fn s10_each_toast_is_seen_for_its_time_also_if_there_was_no_room_at_first() {
    testing::many(5, |scheduler| {
        let failing = |source: ScriptedSource, table| source.with(table, ScriptedReply::Now(Err(failure())));
        let source = Arc::new(Table::ALL.into_iter().fold(ScriptedSource::default(), failing));
        let mut recorder = FrameRecorder::new(TestMonitor::new(scheduler, source), (60, 12));
        recorder.monitor.app.refresh_all();
        recorder.monitor.press(Action::ToggleAuto);
        recorder.advance(60_000);
        let intervals = Table::ALL.map(|table| recorder.visible_interval(&format!("Error loading {table}:")));
        assert!(
            intervals
                .iter()
                .all(|(appeared, disappeared)| (8_000..=8_500).contains(&(disappeared - appeared))),
            "{intervals:?}"
        );
        assert!(intervals.iter().any(|(appeared, _)| *appeared > 8_000), "one had to wait: {intervals:?}");
    });
}

#[test]
fn s14_of_a_screen_that_was_left_nothing_is_drawn_any_more() {
    testing::many(10, |scheduler| {
        let mut recorder = FrameRecorder::demo(scheduler);
        recorder.monitor.app.refresh_all();
        recorder.advance(1_000);
        let fetching = recorder.monitor.workers.workers();
        assert_eq!(fetching.len(), 4);
        recorder.monitor.change_screen(Arc::new(ScriptedSource::default()));
        recorder.monitor.settle();
        assert!(fetching.iter().all(|worker| worker.state() == WorkerState::Cancelled), "{fetching:?}");
        recorder.advance(8_999);
        assert_eq!(recorder.change_times(1_001, 10_000), seconds(2_000, 10_000), "the clock alone is drawn");
        for at in seconds(1_000, 10_000) {
            let screen = recorder.screen(at);
            assert_eq!(loading_tables(&screen), [], "at {at} ms");
            assert!(Table::ALL.iter().all(|&table| !has_rows(&screen, table)), "at {at} ms\n{screen}");
        }
    });
}

#[test]
fn s14_leaving_the_monitor_cancels_all_it_was_doing_at_once() {
    testing::many(10, |scheduler| {
        let mut recorder = FrameRecorder::demo(scheduler);
        recorder.monitor.app.refresh_all();
        recorder.advance(1_000);
        let TestMonitor { app, mut bridge, workers, .. } = recorder.monitor;
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
fn while_all_sources_hang_only_the_spinners_and_the_clock_are_drawn() {
    testing::many(2, |scheduler| {
        let hanging = |source: ScriptedSource, table| source.with(table, ScriptedReply::Never);
        let source = Arc::new(Table::ALL.into_iter().fold(ScriptedSource::default(), hanging));
        let mut recorder = FrameRecorder::scripted(scheduler, &source);
        recorder.monitor.app.refresh_all();
        recorder.advance(10_000);
        // Every eighth spinner frame coincides with a tick of the clock.
        assert_eq!(recorder.change_times(0, 10_001), (0..=10_000).step_by(125).collect());
        assert_eq!(*recorder.wakeups.borrow(), (0..=10_000).step_by(125).collect());
        for at in 0..=10 {
            assert!(recorder.screen(at * 1000).contains(&format!("09:30:{at:02}")), "after {at} s");
        }
    });
}

#[test]
fn m01_a_filter_is_drawn_with_each_key_and_stays_through_a_refresh() {
    testing::many(3, |scheduler| {
        let mut recorder = FrameRecorder::demo(scheduler);
        recorder.monitor.app.refresh_all();
        recorder.advance(3_000);
        let mut titles = Vec::new();
        for (key, at) in [('/', 3_000), ('2', 3_200), ('a', 3_400), ('q', 3_600)] {
            recorder.press(KeyCode::Char(key));
            titles.push(title(&recorder.screen(at), Table::Builds).join(" "));
            recorder.advance(200);
        }
        assert!(titles[1].starts_with("Builds /2 ") && titles[2].starts_with("Builds /2a "), "{titles:?}");
        assert!(titles[3].starts_with("Builds /2aq 0 of "), "{titles:?}");
        recorder.press(KeyCode::Backspace);
        recorder.press(KeyCode::Enter);
        recorder.advance(30_000);
        let title = title(&recorder.screen(34_000), Table::Builds).join(" ");
        assert!(title.starts_with("Builds /2a ") && title.contains(" match"), "{title}");
        assert_eq!(recorder.monitor.app.state().exit, None, "q was text");
        recorder.press(KeyCode::Char('q'));
        assert_eq!(recorder.monitor.app.state().exit, Some(Exit::Requested));
    });
}

#[test]
fn m12_a_click_is_for_what_was_drawn_last() {
    testing::many(3, |scheduler| {
        let mut recorder = FrameRecorder::demo(scheduler);
        recorder.monitor.app.refresh_all();
        recorder.advance(3_000);
        let screen = recorder.screen(3_000);
        let line = screen.lines().position(|line| line.contains(" Runner ")).expect("a title");
        let row = u16::try_from(line).expect("small");
        let kind = MouseEventKind::Down(MouseButton::Left);
        recorder.send(Event::Mouse(MouseEvent { kind, column: 5, row, modifiers: KeyModifiers::NONE }));
        assert_eq!(recorder.monitor.app.state().focus, Table::Runner);
    });
}

#[test]
fn an_idle_monitor_wakes_and_draws_once_a_second() {
    testing::many(2, |scheduler| {
        let mut recorder = FrameRecorder::demo(scheduler);
        recorder.advance(29_999);
        assert_eq!(recorder.change_times(0, 30_000), seconds(0, 30_000));
        assert_eq!(*recorder.wakeups.borrow(), seconds(0, 30_000));
    });
}

#[test]
fn m04_what_is_copied_is_written_once_beside_the_frames() {
    testing::run(0, |scheduler| {
        let source = ScriptedSource::default().with(Table::Builds, ScriptedReply::Now(Ok(rows(&["hello"]))));
        let mut recorder = FrameRecorder::scripted(scheduler, &Arc::new(source));
        recorder.monitor.app.refresh_all();
        recorder.advance(1);
        recorder.monitor.press(Action::CopyKey);
        recorder.advance(2000);
        assert_eq!(*recorder.written.borrow(), "\u{1b}]52;c;aGVsbG8=\u{7}");
    });
}

#[test]
fn m11_the_next_profile_starts_like_the_first_one() {
    testing::many(5, |scheduler| {
        let mut recorder = FrameRecorder::demo(scheduler);
        let profile = |name: &str, seed| {
            let options = Options { seed: Some(seed), ..Options::defaults() };
            Profile { name: name.to_owned(), options }
        };
        let setup = setup_profiles(vec![profile("home", 1), profile("work", 2)]);
        let mut screens = Screens { setup, workers: recorder.monitor.workers.clone() };
        recorder.monitor.app.refresh_all();
        recorder.advance(1_000);
        let former = recorder.monitor.workers.workers();
        recorder.monitor.press(Action::Help);
        for source in ["work · demo, seed 2", "home · demo, seed 1"] {
            screens.change_if_requested(&mut recorder.monitor.app);
            recorder.monitor.press(Action::NextProfile);
            screens.change_if_requested(&mut recorder.monitor.app);
            recorder.advance(1);
            let screen = recorder.screen(Millis::MAX);
            assert!(screen.contains(source), "{screen}");
            assert!(!screen.contains("Keys and marks"), "{screen}");
            assert_eq!(loading_tables(&screen), Table::ALL);
        }
        assert!(former.iter().all(|worker| worker.state() == WorkerState::Cancelled), "{former:?}");
        assert_eq!(recorder.monitor.workers.len(), 5, "each table is fetched once");
        recorder.advance(29_000);
        assert_eq!(loading_tables(&recorder.screen(Millis::MAX)), []);
        recorder.advance(1_000);
        assert_eq!(loading_tables(&recorder.screen(Millis::MAX)), Table::ALL, "after thirty seconds");
    });
}

#[test]
fn m11_without_another_profile_that_is_said() {
    testing::run(0, |scheduler| {
        let mut recorder = FrameRecorder::demo(scheduler);
        let setup = setup_profiles(vec![Profile { name: String::new(), options: Options::defaults() }]);
        let mut screens = Screens { setup, workers: recorder.monitor.workers.clone() };
        recorder.monitor.press(Action::NextProfile);
        screens.change_if_requested(&mut recorder.monitor.app);
        assert!(
            recorder.monitor.toast_texts()[0].starts_with("There is no other profile; add [profiles.NAME]")
        );
    });
}
