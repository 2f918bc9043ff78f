//! S19: `#[work]`.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use worker_core::{
    Restart, Result, StartWorkers, Worker, WorkerContext, WorkerManager, current_worker, work,
};

/// Adds.
#[work(thread)]
fn add(cx: &WorkerContext, a: u32, b: u32) -> Result<u32> {
    cx.check()?;
    Ok(a + b)
}

#[work(thread, group = "api", exclusive, exit_on_error = false, timeout = Duration::from_mins(1), name = "download")]
fn fetch(_cx: &WorkerContext, host: String) -> Result<usize, std::num::ParseIntError> {
    host.parse()
}

#[work(thread, restart = Restart::KeepPrevious, group = format!("host {host}"), description = "no secrets here")]
fn log_in(cx: &WorkerContext, host: &'static str, password: String) -> Result<bool> {
    cx.check()?;
    Ok(password.len() > host.len())
}

#[work(thread)]
async fn twice<T, const EXTRA: usize>(_cx: &WorkerContext, value: T) -> Result<(T, T)>
where
    T: Clone + Debug + Send + Sync + 'static,
{
    assert_eq!(EXTRA, 3);
    let again = std::future::ready(value.clone()).await;
    Ok((value, again))
}

#[work(thread)]
fn patterns(
    _cx: &WorkerContext,
    (left, right): (u32, u32),
    mut list: Vec<u32>,
    workers: u32,
    _: Opaque,
) -> Result<u32> {
    list.push(left);
    Ok(list.iter().sum::<u32>() + right + workers)
}

/// Has no `Debug`.
struct Opaque;

struct Counter {
    start: u32,
}

impl Counter {
    #[work(thread)]
    fn count(self: Arc<Self>, cx: &WorkerContext, steps: u32) -> Result<u32> {
        cx.set_total(u64::from(steps));
        for _ in 0..steps {
            cx.advance(1);
        }
        Ok(self.start + steps)
    }

    #[work(thread)]
    fn into_start(self, _cx: &WorkerContext) -> Result<u32> {
        Ok(self.start)
    }

    #[work(thread)]
    pub(crate) fn fresh(_cx: &WorkerContext) -> Result<Self> {
        Ok(Self { start: 1 })
    }
}

#[test]
fn s19_the_call_returns_a_worker_at_once() {
    let workers = WorkerManager::new();
    let line = line!() + 1;
    let sum: Worker<u32> = add(&workers, 2, 3);
    assert_eq!(sum.wait().ok(), Some(&5));
    assert_eq!((sum.name(), sum.group(), sum.exit_on_error()), ("add", "default", true));
    assert_eq!(sum.description(), "add(a: 2, b: 3)");
    assert_eq!(sum.spawned_at().line(), line, "the place that called it");
}

#[test]
fn s19_options_and_an_error_type_of_ones_own() {
    let workers = WorkerManager::new();
    let screen = workers.scope("screen");
    let fetched = fetch(&screen, "7".to_owned());
    assert_eq!(fetched.wait().ok(), Some(&7));
    assert_eq!(
        (fetched.name(), fetched.group(), fetched.scope(), fetched.exit_on_error()),
        ("download", "api", "screen", false)
    );
    let failed = fetch(&screen, "seven".to_owned());
    failed.wait().unwrap_err();
    assert!(failed.error().unwrap().downcast_ref::<std::num::ParseIntError>().is_some());
}

#[test]
fn s19_options_are_expressions_that_see_the_arguments() {
    let workers = WorkerManager::new();
    let worker = log_in(&workers, "example", "correct horse".to_owned());
    assert_eq!(worker.group(), "host example");
    assert_eq!(worker.description(), "no secrets here");
    assert_eq!(worker.wait().ok(), Some(&true));
}

#[test]
fn s19_async_generic_and_bounded() {
    let worker = twice::<_, 3>(&WorkerManager::new(), "a".to_owned());
    assert_eq!(worker.wait().ok(), Some(&("a".to_owned(), "a".to_owned())));
    assert_eq!(worker.description(), "twice(value: \"a\")");
}

#[test]
fn s19_arguments_may_be_patterns_and_have_any_name() {
    let worker = patterns(&WorkerManager::new(), (1, 2), vec![3], 4, Opaque);
    assert_eq!(worker.wait().ok(), Some(&10));
    assert_eq!(
        worker.description(),
        "patterns(argument_1: (1, 2), argument_2: [3], workers: 4, argument_4: …)",
        "what has no Debug is left out"
    );
}

#[test]
fn s19_methods_and_associated_functions() {
    let workers = WorkerManager::new();
    let counter = Arc::new(Counter { start: 10 });
    let sum = counter.clone().count(&workers, 5);
    assert_eq!(sum.wait().ok(), Some(&15));
    assert_eq!(sum.progress().completed(), 5);
    assert_eq!(Counter { start: 3 }.into_start(&workers).wait().ok(), Some(&3));
    assert_eq!(Counter::fresh(&workers).wait().ok().map(|counter| counter.start), Some(1));
}

#[test]
fn s19_a_description_is_cut_while_it_is_made() {
    let worker = twice::<_, 3>(&WorkerManager::new(), "x".repeat(1_000_000));
    assert_eq!(worker.description().chars().count(), 1000);
}

#[test]
fn s19_workers_may_start_workers() {
    fn nested<W: StartWorkers + Clone + Send + 'static>(workers: &W) -> Worker<u32> {
        let again = workers.clone();
        workers.worker("outer").thread(move |_| {
            let inner = add(&again, 1, 1);
            assert_ne!(inner.id(), current_worker()?.id());
            Ok(*inner.wait()?)
        })
    }
    assert_eq!(nested(&WorkerManager::new()).wait().ok(), Some(&2));
}
