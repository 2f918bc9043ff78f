//! [`retry_after`]: how long a service asks to wait, from the headers of its reply.

use std::time::{Duration, SystemTime};

use ureq::http::HeaderMap;

/// The longest wait that is taken from a reply. One that asks for more gets this.
const MAX_WAIT: Duration = Duration::from_hours(1);

/// The wait in `Retry-After`, seconds or an HTTP date, or in the `RateLimit-Reset` of a 429. What
/// is no sensible time is ignored.
pub(super) fn retry_after(status: u16, headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let header = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let date = |text| httpdate::parse_http_date(text).ok();
    // A date is compared with the date of the reply, so that a wrong clock here is of no effect.
    let now = header("Date").and_then(date).unwrap_or(now);
    let until = |text| Some(date(text)?.duration_since(now).unwrap_or_default());
    let asked = header("Retry-After").and_then(|text| seconds(text).or_else(|| until(text)));
    let reset = || header("RateLimit-Reset").and_then(seconds);
    let wait = match status {
        429 => asked.or_else(reset),
        503 => asked,
        _ => None,
    };
    wait.map(|wait| wait.min(MAX_WAIT))
}

/// Seconds as text, rounded up; `None` if they are negative or no number.
fn seconds(text: &str) -> Option<Duration> {
    let seconds: f64 = text.parse().ok()?;
    let bounded = seconds.ceil().min(MAX_WAIT.as_secs_f64());
    if seconds.is_finite() { Duration::try_from_secs_f64(bounded).ok() } else { None }
}

#[cfg(test)]
mod tests;
