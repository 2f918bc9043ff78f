use super::*;

fn depth(json: &str) -> Result<String, String> {
    text("it", json.as_bytes().to_vec()).map_err(|error| error.to_string())
}

#[test]
fn a_reply_that_is_nested_too_deep_is_told() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let nested = |levels: usize| format!("{}0{}", open.repeat(levels), close.repeat(levels));
        assert!(depth(&nested(100)).is_ok());
        assert!(depth(&nested(101)).is_err_and(|error| error.contains("deeper than 100 levels")));
    }
    for flat in [r#"[["[",{"]":0}],"\"["#, r#""\\""#] {
        assert!(depth(&format!("[{}]", vec![flat; 200].join(","))).is_ok(), "{flat}");
    }
    assert!(depth(&"]".repeat(500)).is_ok(), "the parser tells");
}
