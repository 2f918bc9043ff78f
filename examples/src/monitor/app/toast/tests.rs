use super::*;

fn texts(toasts: &Toasts) -> Vec<&str> {
    toasts.visible().map(|toast| toast.text.as_str()).collect()
}

#[test]
fn the_newest_are_in_view_and_the_others_counted() {
    let mut toasts = Toasts::default();
    for text in ["a", "b", "c", "d", "e"] {
        toasts.push(Severity::Error, text);
    }
    assert_eq!(texts(&toasts), ["e", "d", "c"]);
    assert_eq!(toasts.len(), 5);
}

#[test]
fn a_hidden_toast_waits_for_its_time_until_it_is_seen() {
    let mut toasts = Toasts::default();
    for text in ["old", "b", "c", "d"] {
        toasts.push(Severity::Error, text);
    }
    let shown = toasts.take_new();
    assert_eq!(shown.len(), 3);
    assert_eq!(toasts.take_new(), []);
    toasts.dismiss(shown[0].0);
    assert_eq!(texts(&toasts), ["c", "b", "old"]);
    assert_eq!(toasts.take_new().len(), 1, "its time begins now");
}

#[test]
fn saying_the_same_again_shows_it_once_and_starts_its_time_anew() {
    let mut toasts = Toasts::default();
    toasts.push(Severity::Error, "Error loading builds: x");
    let first = toasts.take_new();
    toasts.push(Severity::Error, "Error loading builds: x");
    toasts.dismiss(first[0].0);
    assert_eq!(texts(&toasts), ["Error loading builds: x"]);
}

#[test]
fn a_flood_of_information_pushes_no_error_out() {
    let mut toasts = Toasts::default();
    toasts.push(Severity::Error, "the error");
    for number in 0..200 {
        toasts.push(Severity::Information, number.to_string());
    }
    assert_eq!(toasts.len(), Toasts::KEPT);
    assert!(toasts.toasts.iter().any(|toast| toast.text == "the error"));
    assert!(toasts.toasts.iter().any(|toast| toast.text == "199"), "the newest stays");
}

#[test]
fn errors_stay_the_longest() {
    assert!(Severity::Error.lifetime() >= Duration::from_secs(8));
    assert!(Severity::Error.lifetime() > Severity::Warning.lifetime());
    assert!(Severity::Warning.lifetime() > Severity::Information.lifetime());
}
