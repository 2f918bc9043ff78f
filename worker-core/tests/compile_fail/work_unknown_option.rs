//! An option that does not exist.

use worker_core::{Result, WorkerContext, work};

#[work(thread, gruop = "api")]
fn fetch(_cx: &WorkerContext) -> Result<()> {
    Ok(())
}

fn main() {}
