use super::*;

#[test]
fn height_is_shared_by_need_starting_with_the_focus() {
    assert_eq!(share(22, &[20, 20, 20, 20, 20], 1), [4, 5, 5, 4, 4]);
    assert_eq!(share(40, &[3, 3, 30, 3, 3], 0), [3, 3, 28, 3, 3]);
}

#[test]
fn unneeded_height_stays_empty() {
    assert_eq!(share(100, &[5, 6, 7, 3, 3], 0), [5, 6, 7, 3, 3]);
}

#[test]
fn with_too_few_lines_only_the_focused_table_has_rows() {
    assert_eq!(share(12, &[20, 20, 20, 20, 20], 3), [1, 1, 1, 8, 1]);
}

#[test]
fn the_whole_is_never_exceeded() {
    for lines in 8..80 {
        for focus in 0..5 {
            let heights = share(lines, &[24, 14, 3, 9, 22], focus);
            assert!(heights.iter().sum::<u16>() <= lines, "{lines} {focus} {heights:?}");
        }
    }
}
