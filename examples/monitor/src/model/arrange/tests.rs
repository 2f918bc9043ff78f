use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::model::Cell;

fn row(key: usize, phase: Phase, minutes: i64) -> Row {
    let created = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes);
    Row {
        key: key.to_string(),
        region: None,
        phase,
        created: Some(created),
        cells: vec![Cell::Missing],
        details: Vec::new(),
    }
}

fn keys(arranged: &Arranged) -> Vec<&str> {
    arranged.rows.iter().map(|row| row.key.as_str()).collect()
}

#[test]
fn builds_that_go_on_come_first_newest_first_with_a_divider() {
    let rows = vec![
        row(1, Phase::Ended, 50),
        row(2, Phase::Active, 10),
        row(3, Phase::Ended, 60),
        row(4, Phase::Active, 20),
    ];
    let arranged = arrange(Table::Builds, rows, Caps::default());
    assert_eq!(keys(&arranged), ["4", "2", "3", "1"]);
    assert_eq!(arranged.divider, Some(2));
}

#[test]
fn one_kind_of_builds_needs_no_divider() {
    for phase in [Phase::Active, Phase::Ended] {
        let arranged = arrange(Table::Builds, vec![row(1, phase, 1), row(2, phase, 2)], Caps::default());
        assert_eq!(arranged.divider, None);
        assert_eq!(keys(&arranged), ["2", "1"]);
    }
}

#[test]
fn both_kinds_of_builds_have_a_cap_of_their_own() {
    let rows = (0..40).map(|n: usize| {
        row(n, if n < 20 { Phase::Active } else { Phase::Ended }, i64::try_from(n).expect("small"))
    });
    let arranged = arrange(Table::Builds, rows.collect(), Caps::default());
    assert_eq!(arranged.rows.len(), MAX_ACTIVE_BUILDS + MAX_COMPLETED_BUILDS);
    assert_eq!(arranged.divider, Some(MAX_ACTIVE_BUILDS));
    assert_eq!(arranged.hidden, 20);
}

#[test]
fn the_other_tables_keep_the_newest_up_to_their_cap() {
    let caps = [
        (Table::Runner, MAX_EXECUTIONS),
        (Table::Vertex, MAX_VERTEX_JOBS),
        (Table::Active, MAX_ACTIVE_RUNS),
        (Table::Completed, MAX_COMPLETED_RUNS),
    ];
    for (table, cap) in caps {
        let rows = (0..cap + 5).map(|n| row(n, Phase::Ended, i64::try_from(n).expect("small")));
        let arranged = arrange(table, rows.collect(), Caps::default());
        assert_eq!(arranged.rows.len(), cap);
        assert_eq!(arranged.hidden, 5);
        assert_eq!(arranged.rows[0].key, (cap + 4).to_string());
        assert_eq!(arranged.divider, None);
    }
}

#[test]
fn rows_without_a_time_come_last_in_their_own_order() {
    let timeless = |key| Row { created: None, ..row(key, Phase::Ended, 0) };
    let arranged =
        arrange(Table::Vertex, vec![timeless(1), row(2, Phase::Ended, 5), timeless(3)], Caps::default());
    assert_eq!(keys(&arranged), ["2", "1", "3"]);
}

#[test]
fn nothing_arranges_to_nothing() {
    assert_eq!(arrange(Table::Builds, Vec::new(), Caps::default()), Arranged::default());
}
