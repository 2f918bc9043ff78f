//! The [search box](SearchBox) that the examples `search`, `foreign_cursive`, `plain_crossterm` and
//! `tokio_app` show, each in another loop: it knows neither the loop nor the app around it. And
//! what [waits for the terminal](InputWait) in `plain_crossterm` and `editor`.

#[cfg(unix)]
mod input_wait;

use std::time::Duration;

use crossterm::event::KeyCode;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};
use ratatui::widgets::List;
use worker_core::{Result, Scope, WorkerContext};
use worker_ui_bridge::{Resource, UiHandle};

#[cfg(unix)]
pub use input_wait::{InputWait, InputWaker};

/// How long the typist must rest before the server is asked.
pub const REST: Duration = Duration::from_millis(150);

/// How often the spinner turns.
pub const SPIN: Duration = Duration::from_millis(125);

const SPINNER: [char; 4] = ['◐', '◓', '◑', '◒'];

const CRATES: [&str; 9] =
    ["crossbeam", "crossterm", "cursive", "rand", "ratatui", "ratatui-image", "rayon", "tokio", "tracing"];

/// The server: slow, and it blocks. Because it takes a context it can be asked in a worker only.
fn ask(cx: &WorkerContext, query: &str) -> Result<Vec<&'static str>> {
    cx.sleep(Duration::from_millis(400))?;
    if query.contains(' ') {
        return Err("a name has no spaces".into());
    }
    Ok(CRATES.into_iter().filter(|name| name.contains(query)).collect())
}

/// A field, and the answer to what is typed in it. Each key asks the server, after a rest, and only
/// the newest answer is shown; the old one stays until then.
#[derive(Debug)]
pub struct SearchBox {
    /// What is typed.
    pub query: String,
    /// The answer.
    pub hits: Resource<SearchBox, Vec<&'static str>>,
    turned: usize,
    screen: Scope,
    ui: UiHandle<SearchBox>,
}

impl SearchBox {
    /// An empty field, whose workers run in `screen`.
    pub fn new(screen: Scope, ui: UiHandle<Self>) -> Self {
        let hits = Resource::new(|search: &mut Self| &mut search.hits);
        Self { query: String::new(), hits, turned: 0, screen, ui }
    }

    /// Asks for `query` after a rest. A newer query takes its place.
    pub fn search(&mut self, query: String) {
        self.query.clone_from(&query);
        let search = self.screen.worker("search").exclusive().delay(REST);
        self.hits.fetch(search, &self.ui, move |cx| ask(cx, &query));
    }

    /// Takes a key. False if it leaves the program.
    pub fn on_key(&mut self, key: KeyCode) -> bool {
        let mut query = self.query.clone();
        match key {
            KeyCode::Char(letter) => query.push(letter),
            KeyCode::Backspace => _ = query.pop(),
            _ => return key != KeyCode::Esc,
        }
        self.search(query);
        true
    }

    /// Whether [`spin`](Self::spin) should be called every [`SPIN`].
    pub fn is_spinning(&self) -> bool {
        self.hits.is_fetching()
    }

    /// Turns the spinner.
    pub fn spin(&mut self) {
        self.turned += 1;
    }

    /// One line: a spinner, an error, or how many were found.
    pub fn status(&self) -> String {
        if self.is_spinning() {
            return format!("{} searching", SPINNER[self.turned % SPINNER.len()]);
        }
        match (self.hits.error(), self.hits.data()) {
            (Some(error), _) => format!("✗ {error}"),
            (None, Some(hits)) => format!("{} found", hits.len()),
            (None, None) => "type; Esc leaves".to_owned(),
        }
    }

    /// Draws it.
    pub fn draw(&self, frame: &mut Frame<'_>) {
        let line = Constraint::Length(1);
        let [field, status, list] = Layout::vertical([line, line, Constraint::Fill(1)]).areas(frame.area());
        frame.render_widget(format!("Search: {}▏", self.query), field);
        frame.render_widget(self.status(), status);
        frame.render_widget(List::new(self.hits.data().into_iter().flatten().copied()), list);
    }
}

#[cfg(test)]
mod tests {
    use worker_core::{StateChanged, WorkerManager, WorkerState};
    use worker_ui_bridge::testing::{TestBridge, many};

    use super::*;

    const ANSWER: [&str; 2] = ["ratatui", "ratatui-image"];

    fn press(search: &mut SearchBox, keys: impl IntoIterator<Item = KeyCode>) {
        assert!(keys.into_iter().all(|key| search.on_key(key)));
    }

    #[test]
    fn only_the_newest_answer_is_shown_and_a_burst_of_keys_asks_once() {
        many(50, |scheduler| {
            let mut bridge = TestBridge::new(scheduler);
            let workers = WorkerManager::builder().clock(scheduler.clock()).build();
            let events = workers.subscribe();
            let mut search = SearchBox::new(workers.scope("search"), bridge.handle());
            bridge.set_interval_while(SPIN, SearchBox::is_spinning, SearchBox::spin);
            bridge.on_frame(|_, search: &mut SearchBox, _| {
                assert!(search.hits.data().is_none_or(|hits| hits == &ANSWER));
            });

            press(&mut search, "cur".chars().map(KeyCode::Char)); // a burst
            bridge.advance(&mut search, REST + Duration::from_millis(300)).unwrap();
            press(&mut search, [KeyCode::Backspace; 3]);
            press(&mut search, "ra".chars().map(KeyCode::Char));
            bridge.advance(&mut search, REST + Duration::from_millis(399)).unwrap();
            press(&mut search, [KeyCode::Char('t')]); // just before the answer to "ra"
            assert!(search.is_spinning() && search.turned > 0);
            bridge.advance(&mut search, REST + Duration::from_millis(400)).unwrap();
            assert_eq!(
                (search.hits.data().unwrap(), search.status().as_str()),
                (&ANSWER.to_vec(), "2 found")
            );
            assert_eq!(bridge.next_deadline(), None, "the spinner rests");
            let ran = |event: &StateChanged| event.state == WorkerState::Running;
            assert_eq!(events.try_iter().filter(ran).count(), 3);
        });
    }

    #[test]
    fn an_error_is_shown_beside_the_old_answer_and_escape_leaves() {
        many(20, |scheduler| {
            let mut bridge = TestBridge::new(scheduler);
            let workers = WorkerManager::builder().clock(scheduler.clock()).build();
            let mut search = SearchBox::new(workers.scope("search"), bridge.handle());
            search.search("ratatui".to_owned());
            bridge.advance(&mut search, Duration::from_secs(1)).unwrap();
            press(&mut search, [KeyCode::Char(' ')]);
            bridge.advance(&mut search, Duration::from_secs(1)).unwrap();
            assert_eq!(
                (search.hits.data().unwrap(), search.status().as_str()),
                (&ANSWER.to_vec(), "✗ a name has no spaces")
            );
            assert!(!search.on_key(KeyCode::Esc));
        });
    }
}
