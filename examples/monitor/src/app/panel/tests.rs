use jiff::SignedDuration;

use super::*;
use crate::source::{ErrorKind, SourceError};
use crate::tests::{fetched, rows};

fn loaded(keys: &[&str]) -> Panel {
    let mut panel = Panel::new(Table::Vertex, Caps::default());
    load(&mut panel, keys);
    panel
}

fn load(panel: &mut Panel, keys: &[&str]) {
    fetched(panel, Ok(rows(keys)));
    panel.follow_rows(Timestamp::UNIX_EPOCH);
}

fn selected_key(panel: &Panel) -> Option<&str> {
    panel.selected_row().map(|row| row.key.as_str())
}

#[test]
fn an_error_keeps_the_rows_and_says_how_old_they_are() {
    let mut panel = Panel::new(Table::Vertex, Caps::default());
    let failure = || SourceError::new(ErrorKind::Unreachable, "no network");
    fetched(&mut panel, Err(failure()));
    assert_eq!((panel.error().as_deref(), panel.stale_since()), (Some("no network"), None));
    let mut batch = rows(&["a"]);
    batch.as_of += SignedDuration::from_mins(1);
    let as_of = batch.as_of;
    fetched(&mut panel, Ok(batch));
    assert_eq!((panel.error(), panel.stale_since()), (None, None));
    fetched(&mut panel, Err(failure()));
    assert_eq!((panel.error().as_deref(), panel.stale_since()), (Some("no network"), Some(as_of)));
    assert_eq!(panel.rows().len(), 1);
}

#[test]
fn the_selection_stays_on_its_row_while_others_come_and_go() {
    let mut panel = loaded(&["a", "b", "c"]);
    panel.select_by(1);
    load(&mut panel, &["new", "a", "b"]);
    assert_eq!((panel.selected(), selected_key(&panel)), (2, Some("b")));
    load(&mut panel, &["new", "a", "other", "more"]);
    assert_eq!(selected_key(&panel), Some("other"), "its row has gone; this one is in its place");
    load(&mut panel, &["other"]);
    load(&mut panel, &["new"]);
    assert_eq!(panel.selected(), 0, "there is no place further down");
}

#[test]
fn the_selection_stays_within_the_rows() {
    let mut panel = loaded(&["a", "b", "c"]);
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
    let mut panel = loaded(&["a", "b"]);
    load(&mut panel, &["new", "a", "b"]);
    assert_eq!(selected_key(&panel), Some("new"));
    panel.select_by(1);
    load(&mut panel, &["newer", "new", "a"]);
    assert_eq!(selected_key(&panel), Some("a"));
    panel.select_first();
    load(&mut panel, &["newest", "newer"]);
    assert_eq!(selected_key(&panel), Some("newest"), "Home goes back to that");
}
