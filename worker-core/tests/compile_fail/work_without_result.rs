//! A body says whether it has succeeded.

use worker_core::{WorkerContext, work};

#[work(thread)]
fn nothing(_cx: &WorkerContext) {}

#[work(thread)]
fn plain(_cx: &WorkerContext) -> u32 {
    1
}

fn main() {}
