//! Compares workers and the queue with their peers. Each row is measured in one run, ours and the
//! peers in turns, and checked against a target.
//!
//! ```sh
//! cargo bench -p worker-ui-bridge --bench peers                  # the table
//! cargo bench -p worker-ui-bridge --bench peers -- --check       # fails if a target is missed
//! cargo bench -p worker-ui-bridge --bench peers -- --only post   # rows with this in their name
//! cargo bench -p worker-ui-bridge --bench peers -- --rounds 31
//! ```
//!
//! *Invariant.* A peer does the same useful work as ours and no more. The function that makes a
//! peer says what it does.

mod arguments;
mod bench_ui;
mod comparison;
mod measure;
mod one_core;
mod ping_pong;
mod rows;
mod table;

use std::process::ExitCode;

use crate::arguments::Arguments;
use crate::table::Verdict;

fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(problem) => {
            eprintln!("{problem}\n{}", arguments::USAGE);
            return ExitCode::from(2);
        }
    };
    let rows: Vec<_> = rows::ALL.iter().filter(|row| arguments.wants(row.name)).collect();
    if rows.is_empty() {
        eprintln!("no row has that in its name; the rows are:");
        for row in rows::ALL {
            eprintln!("    {}", row.name);
        }
        return ExitCode::from(2);
    }
    if arguments.effort.is_trial() {
        for row in rows {
            (row.measure)(arguments.effort);
            println!("{}: runs", row.name);
        }
        return ExitCode::SUCCESS;
    }
    table::print_head();
    let mut missed = Vec::new();
    for row in rows {
        let lines = (row.measure)(arguments.effort);
        table::print_row(row.name, &lines);
        let missed_lines = lines.iter().filter(|line| line.verdict() == Verdict::Missed);
        missed.extend(missed_lines.map(|line| line.describe(row.name)));
    }
    table::print_foot();
    for miss in &missed {
        println!("missed: {miss}");
    }
    if arguments.check && !missed.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
