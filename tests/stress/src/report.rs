//! Reports: what promise was broken, by which worker, what was seen of it, and how to run it again.

use std::fmt::Write;
use std::time::Duration;

use crate::checker::Violation;
use crate::driver::plan::{Plan, Threads};
use crate::history::{CaseNumber, History, What};

/// The command that runs an episode again.
pub(crate) fn replay(plan: &Plan) -> String {
    let scheduler = if plan.mode == Threads::Scheduler { " --scheduler" } else { "" };
    let Plan { origin: (seed, episode, actors), .. } = plan;
    format!(
        "cargo run -p stress --release -- --seed {seed} --episode {episode} --workers 1 --threads {actors}{scheduler}"
    )
}

/// The report of broken promises.
pub(crate) fn violations(history: &History, plan: &Plan, found: &[Violation]) -> String {
    let mut text = String::new();
    for violation in found.iter().take(3) {
        let _ = writeln!(text, "\nbroken: {violation}");
        for case in &violation.cases {
            text.push_str(&worker(history, *case));
        }
        let operations = history.operations();
        if !operations.is_empty() {
            let _ = writeln!(text, "  operations on several workers:");
        }
        for operation in operations {
            let _ = writeln!(text, "    {operation:?}");
        }
    }
    if found.len() > 3 {
        let _ = writeln!(text, "\n… and {} more", found.len() - 3);
    }
    let _ = writeln!(text, "\n{}", again(plan));
    text
}

/// The report of a failure that no history shows.
pub(crate) fn failure(plan: &Plan, what: &str) -> String {
    format!("\nbroken: {what}\n\n{}\n", again(plan))
}

/// The report of an episode that does not end.
pub(crate) fn hang(history: &History, plan: &Plan, limit: Duration) -> String {
    let mut text = format!("\nbroken: P14–P16: the episode has not ended within {limit:?}; who is where:\n");
    for case in 0..history.count() {
        let log = history.log(case);
        let is_over =
            log.iter().any(|seen| matches!(&seen.what, What::Emitted { state, .. } if state.is_finished()));
        if !is_over {
            text.push_str(&worker(history, case));
        }
    }
    for wait in history.open_waits() {
        let _ = writeln!(text, "  has not returned: {wait:?}");
    }
    let _ = writeln!(text, "\n{}", again(plan));
    text
}

fn again(plan: &Plan) -> String {
    let exactness = match plan.mode {
        Threads::Scheduler => "the same run, exactly",
        Threads::System => "the same choices; the interleaving is the system's, so it may take several runs",
    };
    format!("plan: {plan:?}\nreplay ({exactness}):\n  {}", replay(plan))
}

/// What was seen of a worker.
fn worker(history: &History, case: CaseNumber) -> String {
    let mut text = format!("  worker {case}: {:?}\n", history.case(case).spec.get());
    for seen in history.log(case) {
        let _ = writeln!(text, "    {seen}");
    }
    for wait in history.waits() {
        if wait.waiter == Some(case) || wait.target == case {
            let _ = writeln!(text, "    {wait:?}");
        }
    }
    text
}
