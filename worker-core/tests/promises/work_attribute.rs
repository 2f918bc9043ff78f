//! S19: `#[work]`.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use worker_core::{
    ConcurrencyLimit, Restart, Result, StartWorkers, Worker, WorkerContext, WorkerManager, current_worker,
    work,
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
fn s19_options_and_a_custom_error_type() {
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
        "patterns(argument_1: (1, 2), list: [3], workers: 4, argument_4: …)",
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

/// Says when it is dropped.
struct Permit(crossbeam_channel::Sender<bool>);

impl Drop for Permit {
    fn drop(&mut self) {
        let _ = self.0.send(current_worker().is_ok());
    }
}

struct Holder {
    _permit: Permit,
}

#[work(thread)]
fn holds(_cx: &WorkerContext, _permit: Permit, (kept, _): (u32, Permit)) -> Result<u32> {
    Ok(kept)
}

#[work(thread)]
async fn holds_async(_cx: &WorkerContext, _permit: Permit, (kept, _): (u32, Permit)) -> Result<u32> {
    Ok(kept)
}

impl Holder {
    #[work(thread)]
    fn unused(self, _cx: &WorkerContext) -> Result<()> {
        Ok(())
    }
}

#[test]
fn s19_arguments_live_as_long_as_the_body_used_or_not() {
    let workers = WorkerManager::new();
    let (dropped, inside) = crossbeam_channel::unbounded();
    let permit = || Permit(dropped.clone());
    holds(&workers, permit(), (1, permit())).wait().unwrap();
    holds_async(&workers, permit(), (1, permit())).wait().unwrap();
    Holder { _permit: permit() }.unused(&workers).wait().unwrap();
    assert_eq!(inside.try_iter().collect::<Vec<_>>(), [true; 5], "dropped inside the body");
}

#[work(thread, group = format!("host {host}"))]
fn changes(_cx: &WorkerContext, mut host: String) -> Result<String> {
    host.push('!');
    Ok(host)
}

#[work(thread)]
async fn coerces(_cx: &WorkerContext, fail: bool) -> Result<Box<dyn Debug + Send + Sync>> {
    if fail {
        return Err(Box::new(std::fmt::Error));
    }
    Ok(Box::new(5))
}

#[work(thread)]
#[track_caller]
fn r#match(_cx: &WorkerContext, r#type: u32, #[cfg(any())] absent: Missing) -> Result<u32> {
    Ok(r#type)
}

#[work(thread)]
fn named_lifetime<'a>(cx: &'a WorkerContext, call: Box<dyn Fn(&str) -> usize + Send>) -> Result<usize> {
    let name = cx.worker().name();
    Ok(call(name))
}

#[test]
fn s19_what_is_written_in_an_ordinary_function_may_be_written_here() {
    let workers = WorkerManager::new();
    let changed = changes(&workers, "a".to_owned());
    assert_eq!((changed.group(), changed.description()), ("host a", "changes(host: \"a\")"));
    assert_eq!(changed.wait().ok().map(String::as_str), Some("a!"));
    assert_eq!(format!("{:?}", coerces(&workers, false).wait().unwrap()), "5");
    coerces(&workers, true).wait().unwrap_err();
    let raw = r#match(&workers, 7);
    assert_eq!((raw.name(), raw.description()), ("match", "match(type: 7)"));
    assert_eq!(named_lifetime(&workers, Box::new(str::len)).wait().ok(), Some(&14));
}

#[work(thread, exclusive, delay = Duration::from_hours(1), limit = limit)]
fn delayed_and_limited(cx: &WorkerContext, limit: ConcurrencyLimit) -> Result<usize> {
    cx.check()?;
    Ok(limit.waiting())
}

#[test]
fn p33_p34_a_worker_of_the_attribute_may_have_a_delay_and_a_limit() {
    let workers = WorkerManager::new();
    let limit = ConcurrencyLimit::new(1);
    let delayed = delayed_and_limited(&workers, limit.clone());
    assert!(delayed.is_pending());
    delayed.start();
    assert_eq!(*delayed.wait().unwrap(), 0);
}
