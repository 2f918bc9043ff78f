use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use worker_ui_bridge::testing;

use super::*;
use crate::tests::rows;

/// A source whose regions answer after a time of their own.
#[derive(Debug, Default)]
struct Regions {
    answers: BTreeMap<&'static str, (Duration, Result<&'static str, &'static str>)>,
    asked: AtomicUsize,
    most: AtomicUsize,
}

impl Regions {
    fn new(
        answers: impl IntoIterator<Item = (&'static str, u64, Result<&'static str, &'static str>)>,
    ) -> Self {
        let answers = answers.into_iter();
        let answers = answers.map(|(name, seconds, answer)| (name, (Duration::from_secs(seconds), answer)));
        Self { answers: answers.collect(), ..Self::default() }
    }
}

impl Source for Regions {
    fn regions(&self, _: Table) -> Vec<String> {
        self.answers.keys().map(ToString::to_string).collect()
    }

    fn fetch(&self, _: Table, region: Option<&str>, cx: &WorkerContext) -> Result<Batch, SourceError> {
        let (time, answer) = self.answers[region.expect("it has regions")];
        let asked = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(asked, Ordering::Relaxed);
        let slept = cx.sleep(time);
        self.asked.fetch_sub(1, Ordering::Relaxed);
        slept?;
        assert_ne!(answer, Err("a bug"));
        answer.map(|key| rows(&[key])).map_err(|what| SourceError::new(ErrorKind::Denied, what))
    }
}

/// What came of some fetches at once.
struct Outcome {
    /// The regions in the order in which they landed, with the times in seconds.
    landed: Vec<(String, u64)>,
    /// The failures of each table, or why nothing came.
    ended: Vec<Result<String, String>>,
    /// How many regions were asked at once.
    most: usize,
}

fn fetch(source: Regions, tables: &[Table]) -> Outcome {
    let source = Arc::new(source);
    let (landed, ended) = testing::run(0, |scheduler| {
        let workers = WorkerManager::builder().clock(scheduler.clock()).build();
        let fetcher = Fetcher::new(source.clone(), workers.clone());
        let landed = Arc::new(std::sync::Mutex::new(Vec::new()));
        let start = |&table: &Table| {
            let (fetcher, landed, clock) = (fetcher.clone(), landed.clone(), scheduler.clone());
            let land = move |_: &WorkerContext, part: Part| {
                let region = part.region.expect("it has regions");
                landed.lock().expect("no panic").push((region, clock.elapsed().as_secs()));
                Ok(())
            };
            workers.worker(table.name()).exit_on_error(false).thread(move |cx| {
                let failures = fetcher.fetch(table, cx, land)?;
                Ok(combined(&failures).map(|error| error.to_string()).unwrap_or_default())
            })
        };
        let running: Vec<_> = tables.iter().map(start).collect();
        scheduler.advance(Duration::from_secs(100));
        let ended = running.iter().map(|fetch| fetch.wait().cloned().map_err(|error| error.to_string()));
        let ended: Vec<_> = ended.collect();
        (landed.lock().expect("no panic").clone(), ended)
    });
    Outcome { landed, ended, most: source.most.load(Ordering::Relaxed) }
}

#[test]
fn each_region_lands_when_it_is_there() {
    let source = Regions::new([("a", 3, Ok("1")), ("b", 1, Ok("2")), ("c", 2, Ok("3"))]);
    let Outcome { landed, ended, .. } = fetch(source, &[Table::Builds]);
    assert_eq!(landed, [("b".to_owned(), 1), ("c".to_owned(), 2), ("a".to_owned(), 3)]);
    assert_eq!(ended, [Ok(String::new())]);
}

#[test]
fn a_failed_region_costs_the_others_nothing() {
    let source = Regions::new([("a", 1, Err("denied")), ("b", 2, Ok("1")), ("c", 1, Err("a bug"))]);
    let Outcome { landed, ended, .. } = fetch(source, &[Table::Builds]);
    assert_eq!(landed.len(), 3);
    let failures = ended[0].as_ref().expect("one came");
    assert!(failures.starts_with("a: denied | c: panicked: "), "{failures}");
}

#[test]
fn what_all_regions_have_in_common_is_said_once() {
    let source = Regions::new([("a", 1, Err("not logged in")), ("b", 1, Err("not logged in"))]);
    assert_eq!(fetch(source, &[Table::Builds]).ended, [Err("not logged in".to_owned())]);
    let source = Regions::new([("a", 1, Err("denied")), ("b", 1, Err("gone"))]);
    assert_eq!(fetch(source, &[Table::Builds]).ended, [Err("a: denied | b: gone".to_owned())]);
}

#[test]
fn all_tables_together_ask_only_so_many_at_once_and_none_waits_for_another() {
    const NAMES: [&str; 18] =
        ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r"];
    let source = Regions::new(NAMES.map(|name| (name, 1, Ok(name))));
    let tables = [Table::Builds, Table::Runner, Table::Vertex];
    let Outcome { landed, ended, most } = fetch(source, &tables);
    assert_eq!((landed.len(), most), (NAMES.len() * tables.len(), AT_ONCE));
    assert_eq!(ended, vec![Ok(String::new()); 3]);
    let first_of = |region: &str| landed.iter().filter(|(name, _)| name == region).map(|(_, at)| *at).max();
    assert!(first_of("a") <= Some(3), "the last table's first region: {landed:?}");
}
