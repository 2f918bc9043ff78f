//! CPU time and memory of the monitor in its first 15 seconds.

use std::thread;
use std::time::Duration;

use tests::{Terminal, release_monitor};

use crate::SIZE;
use crate::measurement::Measurement;
use crate::process::{cpu_time, kilobytes};

const WATCHED: Duration = Duration::from_secs(15);

/// Resource usage at the end of a run.
struct Used {
    cpu: Duration,
    most_resident: u32,
    resident: u32,
}

pub(crate) fn ten_rows() -> Vec<Measurement> {
    let used = run(&["--rows", "10"], 10);
    vec![
        Measurement::seconds("10 rows a table, CPU in 15 s", used.cpu, 0.07),
        Measurement::megabytes("10 rows a table, most resident (VmHWM)", used.most_resident, 10.0),
        Measurement::megabytes("10 rows a table, resident at the end (VmRSS)", used.resident, 10.0),
    ]
}

pub(crate) fn thousand_rows() -> Vec<Measurement> {
    let used = run(&["--rows", "1000", "--refresh", "5"], 1000);
    vec![Measurement::seconds("1000 rows a table, refreshed every 5 s, CPU in 15 s", used.cpu, 0.11)]
}

fn run(arguments: &[&str], rows: usize) -> Used {
    let mut terminal = Terminal::start(release_monitor(), arguments, &[], SIZE);
    thread::sleep(WATCHED);
    let process = terminal.process();
    let used = Used {
        cpu: cpu_time(process),
        most_resident: kilobytes(process, "VmHWM"),
        resident: kilobytes(process, "VmRSS"),
    };
    for title in [format!("Builds 1/{rows} "), format!("Completed {rows} ")] {
        terminal.wait_for_text(&title);
    }
    terminal.type_keys("q");
    assert_eq!(terminal.wait_for_end().0, 0);
    used
}
