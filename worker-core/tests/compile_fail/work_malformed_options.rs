//! Options with a value too many, too few, or twice.

use worker_core::{Restart, Result, WorkerContext, work};

#[work(thread = true)]
fn a(_cx: &WorkerContext) -> Result<()> {
    Ok(())
}

#[work(thread, group)]
fn b(_cx: &WorkerContext) -> Result<()> {
    Ok(())
}

#[work(thread, thread)]
fn c(_cx: &WorkerContext) -> Result<()> {
    Ok(())
}

#[work(thread, exclusive, restart = Restart::KeepLatest)]
fn d(_cx: &WorkerContext) -> Result<()> {
    Ok(())
}

fn main() {}
