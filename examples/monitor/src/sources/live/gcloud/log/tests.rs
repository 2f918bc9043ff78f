use super::*;

fn taken(bytes: &mut Vec<u8>, more: &[u8]) -> Vec<String> {
    bytes.extend_from_slice(more);
    take_lines(bytes)
}

#[test]
fn lines_are_whole_however_they_come() {
    let mut bytes = Vec::new();
    assert_eq!(taken(&mut bytes, b"one"), [""; 0]);
    assert_eq!(taken(&mut bytes, b" line\r\nand\n\nth"), ["one line", "and", ""]);
    assert_eq!(bytes, b"th");
    assert_eq!(taken(&mut bytes, b"e \xff end\n"), ["the \u{fffd} end"]);
}

#[test]
fn a_line_without_an_end_is_given_at_some_time_and_cut() {
    let mut bytes = Vec::new();
    let lines = taken(&mut bytes, &vec![b'x'; MAX_LINE_BYTES + 1]);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].chars().count(), MAX_LINE_CHARS + 1);
    assert!(lines[0].ends_with('…') && bytes.is_empty());
}

#[test]
fn an_entry_has_its_text_or_its_message() {
    let json = r#"[{"timestamp":"2026-01-14T09:00:05Z","textPayload":"a\nb"},
        {"timestamp":"2026-01-14T09:00:04Z","jsonPayload":{"message":"c"}},
        {"timestamp":7,"textPayload":[],"jsonPayload":{"message":{"odd":1}}}]"#;
    let entries = read_entries(json, &|| false).expect("entries");
    let lines: Vec<String> = entries.into_iter().rev().flat_map(Entry::into_lines).collect();
    assert_eq!(lines, ["(an entry without a text)", "09:00:04 c", "09:00:05 a", "09:00:05 b"]);
    assert!(read_entries("<html>", &|| false).is_err());
}
