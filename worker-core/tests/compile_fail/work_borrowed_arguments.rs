//! A worker outlives the call.

use worker_core::{Result, WorkerContext, work};

#[work(thread)]
fn text(_cx: &WorkerContext, query: &str) -> Result<usize> {
    Ok(query.len())
}

#[work(thread)]
fn nested<'a>(_cx: &WorkerContext, rows: Vec<&'a str>) -> Result<usize> {
    Ok(rows.len())
}

struct App;

impl App {
    #[work(thread)]
    fn method(&self, _cx: &WorkerContext) -> Result<()> {
        Ok(())
    }
}

fn main() {}
