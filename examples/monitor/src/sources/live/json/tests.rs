use super::*;

#[test]
fn fields_are_picked_whatever_else_is_there() {
    let json = Json::new(r#" {"b":[1,{"a":0}],"x":{"a":2},"a":"one"} "#);
    let [a, b, c] = json.pick(["a", "b", "c"]);
    assert_eq!((a.text().as_deref(), b.raw(), c.is_null()), (Some("one"), r#"[1,{"a":0}]"#, true));
    let [escaped] = Json::new(r#"{"\u0061":5}"#).pick(["a"]);
    assert_eq!(escaped.integer(), Some(5));
}

#[test]
fn mistakes_of_syntax_are_told_apart_from_other_types() {
    let error = |text| Json::new(text).try_pick(["a"]).expect_err("an error").is_data();
    assert!(error("[]") && error("5") && error("null"));
    assert!(!error("") && !error("<html>") && !error(r#"{"a":1"#) && !error(r#"{"a":1} x"#));
}

#[test]
fn the_fields_before_a_mistake_are_picked() {
    let [runtime, loss] = Json::new(r#"{"_runtime":61,"loss":NaN}"#).pick(["_runtime", "loss"]);
    assert_eq!((runtime.integer(), loss), (Some(61), Json::NULL));
}

#[test]
fn of_a_field_that_is_there_twice_the_last_one_counts() {
    let [a] = Json::new(r#"{"a":1,"a":2}"#).pick(["a"]);
    assert_eq!(a.integer(), Some(2));
}

#[test]
fn a_value_of_another_type_is_none() {
    for odd in ["null", "5", "1e999", "-", "true", "[]", "{}", r#""\ud800""#, r#""soon""#] {
        let odd = Json::new(odd);
        assert_eq!((odd.time(), odd.first(), odd.pick(["a"])), (None, Json::NULL, [Json::NULL]), "{odd:?}");
        assert!(odd.text().is_none_or(|text| text == "soon"), "{odd:?}");
    }
    for odd in [r#""5""#, "1e999", "99999999999999999999", "1.5", "null"] {
        assert_eq!(Json::new(odd).integer(), None, "{odd}");
    }
    assert_eq!(Json::new("1e999").number(), None);
}

#[test]
fn a_long_text_is_cut_between_characters_and_between_escapes() {
    for part in ["x", "é", "😀", r"\n", r"\u00e9", r"\ud83d\ude00", r#"\""#, r"\\"] {
        for shift in 0..LONGEST_ESCAPE {
            let json = format!("\"{}{}\"", "x".repeat(shift), part.repeat(MAX_TEXT_BYTES));
            let text = Json::new(&json).text().expect("a text");
            assert!(text.ends_with('…') && text.len() < MAX_TEXT_BYTES + 3, "{part}: {} bytes", text.len());
            assert!(
                Json::new(&json).long_text().is_some_and(|long| long.starts_with(text.trim_end_matches('…')))
            );
        }
    }
}

#[test]
fn elements_come_until_it_breaks_or_the_text_does() {
    let mut seen = Vec::new();
    let mut see = |text: &str, most: usize| {
        seen.clear();
        let result = Json::new(text).elements(|element| {
            seen.extend(element.integer());
            if seen.len() == most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        (seen.clone(), result.is_ok())
    };
    assert_eq!(see("[1,2,3]", 9), (vec![1, 2, 3], true));
    assert_eq!(see("[1,2,!", 2), (vec![1, 2], true));
    assert_eq!(see("[1,2,!", 9), (vec![1, 2], false));
    assert_eq!(see("[1] 2", 9), (vec![1], false));
    assert_eq!(see("{}", 9), (vec![], false));
}
