//! [`Terminal`]: a program on a pseudo-terminal, and the screen it draws.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Far more than any step takes on a busy machine. A test that waits this long fails.
const TIMEOUT: Duration = Duration::from_mins(1);

/// A program on a pseudo-terminal of its own.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
    screen: Arc<Screen>,
}

struct Screen {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    parser: vt100::Parser,
    /// The screen's text after each chunk of output.
    history: Vec<String>,
    /// All output.
    raw: Vec<u8>,
    ended: bool,
}

impl Terminal {
    /// Starts a program with these arguments and only these environment variables, besides those
    /// that describe the terminal: `TERM` and a UTF-8 locale in `LANG`.
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
        let (child, master) = spawn(program, arguments, environment, (columns, rows));
        let reader = master.try_clone_reader().expect("what the program draws can be read");
        let writer = master.take_writer().expect("the program can be typed to");
        let state = State {
            parser: vt100::Parser::new(cells(rows), cells(columns), 0),
            history: Vec::new(),
            raw: Vec::new(),
            ended: false,
        };
        let screen = Arc::new(Screen { state: Mutex::new(state), changed: Condvar::new() });
        thread::spawn({
            let screen = screen.clone();
            move || screen.read_until_eof(reader)
        });
        Self { child, writer, master, screen }
    }

    /// Types keys.
    ///
    /// # Panics
    ///
    /// If the program has exited.
    pub fn type_keys(&mut self, keys: &str) {
        self.writer
            .write_all(keys.as_bytes())
            .and_then(|()| self.writer.flush())
            .expect("the program reads its terminal");
    }

    /// Changes the size of the terminal's window.
    ///
    /// # Panics
    ///
    /// If the terminal is closed.
    pub fn resize(&mut self, (columns, rows): (u16, u16)) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.screen.state.lock().parser.screen_mut().set_size(cells(rows), cells(columns));
        self.master.resize(size).expect("the terminal is there");
    }

    /// Waits until the screen's text meets a condition, and returns the text.
    ///
    /// # Panics
    ///
    /// If that takes too long; the message shows the screen.
    pub fn wait_for(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + TIMEOUT;
        let mut state = self.screen.state.lock();
        loop {
            let text = state.parser.screen().contents();
            if wanted(&text) {
                return text;
            }
            let late = self.screen.changed.wait_until(&mut state, deadline).timed_out();
            assert!(!late && !state.ended, "waiting for {what}; the screen shows\n{text}");
        }
    }

    /// Waits until a text is on the screen.
    pub fn wait_for_text(&self, text: &str) -> String {
        self.wait_for(&format!("{text:?}"), |screen| screen.contains(text))
    }

    /// What is on the screen, with its colours.
    pub fn screen(&self) -> vt100::Screen {
        self.screen.state.lock().parser.screen().clone()
    }

    /// Every screen so far, in order.
    pub fn history(&self) -> Vec<String> {
        self.screen.state.lock().history.clone()
    }

    /// Writes on the screen, as another program would.
    pub fn overwrite(&self, with: &str) {
        self.screen.state.lock().parser.process(with.as_bytes());
    }

    /// Sends the program a signal.
    ///
    /// # Panics
    ///
    /// If the program has exited.
    pub fn signal(&self, name: &str) {
        signal(self.process(), name);
    }

    /// Whether the program is on the alternate screen.
    pub fn is_on_alternate_screen(&self) -> bool {
        self.screen.state.lock().parser.screen().alternate_screen()
    }

    /// Whether the cursor is hidden.
    pub fn hides_cursor(&self) -> bool {
        self.screen.state.lock().parser.screen().hide_cursor()
    }

    /// Whether the program is told what the mouse does.
    pub fn reports_mouse(&self) -> bool {
        self.screen.state.lock().parser.screen().mouse_protocol_mode() != vt100::MouseProtocolMode::None
    }

    /// All output so far.
    pub fn raw(&self) -> Vec<u8> {
        self.screen.state.lock().raw.clone()
    }

    /// Waits until the program exits, and returns its exit status and the last screen.
    ///
    /// # Panics
    ///
    /// If that takes too long.
    pub fn wait_for_end(&mut self) -> (u32, String) {
        let deadline = Instant::now() + TIMEOUT;
        let mut state = self.screen.state.lock();
        while !state.ended {
            let late = self.screen.changed.wait_until(&mut state, deadline).timed_out();
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

    /// The process id of the program.
    ///
    /// # Panics
    ///
    /// If the program has none.
    pub fn process(&self) -> u32 {
        self.child.process_id().expect("it was started")
    }
}

/// A program on a pseudo-terminal whose output is not read after a given text.
pub struct UnreadTerminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
}

