//! A task must not block, and a thread is no task.

use worker_core::{Result, TaskContext, WorkerContext, work};

#[work]
async fn task(_cx: &WorkerContext) -> Result<()> {
    Ok(())
}

#[work(thread)]
async fn thread(_cx: &TaskContext) -> Result<()> {
    Ok(())
}

fn main() {}
