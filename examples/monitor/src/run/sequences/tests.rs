use super::*;

#[test]
fn m04_a_text_is_copied_by_osc_52() {
    let copied = |text: &str| sequence(&TerminalOutput::Copy(text.to_owned()));
    assert_eq!(copied("hello"), "\u{1b}]52;c;aGVsbG8=\u{7}");
    assert_eq!(copied("\u{1b}]52;c;\u{7}"), "\u{1b}]52;c;G101MjtjOwc=\u{7}");
    let long = copied(&"ü".repeat(100_000));
    assert!((99_000..=100_000).contains(&long.len()), "{}", long.len());
    assert_eq!(sequence(&TerminalOutput::Bell), "\u{7}");
}
