//! A body needs its context.

use worker_core::{Result, work};

#[work(thread)]
fn none() -> Result<()> {
    Ok(())
}

#[work(thread)]
fn not_first(query: String) -> Result<String> {
    Ok(query)
}

fn main() {}
