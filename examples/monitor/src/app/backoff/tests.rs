use super::*;
use crate::source::ErrorKind;

const REFRESH: Duration = Duration::from_secs(30);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).expect("a time")
}

fn error(kind: ErrorKind) -> SourceError {
    SourceError::new(kind, "it failed")
}

fn pause(backoffs: &Backoffs, table: Table, now: i64) -> Option<i64> {
    backoffs.until(table, at(now)).map(|until| until.as_second() - now)
}

#[test]
fn a_service_that_says_how_long_is_taken_at_its_word() {
    let mut backoffs = Backoffs::default();
    let asked = error(ErrorKind::RateLimited).with_retry_after(Duration::from_hours(1));
    backoffs.failed(Table::Completed, &asked, REFRESH, at(0));
    assert_eq!(pause(&backoffs, Table::Completed, 0), Some(3600));
    assert_eq!(pause(&backoffs, Table::Active, 600), Some(3000), "its other table waits, too");
    assert_eq!(pause(&backoffs, Table::Builds, 0), None);
    backoffs.succeeded(Table::Active, at(10));
    assert_eq!(pause(&backoffs, Table::Active, 10), Some(3590), "it had said so");
    assert_eq!(pause(&backoffs, Table::Active, 3600), None);
    let never = error(ErrorKind::RateLimited).with_retry_after(Duration::MAX);
    backoffs.failed(Table::Active, &never, REFRESH, at(0));
    assert_eq!(pause(&backoffs, Table::Active, 0), Some(24 * 3600));
}

#[test]
fn failures_in_a_row_double_the_time_between_two_refreshes() {
    let mut backoffs = Backoffs::default();
    let mut now = 0;
    let mut pauses = Vec::new();
    for _ in 0..8 {
        backoffs.failed(Table::Builds, &error(ErrorKind::Unavailable), REFRESH, at(now));
        let wait = pause(&backoffs, Table::Builds, now).unwrap_or(0);
        pauses.push(wait);
        now += wait + 30;
    }
    assert_eq!(pauses, [0, 30, 90, 210, 450, 600, 600, 600]);
    backoffs.succeeded(Table::Builds, at(now));
    backoffs.failed(Table::Builds, &error(ErrorKind::Unavailable), REFRESH, at(now + 30));
    assert_eq!(pause(&backoffs, Table::Builds, now + 30), None, "the first in a row again");
}

#[test]
fn regions_that_fail_together_count_once_and_another_table_that_succeeds_changes_nothing() {
    let mut backoffs = Backoffs::default();
    for now in [0, 30] {
        for _region in 0..18 {
            backoffs.failed(Table::Completed, &error(ErrorKind::TimedOut), REFRESH, at(now));
        }
        backoffs.succeeded(Table::Active, at(now + 1));
    }
    assert_eq!(pause(&backoffs, Table::Completed, 30), Some(30));
    assert_eq!(pause(&backoffs, Table::Active, 30), Some(30), "it is the same service");
}

#[test]
fn what_waiting_does_not_mend_makes_no_pause() {
    let mut backoffs = Backoffs::default();
    for now in 0..10 {
        backoffs.failed(Table::Builds, &error(ErrorKind::NotLoggedIn), REFRESH, at(now * 30));
    }
    assert_eq!(pause(&backoffs, Table::Builds, 300), None);
}
