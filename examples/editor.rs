//! Lends the terminal to `$EDITOR`, and takes it back: not one key is swallowed, not one comes
//! late.
//!
//! ```text
//! cargo run --example editor
//! ```
//!
//! The keys come from a source that can be paused. Once `pause` has returned, the program reads
//! nothing: what is typed is the editor's. A `read` that blocks must be interrupted for that, so it
//! waits for the terminal or a wake (`src/input_wait.rs`), and says by `Poll::Pending` that there
//! was nothing to read. Meanwhile workers go on; what they post is shown afterwards. `e` edits, `q`
//! leaves.

#[cfg(unix)]
use unix::main;

#[cfg(not(unix))]
fn main() {
    eprintln!("this example waits for the terminal as Unix does");
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::process::Command;
    use std::task::Poll;
    use std::time::Duration;

    use crossterm::event::{self, Event, KeyCode};
    use examples::InputWait;
    use ratatui::{DefaultTerminal, Frame};
    use worker_core::{Result, WorkerManager, install_panic_hook};
    use worker_ui_bridge::{Source, UiBridge};

    #[derive(Default)]
    struct App {
        keys: String,
        seconds: u32,
        wants: Option<Wants>,
    }

    enum Wants {
        Editor,
        Exit(io::Result<()>),
    }

    impl App {
        fn on_input(&mut self, reading: io::Result<Event>) {
            match reading {
                Ok(Event::Key(key)) => match key.code {
                    KeyCode::Char('q') => self.wants = Some(Wants::Exit(Ok(()))),
                    KeyCode::Char('e') => self.wants = Some(Wants::Editor),
                    KeyCode::Char(letter) => self.keys.push(letter),
                    _ => {}
                },
                Ok(_) => {}
                Err(error) => self.wants = Some(Wants::Exit(Err(error))),
            }
        }

        fn draw(&self, frame: &mut Frame<'_>) {
            let Self { keys, seconds, .. } = self;
            let text = format!("e edits, q leaves\n{seconds} s of work\nkeys: {keys}");
            frame.render_widget(ratatui::text::Text::raw(text), frame.area());
        }
    }

    pub(crate) fn main() -> Result<()> {
        let mut terminal = ratatui::init();
        install_panic_hook(); // a worker's panic must not touch the terminal
        let ended = run(&mut terminal);
        ratatui::restore(); // on every way out: `run` returns its errors
        ended
    }

    fn run(terminal: &mut DefaultTerminal) -> Result<()> {
        let mut bridge = UiBridge::new();
        let (ui, workers) = (bridge.handle(), WorkerManager::new());
        let (wait, waker) = InputWait::new()?;
        let on_input = |app: &mut App, reading| match reading {
            Poll::Ready(reading) => app.on_input(reading),
            Poll::Pending => {} // is not delivered
        };
        let keys = ui.source("terminal", move || read(&wait), on_input)?;
        let keys = keys.interrupt_with(move || waker.wake());
        workers.worker("work").thread(move |cx| {
            loop {
                cx.sleep(Duration::from_secs(1))?;
                ui.post(|app: &mut App| app.seconds += 1)?;
            }
            #[expect(unreachable_code, reason = "it ends by a cancel")]
            Ok(())
        });

        let mut app = App::default();
        loop {
            match app.wants.take() {
                None => {}
                Some(Wants::Editor) => edit(terminal, &keys)?,
                Some(Wants::Exit(result)) => {
                    bridge.shutdown(&mut app, &workers, Duration::from_secs(2));
                    return Ok(result?);
                }
            }
            terminal.draw(|frame| app.draw(frame))?;
            bridge.next_frame(&mut app)?;
        }
    }

    /// The next event; pending if there is none after a wait.
    fn read(wait: &InputWait) -> Poll<io::Result<Event>> {
        let is_there = || event::poll(Duration::ZERO);
        let ready = is_there()
            .and_then(|there| if there { Ok(true) } else { wait.wait(None).and_then(|()| is_there()) });
        match ready {
            Ok(true) => Poll::Ready(event::read()),
            Ok(false) => Poll::Pending,
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    fn edit(terminal: &mut DefaultTerminal, keys: &Source) -> Result<()> {
        keys.pause()?; // from here on every key is the editor's
        ratatui::restore();
        let editor = std::env::var_os("EDITOR").unwrap_or_else(|| "vi".into());
        let edited = Command::new(editor).status();
        *terminal = ratatui::init();
        keys.resume();
        edited?;
        Ok(())
    }
}
