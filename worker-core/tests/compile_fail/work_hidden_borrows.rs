//! Borrows that do not look like one, and other things that no worker can be.

use std::borrow::Cow;

use worker_core::{Result, WorkerContext, work};

#[work(thread)]
fn hidden(_cx: &WorkerContext, text: Cow<'_, str>) -> Result<usize> {
    Ok(text.len())
}

#[work(thread)]
fn boxed(_cx: &WorkerContext, call: Box<dyn Fn() + Send + '_>) -> Result<()> {
    call();
    Ok(())
}

#[work(thread)]
fn mutable(_cx: &mut WorkerContext) -> Result<()> {
    Ok(())
}

#[work(thread)]
fn opaque(_cx: &WorkerContext) -> Result<impl Sized + Send + Sync> {
    Ok(())
}

#[work(thread)]
const fn constant(_cx: &WorkerContext) -> Result<()> {
    Ok(())
}

fn main() {}
