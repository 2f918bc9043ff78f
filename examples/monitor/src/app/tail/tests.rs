use super::*;

#[test]
fn it_keeps_the_last_lines_and_says_how_many_were_before() {
    let mut tail = Tail::default();
    let lines = |numbers: std::ops::Range<usize>| numbers.map(|number| number.to_string()).collect();
    tail.extend(lines(0..600));
    assert_eq!((tail.lines().len(), tail.dropped()), (600, 0));
    tail.extend(lines(600..1500));
    assert_eq!((tail.lines().len(), tail.dropped(), tail.lines().next()), (Tail::CAPACITY, 500, Some("500")));
    tail.extend(lines(0..5000));
    assert_eq!((tail.lines().next(), tail.lines().last()), (Some("4000"), Some("4999")));
}
