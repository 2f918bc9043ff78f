use super::*;

/// The wait in seconds, of a reply with these headers at 1994-11-06 08:49:37 UTC by the clock here.
fn wait(status: u16, headers: &[(&'static str, &str)]) -> Option<u64> {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
    let headers = headers.iter().map(|(name, value)| {
        let name = name.parse().expect("a name");
        (name, value.parse().expect("a value"))
    });
    Some(retry_after(status, &headers.collect(), now)?.as_secs())
}

#[test]
fn seconds_are_rounded_up() {
    for (text, seconds) in [("7", 7), (" 7 ", 7), ("41.2", 42), ("0", 0), ("-0", 0)] {
        assert_eq!(wait(429, &[("Retry-After", text)]), Some(seconds), "{text}");
        assert_eq!(wait(503, &[("Retry-After", text)]), Some(seconds), "{text}");
        assert_eq!(wait(429, &[("RateLimit-Reset", text)]), Some(seconds), "{text}");
    }
}

#[test]
fn a_date_is_compared_with_the_date_of_the_reply() {
    let date = ("Retry-After", "Sun, 06 Nov 1994 08:50:37 GMT");
    assert_eq!(wait(503, &[date]), Some(60));
    assert_eq!(wait(503, &[("Date", "Sun, 06 Nov 1994 08:50:27 GMT"), date]), Some(10));
    assert_eq!(wait(503, &[("Retry-After", "Sun, 06 Nov 1994 08:00:00 GMT")]), Some(0), "it has passed");
}

#[test]
fn nonsense_is_ignored_and_a_long_wait_is_bounded() {
    for text in ["inf", "-inf", "NaN", "-5", "", "soon", "1e", "Sun, 99 Nov 1994 08:50:37 GMT"] {
        assert_eq!(wait(429, &[("Retry-After", text)]), None, "{text}");
    }
    for text in ["31536000", "1e300", "99999999999999999999999", "Mon, 06 Nov 1995 08:49:37 GMT"] {
        assert_eq!(wait(429, &[("Retry-After", text)]), Some(3600), "{text}");
    }
}

#[test]
fn the_standard_header_comes_first_and_other_statuses_have_no_wait() {
    assert_eq!(wait(429, &[("RateLimit-Reset", "5"), ("Retry-After", "9")]), Some(9));
    assert_eq!(wait(429, &[("RateLimit-Reset", "5"), ("Retry-After", "soon")]), Some(5));
    assert_eq!(wait(503, &[("RateLimit-Reset", "5")]), None);
    assert_eq!(wait(200, &[("Retry-After", "5")]), None);
}
