use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::thread;

use super::*;

const LIMITS: Limits = Limits { time: Duration::from_hours(1), stdout: 1024 * 1024 };

/// As [`super::run`], with all of stdout.
fn run(command: &mut Command, limits: Limits, switch: &KillSwitch) -> Result<ChildOutput, ChildError> {
    super::run(command, limits, switch, |_| {})
}

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

fn switch() -> KillSwitch {
    KillSwitch::new().expect("a pipe")
}

fn fifo(dir: &Path, name: &str) -> String {
    let path = dir.join(name).display().to_string();
    assert!(Command::new("mkfifo").arg(&path).status().expect("mkfifo").success());
    path
}

/// Blocks until every process that holds the write end has exited.
fn read_to_end(mut pipe: File) -> Vec<u8> {
    let mut bytes = Vec::new();
    pipe.read_to_end(&mut bytes).expect("readable");
    bytes
}

fn code(output: &ChildOutput) -> Option<i32> {
    output.status.and_then(|status| status.code())
}

#[test]
fn output_errors_and_exit_code_come_apart() {
    let output = run(&mut shell("echo out; echo err >&2; exit 3"), LIMITS, &switch()).expect("finished");
    assert_eq!(code(&output), Some(3));
    assert_eq!((output.stdout.as_slice(), output.stderr.as_slice()), (&b"out\n"[..], &b"err\n"[..]));
}

#[test]
fn both_pipes_are_drained_however_much_is_written() {
    let script = "head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2";
    let output = run(&mut shell(script), LIMITS, &switch()).expect("finished");
    assert_eq!(output.stdout.len(), 300_000);
    assert_eq!(output.stderr.len(), MAX_STDERR, "more is read but not kept");
}

#[test]
fn the_end_of_a_long_stderr_is_kept() {
    let script = "head -c 300000 /dev/zero >&2; echo >&2; echo ERROR: this >&2";
    let output = run(&mut shell(script), LIMITS, &switch()).expect("finished");
    assert!(output.stderr.ends_with(b"\nERROR: this\n"));
}

#[test]
fn a_child_that_ended_while_this_process_was_stopped_is_not_called_late() {
    let mut command = shell("echo all; echo of >&2");
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut group = ProcessGroup(command.spawn().expect("spawned"));
    while !group.has_ended() {
        thread::yield_now();
    }
    let mut stdout = Stream::new(group.0.stdout.take(), 1000, Keep::All);
    let mut stderr = Stream::new(group.0.stderr.take(), 1000, Keep::End);
    let end = drain(&group, &mut stdout, &mut stderr, Duration::ZERO, &switch(), &mut |_| {});
    assert!(matches!(end, Ok(End::Exit)));
    assert_eq!((&*stdout.bytes, &*stderr.bytes), (&b"all\n"[..], &b"of\n"[..]));
}

#[test]
fn a_child_that_lingers_after_its_output_keeps_it() {
    let output =
        run(&mut shell("echo rows; exec >&- 2>&-; sleep 1000"), LIMITS, &switch()).expect("its rows");
    assert_eq!((output.status, &*output.stdout), (None, &b"rows\n"[..]));
}

#[test]
fn there_is_nothing_on_stdin() {
    let output = run(&mut shell("cat"), LIMITS, &switch()).expect("finished");
    assert_eq!((code(&output), output.stdout.len()), (Some(0), 0));
}

#[test]
fn output_can_be_taken_as_it_comes_and_does_not_count_then() {
    let mut taken = Vec::new();
    let limits = Limits { stdout: 100_000, ..LIMITS };
    let output = super::run(&mut shell("head -c 300000 /dev/zero"), limits, &switch(), |bytes| {
        taken.append(bytes);
    });
    assert_eq!((output.expect("finished").stdout.len(), taken.len()), (0, 300_000));
}

#[test]
fn too_much_output_ends_the_child() {
    let limits = Limits { stdout: 1000, ..LIMITS };
    assert!(matches!(run(&mut shell("yes"), limits, &switch()), Err(ChildError::OutputLimit)));
}

#[test]
fn the_time_limit_kills_the_process_group() {
    let dir = tempfile::tempdir().expect("a directory");
    let alive = fifo(dir.path(), "alive");
    let limits = Limits { time: Duration::from_millis(300), ..LIMITS };
    let script = format!("exec 3>{alive}; sleep 1000 & sleep 1000");
    let reader = thread::spawn(move || read_to_end(File::open(alive).expect("opened")));
    assert!(matches!(run(&mut shell(&script), limits, &switch()), Err(ChildError::TimedOut)));
    reader.join().expect("all holders of the pipe have exited");
}

#[test]
fn the_kill_switch_kills_the_process_group() {
    let dir = tempfile::tempdir().expect("a directory");
    let alive = fifo(dir.path(), "alive");
    let mut switch = switch();
    let trigger = switch.trigger();
    let script = format!("exec 3>{alive}; (sleep 1000 & sleep 1000) & echo up >&3; sleep 1000");
    let child = thread::spawn(move || run(&mut shell(&script), LIMITS, &switch).map(|_| ()));
    let mut pipe = File::open(alive).expect("opened");
    let mut up = [0; 3];
    pipe.read_exact(&mut up).expect("the child is up");
    trigger();
    assert!(matches!(child.join().expect("no panic"), Err(ChildError::Killed)));
    assert!(read_to_end(pipe).is_empty());
}

#[test]
fn a_switch_triggered_before_the_start_kills_at_once() {
    let mut switch = switch();
    switch.trigger()();
    assert!(matches!(run(&mut shell("sleep 1000"), LIMITS, &switch), Err(ChildError::Killed)));
}

#[test]
fn a_grandchild_that_keeps_the_pipes_open_blocks_nothing() {
    let began = Instant::now();
    let output = run(&mut shell("sleep 1000 & echo done"), LIMITS, &switch()).expect("finished");
    assert_eq!(output.stdout, b"done\n");
    assert!(began.elapsed() < Duration::from_secs(30), "not the grandchild's time, nor the limit");
}

#[test]
fn a_child_that_closes_its_pipes_early_is_waited_for() {
    let output = run(&mut shell("exec >&- 2>&-; sleep 0.05; exit 4"), LIMITS, &switch()).expect("finished");
    assert_eq!(code(&output), Some(4));
}

#[test]
fn a_child_killed_by_a_signal_reports_it() {
    let output = run(&mut shell("kill -9 $$"), LIMITS, &switch()).expect("finished");
    assert_eq!(output.status.and_then(|status| status.signal()), Some(9));
}

#[test]
fn a_missing_program_is_reported() {
    let missing = run(&mut Command::new("/nowhere/gcloud"), LIMITS, &switch());
    assert!(matches!(missing, Err(ChildError::Spawn(error)) if error.kind() == io::ErrorKind::NotFound));
}
