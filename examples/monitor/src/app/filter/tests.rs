use jiff::SignedDuration;

use super::*;
use crate::model::{Cell, Phase, Span, Status};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// A Vertex AI job.
fn row(id: &str, name: &str, status: &str) -> Row {
    let runtime = Cell::Span(Span::Ended(SignedDuration::from_secs(519)));
    let state = Cell::Status(Status::of_job(status));
    let text = |text: &str| Cell::Text(text.to_owned());
    Row {
        key: id.to_owned(),
        region: None,
        phase: Phase::Ended,
        created: None,
        cells: vec![text(id), text(name), state, runtime, Cell::Time(NOW), Cell::Missing],
        details: vec![("region", text("nowhere"))],
    }
}

/// Which of some rows a filter matches.
fn matching(text: &str) -> Vec<usize> {
    let rows = [
        row("4839", "Train-ViT", "JOB_STATE_RUNNING"),
        row("1000", "eval: Füße", "JOB_STATE_FAILED"),
        row("4839201746352947200", "\u{1b}train\nrunning", "JOB_STATE_SUCCEEDED"),
    ];
    let texts = Texts::new(Table::Vertex, &rows, NOW);
    let filter = Filter::new(Table::Vertex, text);
    (0..rows.len()).filter(|&row| filter.matches(&texts, row)).collect()
}

#[test]
fn m01_a_word_is_looked_for_in_all_columns_in_any_case() {
    assert_eq!(matching(""), [0, 1, 2]);
    assert_eq!(matching("TRAIN"), [0, 2]);
    assert_eq!(matching("running"), [0, 2], "a name or a state");
    assert_eq!(matching("FÜSSE"), [] as [usize; 0]);
    assert_eq!(matching("fÜß"), [1]);
    assert_eq!(matching("8m"), [0, 1, 2], "as it is shown");
    assert_eq!(matching("nowhere"), [] as [usize; 0], "it has no column");
}

#[test]
fn m01_all_words_have_to_match() {
    assert_eq!(matching("train running"), [0, 2]);
    assert_eq!(matching("  running   vit "), [0]);
    assert_eq!(matching("train failed"), [] as [usize; 0]);
}

#[test]
fn m01_a_column_before_a_colon_is_looked_in_alone() {
    assert_eq!(matching("state:running"), [0]);
    assert_eq!(matching("STATE:running name:vit"), [0]);
    assert_eq!(matching("state:"), [0, 1, 2], "until more is typed");
    assert_eq!(matching("eval:"), [1], "no column of this table");
    assert_eq!(matching("image:x"), [] as [usize; 0]);
}

#[test]
fn no_word_is_found_across_two_texts() {
    assert_eq!(matching("4839train"), [] as [usize; 0]);
    assert_eq!(matching("4839\u{a0}train"), [0, 2], "any space separates words");
}

#[test]
fn what_is_looked_in_is_escaped_and_as_long_as_it_is_shown() {
    assert_eq!(matching("␛train␊running"), [2]);
    assert_eq!(matching("483920174635"), [2]);
    assert_eq!(matching("4839201746352"), [] as [usize; 0], "the screen shows twelve characters of an id");
}
