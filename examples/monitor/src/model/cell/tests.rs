use super::*;

const PLAIN: Column = Column {
    name: "x",
    max_chars: None,
    cut: Cut::Plain,
    common_starts: &[],
    min_width: 4,
    drop_priority: 0,
};
const CUT_12: Column = Column { name: "id", max_chars: Some(12), ..PLAIN };

fn at(text: &str) -> Timestamp {
    time::parse(text).expect("a time")
}

#[test]
fn a_missing_value_is_a_dash() {
    let now = Timestamp::UNIX_EPOCH;
    assert_eq!(Cell::Missing.shown(&PLAIN, now), "—");
    assert_eq!(Cell::text(Some("")).shown(&PLAIN, now), "—");
    assert_eq!(Cell::text(None::<String>).shown(&PLAIN, now), "—");
    assert_eq!(Cell::Text("  ".to_owned()).shown(&PLAIN, now), "—");
}

#[test]
fn a_column_cuts_what_is_shown_but_not_what_is_kept() {
    let now = Timestamp::UNIX_EPOCH;
    let cell = Cell::Text("7f3c1a52-9d0e-4b7a-8a61-2f5d1c0be9a4".to_owned());
    assert_eq!(cell.shown(&CUT_12, now), "7f3c1a52-9d0");
    assert_eq!(cell.full(now), "7f3c1a52-9d0e-4b7a-8a61-2f5d1c0be9a4");
}

#[test]
fn a_note_that_is_cut_ends_in_a_mark_and_an_id_does_not() {
    let now = Timestamp::UNIX_EPOCH;
    let marked = Column { cut: Cut::Marked, ..CUT_12 };
    assert_eq!(Cell::Text("quota exceeded in us-east4".to_owned()).shown(&marked, now), "quota excee…");
    assert_eq!(Cell::Text("no quota, at".to_owned()).shown(&marked, now), "no quota, at");
}

#[test]
fn the_screen_leaves_out_a_start_that_many_values_share() {
    let now = Timestamp::UNIX_EPOCH;
    let column = Column { common_starts: &["https://host/builds;region=", "https://host/builds/"], ..CUT_12 };
    let on_screen = |text: &str| Cell::Text(text.to_owned()).on_screen(&column, now).into_owned();
    assert_eq!(on_screen("https://host/builds/7f3c1a52"), "…7f3c1a52");
    assert_eq!(on_screen("https://host/builds/7f3c1a52-9d0e"), "…7f3c1a52-9…");
    assert_eq!(on_screen("https://host/builds;region=eu/7f"), "…eu/7f");
    assert_eq!(on_screen("https://else"), "https://else");
    let whole = Cell::Text("https://host/builds/7f3c1a52".to_owned());
    assert_eq!(whole.shown(&column, now), "https://host", "without a screen it is cut as ever");
}

#[test]
fn a_name_of_ten_thousand_characters_is_shown_in_bounds_and_kept_whole() {
    let now = Timestamp::UNIX_EPOCH;
    let cell = Cell::Text("長".repeat(10_000));
    assert_eq!(cell.shown(&PLAIN, now).chars().count(), MAX_SHOWN_CHARS);
    assert_eq!(cell.full(now).chars().count(), 10_000);
}

#[test]
fn an_escape_sequence_is_shown_and_not_obeyed() {
    let now = Timestamp::UNIX_EPOCH;
    assert_eq!(Cell::Text("\u{1b}]0;owned\u{7}".to_owned()).shown(&PLAIN, now), "␛]0;owned␇");
    let status = Status { state: crate::model::State::Unknown, raw: "\u{1b}[2J".to_owned() };
    assert_eq!(Cell::Status(status).shown(&PLAIN, now), "?  ␛[2J");
}

#[test]
fn a_running_span_grows_and_an_ended_one_does_not() {
    let (start, end) = (at("2026-01-14T09:12:05Z"), at("2026-01-14T09:20:44Z"));
    let running = Cell::span(Span::between(Some(start), None));
    assert_eq!(running.shown(&PLAIN, at("2026-01-14T09:12:50Z")), "45s");
    assert_eq!(running.shown(&PLAIN, at("2026-01-14T09:14:05Z")), "2m 00s");
    assert!(running.ticks());
    let over = Cell::span(Span::between(Some(start), Some(end)));
    assert_eq!(over.shown(&PLAIN, at("2026-01-14T11:00:00Z")), "8m 39s");
    assert!(!over.ticks());
    assert_eq!(Span::between(None, Some(end)), None);
}

#[test]
fn words_after_icons_of_any_width_are_aligned() {
    let now = Timestamp::UNIX_EPOCH;
    let starts: Vec<_> = ["running", "pending", "crashed", "finished", "preempting"]
        .into_iter()
        .map(|word| {
            let cell = Cell::Status(Status::of_run(word));
            let shown = cell.shown(&PLAIN, now);
            text::width(shown.strip_suffix(word).expect("ends in the word"))
        })
        .collect();
    assert_eq!(starts, [3; 5]);
}

#[test]
fn m02_values_are_in_the_order_of_what_they_mean() {
    let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1);
    let seconds = SignedDuration::from_secs;
    let in_order = [
        [Cell::Number(9), Cell::Number(10)],
        [Cell::Time(Timestamp::UNIX_EPOCH), Cell::Time(now)],
        [Cell::Span(Span::Ended(seconds(59))), Cell::Span(Span::Running(now - seconds(60)))],
        [Cell::Text("run-9".to_owned()), Cell::Text("Run-10".to_owned())],
        [Cell::Status(Status::of_build("CANCELLED")), Cell::Status(Status::of_build("QUEUED"))],
        [Cell::Span(Span::Ended(seconds(59))), Cell::Missing],
        [Cell::Text("any".to_owned()), Cell::Number(0)],
    ];
    for [one, other] in in_order {
        assert!(one.sort_key(now) < other.sort_key(now), "{one:?} {other:?}");
    }
}
