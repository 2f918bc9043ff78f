use jiff::SignedDuration;

use super::*;
use crate::model::{Cell, Phase};
use crate::source::{ErrorKind, Extent, PartError, SourceError};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn row(key: &str, minutes: i64) -> Row {
    Row {
        key: key.to_owned(),
        region: Some("here".to_owned()),
        phase: Phase::Ended,
        created: Some(NOW + SignedDuration::from_mins(minutes)),
        cells: vec![Cell::Missing; 6],
        details: Vec::new(),
    }
}

fn batch(keys: &[(&str, i64)]) -> Batch {
    Batch::complete(keys.iter().map(|&(key, minutes)| row(key, minutes)).collect(), NOW)
}

fn keys(panel: &Panel) -> Vec<&str> {
    panel.rows().rows.iter().map(|row| row.key.as_str()).collect()
}

fn loaded(keys: &[(&str, i64)]) -> Panel {
    let mut panel = Panel::new(Table::Vertex, Caps::default());
    assert_eq!(panel.request_fetch(), FetchStart::Now);
    panel.load(batch(keys), NOW);
    panel
}

#[test]
fn rows_stop_the_spinner_and_replace_the_old_ones() {
    let mut panel = loaded(&[("a", 1)]);
    assert_eq!(panel.request_fetch(), FetchStart::Now);
    assert!(panel.is_loading());
    panel.load(batch(&[("b", 1)]), NOW);
    assert!(!panel.is_loading());
    assert_eq!((keys(&panel), panel.outcome()), (vec!["b"], &Outcome::Fresh));
}

#[test]
fn an_error_stops_the_spinner_and_keeps_the_rows_with_their_age() {
    let mut panel = loaded(&[("a", 1)]);
    assert_eq!(panel.request_fetch(), FetchStart::Now);
    panel.fail("no network".to_owned());
    assert!(!panel.is_loading());
    assert_eq!((keys(&panel), panel.loaded_at()), (vec!["a"], Some(NOW)));
    assert_eq!(panel.outcome(), &Outcome::Failed("no network".to_owned()));
}

#[test]
fn a_fetch_that_brought_a_part_and_then_failed_is_partial() {
    let mut panel = loaded(&[("old", 1)]);
    assert_eq!(panel.request_fetch(), FetchStart::Now);
    let mut partial = batch(&[("new", 2)]);
    let error = SourceError::new(ErrorKind::Denied, "denied");
    partial.failed.push(PartError { region: Some("here".to_owned()), extent: Extent::Whole, error });
    panel.load(partial, NOW);
    panel.fail("here: denied".to_owned());
    assert_eq!(keys(&panel), ["new", "old"]);
    assert_eq!(panel.outcome(), &Outcome::Partial("here: denied".to_owned()));
    assert_eq!(panel.request_fetch(), FetchStart::Now);
    panel.fail("no network".to_owned());
    assert_eq!(panel.outcome(), &Outcome::Failed("no network".to_owned()), "the next fetch brought nothing");
}

#[test]
fn a_cancelled_fetch_leaves_no_spinner_and_changes_nothing_else() {
    let mut panel = loaded(&[("a", 1)]);
    assert_eq!(panel.request_fetch(), FetchStart::Now);
    panel.stop_loading();
    assert!(!panel.is_loading());
    assert_eq!((keys(&panel), panel.outcome()), (vec!["a"], &Outcome::Fresh));
}

#[test]
fn the_selection_stays_on_its_row_while_others_come_and_go() {
    let mut panel = loaded(&[("a", 3), ("b", 2), ("c", 1)]);
    panel.select_by(1);
    panel.load(batch(&[("new", 4), ("a", 3), ("b", 2)]), NOW);
    assert_eq!(panel.selected_row().map(|row| row.key.as_str()), Some("b"));
    panel.load(batch(&[("new", 4)]), NOW);
    assert_eq!(panel.selected(), 0, "its row has gone");
}

#[test]
fn the_selection_stays_within_the_rows() {
    let mut panel = loaded(&[("a", 3), ("b", 2), ("c", 1)]);
    panel.select_by(-5);
    assert_eq!(panel.selected(), 0);
    panel.select_by(i16::MAX);
    assert_eq!(panel.selected(), 2);
    panel.select_first();
    panel.select_last();
    assert_eq!(panel.selected(), 2);
    let mut empty = Panel::new(Table::Vertex, Caps::default());
    empty.select_by(3);
    empty.select_last();
    assert_eq!((empty.selected(), empty.selected_row()), (0, None));
}

#[test]
fn the_newest_row_is_selected_until_the_selection_moves() {
    let mut panel = loaded(&[("a", 3), ("b", 2)]);
    panel.load(batch(&[("new", 4), ("a", 3), ("b", 2)]), NOW);
    assert_eq!(panel.selected_row().map(|row| row.key.as_str()), Some("new"));
    panel.select_by(1);
    panel.load(batch(&[("newer", 5), ("new", 4), ("a", 3)]), NOW);
    assert_eq!((panel.selected(), panel.selected_row().map(|row| row.key.as_str())), (2, Some("a")));
    panel.select_first();
    panel.load(batch(&[("newest", 6), ("newer", 5)]), NOW);
    assert_eq!(panel.selected_row().map(|row| row.key.as_str()), Some("newest"), "Home goes back to that");
}

#[test]
fn rows_of_a_failed_region_show_their_age_and_do_not_accumulate() {
    let mut panel = loaded(&[("old", 1)]);
    for minute in 1..=30 {
        let mut partial = Batch::complete(Vec::new(), NOW);
        let mut other = row(&format!("elsewhere {minute}"), minute);
        other.region = Some("there".to_owned());
        partial.rows.push(other);
        let error = SourceError::new(ErrorKind::Denied, "denied");
        partial.failed.push(PartError { region: Some("here".to_owned()), extent: Extent::Whole, error });
        panel.load(partial, NOW + SignedDuration::from_mins(minute));
        let newest = format!("elsewhere {minute}");
        assert_eq!(keys(&panel), [&*newest, "old"], "{minute}");
        let old = panel.rows().rows.iter().find(|row| row.key == "old").expect("kept");
        assert_eq!((panel.row_stale_since(old), panel.stale_since()), (Some(NOW), Some(NOW)));
    }
    panel.load(batch(&[("fresh", 1)]), NOW);
    assert_eq!((keys(&panel), panel.stale_since()), (vec!["fresh"], None));
}
