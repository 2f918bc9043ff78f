//! A function that is not async and not marked `thread` would block the UI.

use worker_core::{Result, WorkerContext, work};

#[work]
fn fetch(cx: &WorkerContext) -> Result<u32> {
    cx.check()?;
    Ok(1)
}

fn main() {}
