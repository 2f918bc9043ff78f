use jiff::SignedDuration;

use super::*;

#[test]
fn messages_stand_newest_first_with_the_time_of_the_frame_after_them() {
    let (mut log, began) = (Log::default(), Timestamp::UNIX_EPOCH);
    log.push(Severity::Error, "first".to_owned());
    log.stamp(began);
    log.push(Severity::Warning, "second".to_owned());
    let later = began + SignedDuration::from_secs(5);
    log.stamp(later);
    let all: Vec<_> = log.newest_first().map(|message| (message.text.as_str(), message.at)).collect();
    assert_eq!(all, [("second", Some(later)), ("first", Some(began))]);
}

#[test]
fn the_oldest_messages_go_when_there_are_too_many() {
    let mut log = Log::default();
    for number in 0..Log::CAPACITY + 3 {
        log.push(Severity::Information, number.to_string());
    }
    assert_eq!(log.newest_first().count(), Log::CAPACITY);
    assert_eq!(log.newest_first().last().map(|message| message.text.as_str()), Some("3"));
}
