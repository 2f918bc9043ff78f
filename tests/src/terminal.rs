//! A program on a pseudo-terminal, and the screen it draws.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Longer than anything takes on a busy machine; a test that gets here has failed.
const PATIENCE: Duration = Duration::from_mins(1);

/// A program on a pseudo-terminal of its own.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
    display: Arc<Display>,
}

struct Display {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    parser: vt100::Parser,
    /// Everything the program has sent.
    raw: Vec<u8>,
    ended: bool,
}

impl Terminal {
    /// Starts a program with these arguments and only these environment variables.
    ///
    /// # Panics
    ///
    /// If there is no pseudo-terminal, or the program cannot be started.
    pub fn start(
        program: &Path,
        arguments: &[&str],
        environment: &[(&str, &str)],
        (columns, rows): (u16, u16),
    ) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env_clear();
        command.env("TERM", "xterm-256color");
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        let reader = pair.master.try_clone_reader().expect("what the program draws can be read");
        let keyboard = pair.master.take_writer().expect("the program can be typed to");
        let state = State {
            parser: vt100::Parser::new(cells(rows), cells(columns), 0),
            raw: Vec::new(),
            ended: false,
        };
        let display = Arc::new(Display { state: Mutex::new(state), changed: Condvar::new() });
        thread::spawn({
            let display = display.clone();
            move || display.follow(reader)
        });
        Self { child, keyboard, master: pair.master, display }
    }

    /// Types.
    ///
    /// # Panics
    ///
    /// If the program has gone.
    pub fn type_keys(&mut self, keys: &str) {
        self.keyboard
            .write_all(keys.as_bytes())
            .and_then(|()| self.keyboard.flush())
            .expect("somebody reads");
    }

    /// Changes the size of the terminal's window.
    ///
    /// # Panics
    ///
    /// If the terminal has gone.
    pub fn resize(&mut self, (columns, rows): (u16, u16)) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.display.state.lock().parser.screen_mut().set_size(cells(rows), cells(columns));
        self.master.resize(size).expect("the terminal is there");
    }

    /// Waits until the screen's text is as wanted, and gives it.
    ///
    /// # Panics
    ///
    /// If that takes too long, with the screen.
    pub fn wait_for(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.display.state.lock();
        loop {
            let text = state.parser.screen().contents();
            if wanted(&text) {
                return text;
            }
            let late = self.display.changed.wait_until(&mut state, deadline).timed_out();
            assert!(!late && !state.ended, "waiting for {what}; the screen shows\n{text}");
        }
    }

    /// Waits for a text on the screen.
    pub fn wait_for_text(&self, text: &str) -> String {
        self.wait_for(&format!("{text:?}"), |screen| screen.contains(text))
    }

    /// Whether the program draws on the alternate screen now.
    pub fn is_on_alternate_screen(&self) -> bool {
        self.display.state.lock().parser.screen().alternate_screen()
    }

    /// Whether the cursor is hidden now.
    pub fn hides_cursor(&self) -> bool {
        self.display.state.lock().parser.screen().hide_cursor()
    }

    /// Everything the program has sent so far.
    pub fn raw(&self) -> Vec<u8> {
        self.display.state.lock().raw.clone()
    }

    /// Waits for the program's end, and gives its exit status and the last screen.
    ///
    /// # Panics
    ///
    /// If that takes too long.
    pub fn wait_for_end(&mut self) -> (u32, String) {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.display.state.lock();
        while !state.ended {
            let late = self.display.changed.wait_until(&mut state, deadline).timed_out();
            assert!(
                !late,
                "the program does not end; the screen shows\n{}",
                state.parser.screen().contents()
            );
        }
        let text = state.parser.screen().contents();
        drop(state);
        (self.child.wait().expect("it can be waited for").exit_code(), text)
    }

    /// The program's process number.
    ///
    /// # Panics
    ///
    /// If it has none.
    pub fn process(&self) -> u32 {
        self.child.process_id().expect("it was started")
    }
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).expect("a window has at least one cell each way")
}

impl Display {
    /// Keeps the picture up to date until the program has closed its terminal.
    fn follow(&self, mut reader: Box<dyn Read + Send>) {
        let mut buffer = [0; 16 * 1024];
        loop {
            let read = reader.read(&mut buffer).unwrap_or(0);
            let mut state = self.state.lock();
            state.parser.process(&buffer[..read]);
            state.raw.extend_from_slice(&buffer[..read]);
            state.ended = read == 0;
            self.changed.notify_all();
            if state.ended {
                return;
            }
        }
    }
}

/// A test that fails leaves no program behind.
impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminal").field("process", &self.child.process_id()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: (u16, u16) = (40, 5);

    #[test]
    fn a_terminal_shows_what_a_program_writes_and_sends_it_what_is_typed() {
        let script =
            "stty -echo; printf 'name? '; read name; printf 'hello \\033[1m%s\\033[0m' \"$name\"; exit 3";
        let mut terminal =
            Terminal::start(Path::new("/bin/sh"), &["-c", script], &[("PATH", "/usr/bin:/bin")], SIZE);
        terminal.wait_for_text("name?");
        terminal.type_keys("world\n");
        let (code, screen) = terminal.wait_for_end();
        assert_eq!(code, 3);
        assert!(screen.contains("hello world"), "{screen}");
        assert!(String::from_utf8(terminal.raw()).unwrap().contains("\u{1b}[1mworld"));
    }

    #[test]
    fn a_terminal_tells_of_the_alternate_screen() {
        let script = "printf '\\033[?1049h\\033[?25lin'; read x; printf '\\033[?25h\\033[?1049lout'; read x";
        let mut terminal = Terminal::start(Path::new("/bin/sh"), &["-c", script], &[], SIZE);
        terminal.wait_for_text("in");
        assert!(terminal.is_on_alternate_screen() && terminal.hides_cursor());
        terminal.type_keys("\n");
        terminal.wait_for_text("out");
        assert!(!terminal.is_on_alternate_screen() && !terminal.hides_cursor());
    }
}
