//! Our workers and our queue beside their peers: every row is measured in one run, in turns, and held against a target.
//!
//! ```sh
//! cargo bench -p worker-ui-bridge --bench peers                     # the table
//! cargo bench -p worker-ui-bridge --bench peers -- --check          # fails where a target is missed
//! cargo bench -p worker-ui-bridge --bench peers -- --only post      # the rows with this in their name
//! cargo bench -p worker-ui-bridge --bench peers -- --rounds 31
//! ```
//!
//! *Invariant.* A peer does the same useful work as we and no more; what it does is said where it is made.

mod arguments;
mod contest;
mod measure;
mod one_core;
mod ping_pong;
mod rows;
mod stage;
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
        eprintln!("no row has that in its name; they are:");
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
        let short = lines.iter().filter(|line| line.verdict() == Verdict::Missed);
        missed.extend(short.map(|line| line.describe(row.name)));
    }
    table::print_foot();
    for miss in &missed {
        println!("missed: {miss}");
    }
    if arguments.check && !missed.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
