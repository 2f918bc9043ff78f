use jiff::SignedDuration;

use super::*;
use crate::source::{ErrorKind, SourceError};
use crate::tests::rows;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn after(minutes: i64) -> Timestamp {
    NOW + SignedDuration::from_mins(minutes)
}

fn empty(caps: Caps) -> Rows {
    Rows::new(Table::Vertex, caps)
}

/// Lands these rows of a region, all made at this time.
fn land(into: &mut Rows, region: Option<&str>, keys: &[&str], as_of: Timestamp) {
    let mut batch = rows(keys);
    batch.as_of = as_of;
    for row in &mut batch.rows {
        row.region = region.map(str::to_owned);
        row.created = Some(as_of);
    }
    land_part(into, region, Ok(batch));
}

fn fail(into: &mut Rows, region: Option<&str>, what: &str) {
    land_part(into, region, Err(SourceError::new(ErrorKind::Denied, what)));
}

fn land_part(into: &mut Rows, region: Option<&str>, fetched: Result<Batch, SourceError>) {
    let part = Part { region: region.map(str::to_owned), fetched };
    into.land(Rows::prepare(into.table, into.caps, part));
}

fn keys(rows: &Rows) -> Vec<&str> {
    rows.arranged.rows.iter().map(|row| row.key.as_str()).collect()
}

#[test]
fn a_regions_rows_replace_those_it_had_and_no_others() {
    let mut rows = empty(Caps::default());
    land(&mut rows, Some("a"), &["a1", "a2"], after(1));
    land(&mut rows, Some("b"), &["b1"], after(2));
    assert_eq!(keys(&rows), ["b1", "a1", "a2"]);
    land(&mut rows, Some("a"), &["a3"], after(3));
    assert_eq!((keys(&rows), rows.oldest(), &rows.failure), (vec!["a3", "b1"], Some(after(2)), &None));
    land(&mut rows, Some("b"), &[], after(4));
    assert_eq!(keys(&rows), ["a3"]);
}

#[test]
fn rows_of_the_same_time_stand_in_the_order_of_their_regions() {
    for order in [["a", "b"], ["b", "a"]] {
        let mut rows = empty(Caps::default());
        for region in order {
            land(&mut rows, Some(region), &[region], NOW);
        }
        assert_eq!(keys(&rows), ["a", "b"]);
    }
}

#[test]
fn without_regions_all_rows_are_replaced() {
    let mut rows = empty(Caps::default());
    land(&mut rows, None, &["old"], NOW);
    rows.arranged.rows[0].region = Some("its own".to_owned());
    land(&mut rows, None, &["new"], after(1));
    assert_eq!(keys(&rows), ["new"]);
}

#[test]
fn rows_of_a_failed_region_stay_with_their_age_and_do_not_accumulate() {
    let mut rows = empty(Caps::default());
    land(&mut rows, Some("here"), &["old"], NOW);
    for minute in 1..=30 {
        let newest = format!("elsewhere {minute}");
        land(&mut rows, Some("there"), &[&newest], after(minute));
        fail(&mut rows, Some("here"), "denied");
        assert_eq!(keys(&rows), [&*newest, "old"], "{minute}");
        assert_eq!(rows.failure.as_deref(), Some("here: denied"));
        let since = |index: usize| rows.stale_since(&rows.arranged.rows[index]);
        assert_eq!((since(0), since(1), rows.oldest_stale()), (None, Some(NOW), Some(NOW)));
    }
    land(&mut rows, Some("here"), &["fresh"], after(31));
    assert_eq!(
        (keys(&rows), rows.oldest_stale(), &rows.failure),
        (vec!["fresh", "elsewhere 30"], None, &None)
    );
}

#[test]
fn a_region_that_failed_in_part_has_only_the_rows_that_came() {
    let mut rows = empty(Caps::default());
    land(&mut rows, Some("a"), &["gone"], NOW);
    let error = SourceError::new(ErrorKind::BadReply, "1 of 2 could not be read");
    let mut batch = crate::tests::rows(&["new"]);
    batch.failed.push(PartError { region: None, extent: Extent::Some, error });
    land_part(&mut rows, Some("a"), Ok(batch));
    assert_eq!((keys(&rows), rows.oldest_stale()), (vec!["new"], None));
    assert_eq!(rows.failure.as_deref(), Some("a: 1 of 2 could not be read"));
}

#[test]
fn the_caps_count_over_all_regions() {
    let mut rows = empty(Caps::all(2));
    land(&mut rows, Some("a"), &["a1", "a2", "a3"], NOW);
    assert_eq!((keys(&rows), rows.arranged.hidden), (vec!["a1", "a2"], 1));
    land(&mut rows, Some("b"), &["b1"], after(1));
    assert_eq!((keys(&rows), rows.arranged.hidden), (vec!["b1", "a1"], 2));
}
