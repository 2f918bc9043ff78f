use std::collections::HashSet;

use worker_core::WorkerManager;
use worker_ui_bridge::testing;

use super::*;
use crate::model::{Caps, Phase, Row, arrange};

fn rows(seed: u64, table: Table, seconds: i64) -> Vec<Row> {
    rows_of(World::new(seed, None), table, seconds)
}

fn rows_of(world: World, table: Table, seconds: i64) -> Vec<Row> {
    world.rows(table, EPOCH + SignedDuration::from_secs(seconds))
}

#[test]
fn the_same_seed_and_moment_give_the_same_rows() {
    for table in Table::ALL {
        assert_eq!(rows(7, table, 300), rows(7, table, 300));
        assert_ne!(rows(7, table, 300), rows(8, table, 300), "{table}");
    }
}

#[test]
fn the_first_moment_fills_all_five_tables_and_the_divider_stands() {
    for seed in 0..50 {
        for table in Table::ALL {
            let arranged = arrange(table, rows(seed, table, 0), Caps::default());
            assert!(arranged.rows.len() >= 2, "seed {seed}: {table} has {} rows", arranged.rows.len());
            assert_eq!(arranged.divider.is_some(), table == Table::Builds, "seed {seed}: {table}");
        }
    }
}

#[test]
fn each_table_has_as_many_rows_as_are_asked_for() {
    for wanted in [1, 10, 100, 1000] {
        for (seed, seconds) in [(0, 0), (1, 17), (9, 0), (9, 86_400)] {
            let world = World::new(seed, Some(wanted));
            for table in Table::ALL {
                assert_eq!(rows_of(world, table, seconds).len(), wanted, "{table}, seed {seed}, {seconds}s");
            }
        }
    }
}

#[test]
fn items_never_return_to_an_earlier_stage() {
    let ended = |seconds| -> HashSet<String> {
        let rows = rows(1, Table::Builds, seconds).into_iter();
        rows.filter(|row| row.phase == Phase::Ended).map(|row| row.key).collect()
    };
    let active = |seconds| -> HashSet<String> {
        let rows = rows(1, Table::Builds, seconds).into_iter();
        rows.filter(|row| row.phase == Phase::Active).map(|row| row.key).collect()
    };
    for seconds in (0..3600).step_by(30) {
        assert!(
            ended(seconds).is_disjoint(&active(seconds + 30)),
            "something came back to life at {seconds}s"
        );
    }
    assert!(!active(0).is_disjoint(&ended(600)), "something finished within ten minutes");
    assert!(!active(600).is_subset(&active(0)), "something new came within ten minutes");
}

#[test]
fn nothing_is_made_in_the_future_and_keys_are_unique() {
    for seconds in [0, 17, 999, 86_400] {
        for table in Table::ALL {
            let rows = rows(3, table, seconds);
            let now = EPOCH + SignedDuration::from_secs(seconds);
            assert!(rows.iter().all(|row| row.created.is_some_and(|created| created <= now)));
            let keys: HashSet<_> = rows.iter().map(|row| &row.key).collect();
            assert_eq!(keys.len(), rows.len(), "{table}");
        }
    }
}

#[test]
fn failures_come_now_and_then_and_never_first() {
    for seed in 0..20 {
        let demo = Demo::new(seed, None, WallClock::system());
        for table in Table::ALL {
            assert!(!demo.fails(table, 0));
            let failures = (0..200).filter(|&fetch| demo.fails(table, fetch)).count();
            assert!((5..60).contains(&failures), "seed {seed}: {table} fails {failures} times in 200");
        }
    }
}

#[test]
fn s04_the_latencies_are_those_of_the_reference_timeline() {
    let order = [Table::Runner, Table::Active, Table::Completed, Table::Builds, Table::Vertex];
    assert_eq!(order.map(|table| Demo::latency(table).as_millis()), [800, 1200, 1500, 2100, 2800]);
}

#[test]
fn a_fetch_takes_its_latency() {
    testing::run(0, |scheduler| {
        let demo = Demo::new(0, None, WallClock::starting_at(EPOCH, scheduler.clock()));
        let workers = WorkerManager::builder().clock(scheduler.clock()).build();
        let worker = workers
            .worker("vertex")
            .exit_on_error(false)
            .thread(move |cx| Ok(demo.fetch(Table::Vertex, None, cx).map(|batch| batch.rows.len())?));
        scheduler.advance(Demo::latency(Table::Vertex).saturating_sub(Duration::from_nanos(1)));
        assert!(!worker.is_finished());
        scheduler.advance(Duration::from_nanos(1));
        assert!(worker.result().is_some_and(|rows| *rows > 0));
    });
}

#[test]
fn a_cancel_ends_a_fetch_at_once() {
    let demo = Demo::new(0, None, WallClock::system());
    let worker = WorkerManager::new()
        .worker("vertex")
        .exit_on_error(false)
        .thread(move |cx| Ok(demo.fetch(Table::Vertex, None, cx).map(|batch| batch.rows.len())?));
    worker.cancel();
    assert!(worker.wait().is_err());
}
