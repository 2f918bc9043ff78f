//! The memory of a pending worker. Counted by a program of its own, the bench target `memory`,
//! because a counting allocator would slow the rows that are timed.

use std::process::{Command, Stdio};

use crate::measure::Effort;
use crate::table::{Line, Unit};

const LIMIT_BYTES: f64 = 400.0;
const LIMIT_BYTES_DELAYED: f64 = 450.0;

/// A line for each way in which a worker can be pending. The target holds for each.
pub(crate) fn measure(effort: Effort) -> Vec<Line> {
    match effort {
        // A trial does not build the other target.
        Effort::Trial => Vec::new(),
        Effort::Measured { .. } => run().unwrap_or_else(|error| vec![Line::Unmeasured { error }]),
    }
}

/// Runs the other target, which prints lines of `<bytes> <which workers>`.
fn run() -> Result<Vec<Line>, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| env!("CARGO").into());
    let output = Command::new(cargo)
        .args(["bench", "--quiet", "--bench", "memory", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("the bench `memory` could not be started: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<_> = text.lines().filter_map(line).collect();
    if lines.is_empty() {
        Err(format!("the bench `memory` gave no figure: {}", output.status))
    } else {
        Ok(lines)
    }
}

fn line(text: &str) -> Option<Line> {
    let (bytes, which) = text.split_once(' ')?;
    let limit = if which.ends_with("delayed") { LIMIT_BYTES_DELAYED } else { LIMIT_BYTES };
    Some(Line::Alone { ours: bytes.parse().ok()?, unit: Unit::Bytes, what: which.to_owned(), limit })
}
