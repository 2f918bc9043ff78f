use super::*;

fn wrapped(text: &str, columns: usize) -> Vec<String> {
    wrap(text, columns).collect()
}

#[test]
fn escaping_leaves_no_control_character() {
    let hostile: String = (0..=0x10_ffff).filter_map(char::from_u32).collect();
    let escaped = escape(&hostile);
    assert!(!escaped.chars().any(char::is_control));
    for steering in ['\u{202e}', '\u{2066}', '\u{200f}', '\u{feff}', '\u{9b}', '\u{2028}', '\u{e0041}'] {
        assert!(!escaped.contains(steering), "{steering:?} got through");
    }
}

#[test]
fn escaping_keeps_the_number_of_characters_so_that_cuts_agree() {
    let text = "a\u{1b}[2J\u{202e}b\r\nc";
    assert_eq!(escape(text).chars().count(), text.chars().count());
    assert_eq!(escape(text), "a␛[2J�b␍␊c");
}

#[test]
fn ordinary_text_of_any_script_is_left_alone() {
    for text in ["trainer:latest", "naïve", "訓練ジョブ", "נסיון", "👩\u{200d}🔬", "é"] {
        assert_eq!(escape(text), text);
    }
}

#[test]
fn cuts_count_characters_not_bytes() {
    assert_eq!(truncate("訓練ジョブ", 2), "訓練");
    assert_eq!(truncate("abc", 3), "abc");
    assert_eq!(truncate("abc", 10), "abc");
    assert_eq!(truncate("", 3), "");
}

#[test]
fn the_first_line_skips_blank_ones() {
    assert_eq!(first_line("\n  \n  Build step failure: x\n at y"), "Build step failure: x");
    assert_eq!(first_line(" \n"), "");
}

#[test]
fn fitting_never_exceeds_the_width_even_with_wide_characters() {
    for columns in 0..12 {
        assert!(width(&fit("訓練ジョブ-run", columns)) <= columns);
    }
    assert_eq!(fit("x".repeat(10_000).as_str(), 4), "xxx…");
}

#[test]
fn wrapping_breaks_at_spaces_and_inside_words_that_are_too_long() {
    assert_eq!(wrapped("quota exceeded for you", 9), ["quota", "exceeded", "for you"]);
    assert_eq!(wrapped("abcdefgh", 3), ["abc", "def", "gh"]);
    assert_eq!(wrapped("訓練ジョ", 3), ["訓", "練", "ジ", "ョ"]);
    assert_eq!(wrapped("one\ntwo\u{1b}", 10), ["one", "two␛"]);
    assert_eq!(wrapped("", 10), [""]);
}

#[test]
fn wrapping_loses_no_character() {
    let text = "projects/123456789012/locations/us-central1/builds/7f3c1a52 and some words";
    for columns in 2..40 {
        let joined: String = wrap(text, columns).collect();
        assert_eq!(joined.replace(' ', ""), text.replace(' ', ""));
    }
}

#[test]
fn a_text_of_megabytes_is_wrapped_in_one_pass() {
    let text = "word and 長い言葉 ".repeat(300_000);
    let lines = wrap(&text, 60).map(|line| assert!(width(&line) <= 60)).count();
    assert!(lines > text.chars().count() / 60);
    assert_eq!(wrap(&text, 60).next().map(|line| line.starts_with("word and")), Some(true));
}

#[test]
fn a_text_with_too_many_lines_ends_in_a_mark() {
    assert_eq!(wrap_at_most("quota exceeded for you", 9, 3), ["quota", "exceeded", "for you"]);
    assert_eq!(wrap_at_most("quota exceeded for you", 9, 2), ["quota", "exceeded…"]);
    assert_eq!(wrap_at_most("abcdefgh", 3, 2), ["abc", "de…"]);
}

#[test]
fn shortening_counts_its_mark() {
    assert_eq!(shorten("訓練ジョブ", 5), "訓練ジョブ");
    assert_eq!(shorten("訓練ジョブ", 4), "訓練ジ…");
    assert_eq!(shorten("two words", 5), "two…", "no space before the mark");
}

#[test]
fn m02_numbers_in_texts_are_in_order() {
    let sorted = ["", "0/2", "2/3", "10/3", "A", "a-b", "a1", "a02", "A10", "B", "é"];
    assert!(sorted.map(sort_key).is_sorted_by(|one, other| one < other));
    assert_eq!(sort_key("Run 007"), sort_key("rUN 7"));
    assert!(sort_key(&"9".repeat(40)) < sort_key(&"1".repeat(41)), "longer than any integer");
}
