//! Durations and ages as text, and parsing of the times that services send.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A duration in at most two units: `45s`, `8m 39s`, `2h 05m`, `3d 04h`. A negative duration (of
/// two clocks that disagree) is `0s`.
pub fn duration(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    if seconds < 60 {
        format!("{seconds}s")
    } else if minutes < 60 {
        format!("{minutes}m {:02}s", seconds % 60)
    } else if hours < 24 {
        format!("{hours}h {:02}m", minutes % 60)
    } else {
        format!("{days}d {:02}h", hours % 24)
    }
}

/// An age in one unit: `45s`, `8m`, `2h`, `3d`.
pub fn age(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(then).as_secs().max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// A point in time as seen from now: `8m ago`, `in 2h`. Clocks disagree, so what is less than a
/// minute ahead counts as now.
pub fn relative(then: Timestamp, now: Timestamp) -> String {
    if then.duration_since(now).as_secs() >= 60 {
        format!("in {}", age(now, then))
    } else {
        format!("{} ago", age(then, now))
    }
}

/// Parses a time with or without an offset. Without one it is UTC, as in W&B's replies.
pub fn parse(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| {
        let civil: DateTime = text.parse().ok()?;
        Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })
}

#[cfg(test)]
mod tests;
