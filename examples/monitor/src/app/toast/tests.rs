use std::time::Duration;

use super::*;

fn texts(toasts: &Toasts) -> Vec<&str> {
    toasts.iter().map(|toast| toast.text.as_str()).collect()
}

fn errors(texts: &[&str]) -> Toasts {
    let mut toasts = Toasts::default();
    for text in texts {
        toasts.push(Severity::Error, None, *text);
    }
    toasts
}

/// The shortest lifetime of an error, in ticks.
const LIFE: usize = 32;

fn age(toasts: &mut Toasts, ticks: usize) {
    for _ in 0..ticks {
        toasts.age();
    }
}

#[test]
fn s10_every_error_is_seen_for_its_whole_time_however_few_fit() {
    let mut toasts = errors(&["a", "b", "c", "d", "e"]);
    let mut seen: Vec<(String, usize)> = Vec::new();
    while !toasts.is_empty() {
        toasts.set_visible(2);
        for toast in toasts.iter().take(2) {
            match seen.iter_mut().find(|(text, _)| *text == toast.text) {
                Some((_, ticks)) => *ticks += 1,
                None => seen.push((toast.text.clone(), 1)),
            }
        }
        toasts.age();
    }
    assert_eq!(seen.len(), 5);
    assert!(seen.iter().all(|(_, ticks)| *ticks >= LIFE), "{seen:?}");
}

#[test]
fn hidden_toasts_do_not_expire() {
    let mut toasts = errors(&["a", "b"]);
    age(&mut toasts, 1000);
    assert_eq!(texts(&toasts), ["a", "b"], "on a screen with room for none");
    toasts.set_visible(1);
    age(&mut toasts, LIFE / 2);
    toasts.push(Severity::Information, None, "a key was pressed");
    toasts.set_visible(1);
    age(&mut toasts, 12);
    assert_eq!(texts(&toasts), ["a key was pressed", "a", "b"], "its 3 s are not quite over");
    age(&mut toasts, 1);
    assert_eq!(texts(&toasts), ["a", "b"]);
    toasts.set_visible(1);
    age(&mut toasts, LIFE / 2);
    assert_eq!(texts(&toasts), ["a", "b"], "it had been covered meanwhile");
    age(&mut toasts, 1);
    assert_eq!(texts(&toasts), ["b"]);
}

#[test]
fn a_repeated_message_is_shown_once_and_restarts_its_lifetime() {
    let mut toasts = errors(&["a"]);
    toasts.set_visible(1);
    age(&mut toasts, LIFE);
    toasts.push(Severity::Error, None, "a");
    age(&mut toasts, LIFE);
    assert_eq!(texts(&toasts), ["a"]);
    age(&mut toasts, 1);
    assert!(toasts.is_empty());
}

#[test]
fn repeated_errors_do_not_keep_others_from_being_shown() {
    let mut toasts = Toasts::default();
    let mut seen = Vec::new();
    for tick in 0..500 {
        if tick % 20 == 0 {
            for text in ["a", "b", "c", "d", "e"] {
                toasts.push(Severity::Error, None, text);
            }
        }
        toasts.set_visible(2);
        seen.extend(toasts.iter().take(2).map(|toast| toast.text.clone()));
        toasts.age();
    }
    for text in ["a", "b", "c", "d", "e"] {
        assert!(seen.iter().filter(|seen| *seen == text).count() >= LIFE, "{text}");
    }
}

#[test]
fn dismissing_takes_away_what_is_in_view_and_no_more() {
    let mut toasts = errors(&["a", "b", "c"]);
    toasts.set_visible(2);
    toasts.dismiss();
    assert_eq!(texts(&toasts), ["c"]);
}

#[test]
fn a_flood_of_information_pushes_no_error_out() {
    let mut toasts = errors(&["the error"]);
    for number in 0..200 {
        toasts.push(Severity::Information, None, number.to_string());
    }
    assert_eq!(toasts.len(), Toasts::CAPACITY);
    assert!(texts(&toasts).contains(&"the error"));
    assert!(texts(&toasts).contains(&"199"), "the newest stays");
}

#[test]
fn errors_stay_the_longest() {
    assert!(Severity::Error.lifetime() >= Duration::from_secs(8));
    assert!(Severity::Error.lifetime() > Severity::Warning.lifetime());
    assert!(Severity::Warning.lifetime() > Severity::Information.lifetime());
}
