//! The end of a child of a parent with many others, and with few. The children are cancelled before
//! they begin, so that nothing but their ends is measured.

use std::sync::mpsc;

use worker_core::{Worker, WorkerManager};

use crate::comparison::Comparison;
use crate::measure::{Effort, each};
use crate::table::Line;

const MANY: u32 = 80_000;
const FEW: u32 = 10;
const ENDS: u32 = 10_000;
const LIMIT_TO_FEW: f64 = 1.5;

pub(crate) fn measure(effort: Effort) -> Vec<Line> {
    let (ends, many, few) = (effort.count(ENDS), effort.count(MANY), effort.count(FEW));
    Comparison::of(|| ends_beside(ends, many))
        .peer_with_limit("beside 10", LIMIT_TO_FEW, || ends_beside(ends, few))
        .run(effort)
}

fn ends_beside(count: u32, others: u32) -> f64 {
    let workers = WorkerManager::new();
    let start_children = workers.clone();
    let (figure, measured) = mpsc::channel();
    let parent = workers.worker("parent").thread(move |_| {
        let child = || start_children.worker("child").child().paused().thread(|_| Ok(()));
        let others: Vec<Worker<()>> = (0..others).map(|_| child()).collect();
        let children: Vec<_> = (0..count).map(|_| child()).collect();
        figure.send(each(count, || children.iter().for_each(|child| child.cancel())))?;
        drop(others);
        Ok(())
    });
    parent.wait().expect("the parent measures");
    workers.cancel_all();
    measured.recv().expect("the parent has measured")
}
