use super::*;

fn at(text: &str) -> Timestamp {
    parse(text).expect("a time")
}

#[test]
fn durations_are_short_and_never_negative() {
    let shown = |seconds| duration(SignedDuration::from_secs(seconds));
    assert_eq!(shown(-5), "0s");
    assert_eq!(shown(59), "59s");
    assert_eq!(shown(60), "1m 00s");
    assert_eq!(shown(519), "8m 39s");
    assert_eq!(shown(7500), "2h 05m");
    assert_eq!(shown(273_600), "3d 04h");
}

#[test]
fn ages_use_one_unit() {
    let now = at("2026-01-14T10:00:00Z");
    assert_eq!(age(at("2026-01-14T09:59:15Z"), now), "45s");
    assert_eq!(age(at("2026-01-14T09:48:00Z"), now), "12m");
    assert_eq!(age(at("2026-01-14T07:00:00Z"), now), "3h");
    assert_eq!(age(at("2026-01-10T10:00:00Z"), now), "4d");
    assert_eq!(age(at("2026-01-15T10:00:00Z"), now), "0s");
}

#[test]
fn a_time_ahead_is_told_as_one() {
    let now = at("2026-01-14T10:00:00Z");
    assert_eq!(relative(at("2026-01-14T09:48:00Z"), now), "12m ago");
    assert_eq!(relative(at("2026-01-14T10:00:59Z"), now), "0s ago", "clocks disagree");
    assert_eq!(relative(at("2026-01-14T10:01:00Z"), now), "in 1m");
    assert_eq!(relative(at("2027-01-14T10:00:00Z"), now), "in 365d");
}

#[test]
fn times_come_with_and_without_a_zone() {
    assert_eq!(at("2026-01-14T09:12:03"), at("2026-01-14T09:12:03Z"));
    assert_eq!(at("2026-01-14T09:12:03.5"), at("2026-01-14T09:12:03.500Z"));
    assert_eq!(at("2026-01-14T10:12:03+01:00"), at("2026-01-14T09:12:03Z"));
}

#[test]
fn nonsense_is_no_time() {
    for text in ["", "yesterday", "2026-13-40T00:00:00Z", "1768381923"] {
        assert_eq!(parse(text), None, "{text:?}");
    }
}