impl UnreadTerminal {
    /// Starts a program with these arguments, and reads its output up to and shortly after this
    /// text.
    ///
    /// # Panics
    ///
    /// If there is no pseudo-terminal, the program cannot be started, or it exits before.
    pub fn start(program: &Path, arguments: &[&str], size: (u16, u16), until: &str) -> Self {
        let (child, master) = spawn(program, arguments, &[], size);
        let mut reader = master.try_clone_reader().expect("what the program draws can be read");
        let mut sent = Vec::new();
        let mut buffer = [0; 256];
        while !String::from_utf8_lossy(&sent).contains(until) {
            let read = reader.read(&mut buffer).unwrap_or(0);
            assert!(read > 0, "the program has ended");
            sent.extend_from_slice(&buffer[..read]);
        }
        Self { child, master }
    }

    /// Sends the program a signal, and returns its exit status.
    ///
    /// # Panics
    ///
    /// If the program does not exit.
    pub fn signal(mut self, name: &str) -> u32 {
        signal(self.child.process_id().expect("it was started"), name);
        let code = wait_with_timeout(&mut self.child);
        drop(self.master);
        code
    }

    /// Closes the terminal, like closing its window, and returns the program's exit status.
    ///
    /// # Panics
    ///
    /// If the program does not exit.
    pub fn hang_up(mut self) -> u32 {
        drop(self.master);
        wait_with_timeout(&mut self.child)
    }
}

impl std::fmt::Debug for UnreadTerminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UnreadTerminal").field("process", &self.child.process_id()).finish_non_exhaustive()
    }
}

/// Waits for a program to exit, and returns its exit status. Kills it after the timeout.
fn wait_with_timeout(child: &mut Box<dyn Child + Send + Sync>) -> u32 {
    let mut killer = child.clone_killer();
    let (ended, end) = mpsc::channel::<()>();
    let watch = thread::spawn(move || {
        let late = end.recv_timeout(TIMEOUT) == Err(mpsc::RecvTimeoutError::Timeout);
        if late {
            let _ = killer.kill();
        }
        late
    });
    let code = child.wait().expect("it can be waited for").exit_code();
    drop(ended);
    assert!(!watch.join().expect("no panic"), "the program does not end");
    code
}

type Spawned = (Box<dyn Child + Send + Sync>, Box<dyn MasterPty + Send>);

fn spawn(
    program: &Path,
    arguments: &[&str],
    environment: &[(&str, &str)],
    (columns, rows): (u16, u16),
) -> Spawned {
    let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
    let mut command = CommandBuilder::new(program);
    command.args(arguments);
    command.env_clear();
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    for (name, value) in environment {
        command.env(name, value);
    }
    let child = pair.slave.spawn_command(command).expect("the program starts");
    (child, pair.master)
}

fn signal(process: u32, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &process.to_string()]).status();
    assert!(sent.expect("there is a kill").success(), "the program has gone");
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).expect("a window has at least one cell each way")
}

impl Screen {
    /// Applies the output to the screen until the program closes its terminal.
    fn read_until_eof(&self, mut reader: Box<dyn Read + Send>) {
        let mut buffer = [0; 16 * 1024];
        loop {
            let read = reader.read(&mut buffer).unwrap_or(0);
            let mut state = self.state.lock();
            state.parser.process(&buffer[..read]);
            let text = state.parser.screen().contents();
            if state.history.last() != Some(&text) {
                state.history.push(text);
            }
            state.raw.extend_from_slice(&buffer[..read]);
            state.ended = read == 0;
            self.changed.notify_all();
            if state.ended {
                return;
            }
        }
    }
}

/// A failed test leaves no process behind.
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
    fn a_terminal_tells_of_the_alternate_screen_and_the_mouse() {
        let script = "printf '\\033[?1049h\\033[?25l\\033[?1000hin'; read x; \
                      printf '\\033[?1000l\\033[?25h\\033[?1049lout'; read x";
        let mut terminal = Terminal::start(Path::new("/bin/sh"), &["-c", script], &[], SIZE);
        terminal.wait_for_text("in");
        assert!(terminal.is_on_alternate_screen() && terminal.hides_cursor() && terminal.reports_mouse());
        terminal.type_keys("\n");
        terminal.wait_for_text("out");
        assert!(!terminal.is_on_alternate_screen() && !terminal.hides_cursor() && !terminal.reports_mouse());
    }
}
