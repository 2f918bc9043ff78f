use jiff::SignedDuration;

use super::*;
use crate::source::{ErrorKind, Extent, PartError, SourceError};
use crate::tests::rows;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn after(minutes: i64) -> Timestamp {
    NOW + SignedDuration::from_mins(minutes)
}

/// One row of each of these regions.
fn batch(keys_and_regions: &[(&str, &str)], as_of: Timestamp) -> Batch {
    let (keys, regions): (Vec<&str>, Vec<&str>) = keys_and_regions.iter().copied().unzip();
    let mut batch = rows(&keys);
    for (row, region) in batch.rows.iter_mut().zip(regions) {
        row.region = Some(region.to_owned());
    }
    batch.as_of = as_of;
    batch
}

fn prepared(batch: Batch, before: Option<&Rows>) -> Rows {
    Rows::new(Table::Vertex, Caps::default(), batch, before)
}

fn keys(rows: &Rows) -> Vec<&str> {
    rows.arranged.rows.iter().map(|row| row.key.as_str()).collect()
}

#[test]
fn a_complete_fetch_replaces_all_rows() {
    let before = prepared(batch(&[("a", "here"), ("b", "there")], NOW), None);
    let rows = prepared(batch(&[("b", "there")], after(1)), Some(&before));
    assert_eq!((keys(&rows), &rows.failure, rows.oldest_stale()), (vec!["b"], &None, None));
    assert_eq!(rows.as_of, after(1));
}

#[test]
fn rows_of_a_failed_region_keep_their_age_and_do_not_accumulate() {
    let mut before = prepared(batch(&[("old", "here")], NOW), None);
    for minute in 1..=30 {
        let newest = format!("elsewhere {minute}");
        let mut partial = batch(&[(&*newest, "there")], after(minute));
        let error = SourceError::new(ErrorKind::Denied, "denied");
        partial.failed.push(PartError { region: Some("here".to_owned()), extent: Extent::Whole, error });
        let rows = prepared(partial, Some(&before));
        assert_eq!(keys(&rows), [&*newest, "old"], "{minute}");
        assert_eq!(rows.failure.as_deref(), Some("here: denied"));
        let since = |index: usize| rows.stale_since(&rows.arranged.rows[index]);
        assert_eq!((since(0), since(1), rows.oldest_stale()), (None, Some(NOW), Some(NOW)));
        before = rows;
    }
    let rows = prepared(batch(&[("fresh", "here")], after(31)), Some(&before));
    assert_eq!((keys(&rows), rows.oldest_stale()), (vec!["fresh"], None));
}

#[test]
fn a_kept_row_that_the_caps_remove_has_no_age() {
    let before = prepared(batch(&[("old", "here")], NOW), None);
    let mut partial = batch(&[("new", "there")], after(1));
    partial.rows[0].created = Some(after(1));
    let error = SourceError::new(ErrorKind::Denied, "denied");
    partial.failed.push(PartError { region: Some("here".to_owned()), extent: Extent::Whole, error });
    let rows = Rows::new(Table::Vertex, Caps::all(1), partial, Some(&before));
    assert_eq!((keys(&rows), rows.arranged.hidden, rows.oldest_stale()), (vec!["new"], 1, None));
}
