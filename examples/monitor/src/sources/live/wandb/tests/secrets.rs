use super::*;
use crate::sources::live::key::Secret;

/// base64("api:hunter2"), the credentials that are sent.
const SENT: &str = "YXBpOmh1bnRlcjI=";

#[test]
fn a_reply_that_contains_the_key_or_the_header_is_redacted() {
    let filler = "x".repeat(70);
    let row = |more: &str| format!(r#"{{"data":{{"project":{{"runs":{{"edges":[{{"node":{more}}}]}}}}}}}}"#);
    let cases = [
        (401, format!(r#"{{"error":"bad header Basic {SENT}"}}"#)),
        (401, r#"{"error":"bad header Basic YXBpOmh1bnRlcjI\u003d"}"#.to_owned()),
        (500, format!("Authorization: Basic {SENT}")),
        (200, format!("{filler} hunter2")),
        (200, format!("{filler}:{SENT}")),
        (200, format!(r#"{{"errors":["Basic {SENT}"]}}"#)),
        (200, format!(r#"{{"data":{{"project":{{"runs":{{"edges":"{filler}hunter2"}}}}}}}}"#)),
        (200, format!(r#"{{"data":{{"project":{{"runs":{{"edges":{{"hunter2":"{SENT}"}}}}}}}}}}"#)),
        (200, row(r#"{"name":5,"displayName":"hunter2","state":"hunter2"}"#)),
        (200, row(r#""hunter2""#)),
        (200, row(&format!(r#""Basic {SENT}""#))),
        (200, format!(r#"{{"data":{{"hunter2":"{SENT}"}}}}"#)),
    ];
    for (status, body) in cases {
        let message = error((status, Vec::new(), body.clone())).to_string();
        for part in ["hunter", "hunte", "YXBpOm"] {
            assert!(!message.contains(part), "{body}: {message}");
        }
    }
}

#[test]
fn a_row_that_holds_the_key_shows_it_nowhere() {
    let named = format!(r#"{{"node":{{"name":"a","displayName":"hunter2 {SENT}"}}}}"#);
    let (rows, _) = active(&FakeWandb::new(vec![page(&[named], None)])).expect("rows");
    assert_eq!(rows[0].cells[1], Cell::Text("[key] [key]".to_owned()));
}

#[test]
fn a_part_of_the_key_is_shown_nowhere() {
    let key = "0123456789abcdef0123456789abcdef01234567";
    let part = &key[7..20];
    let filler = "x".repeat(70);
    let bodies = [
        (401, format!(r#"{{"error":"no such key: {part}…"}}"#)),
        (401, format!("<p>no such key: {part}")),
        (503, format!("{filler} {part}")),
        (200, format!("{filler} {part}")),
        (200, format!(r#"{{"errors":[{{"message":"bad key {part}"}}]}}"#)),
        (200, format!(r#"{{"errors":["{filler}{filler}{filler}{filler} {part}"]}}"#)),
        (200, format!(r#"{{"data":{{"{part}":"{part}"}}}}"#)),
        (200, format!(r#"{{"data":{{"project":{{"runs":{{"edges":"{part}"}}}}}}}}"#)),
    ];
    let keys = || KeySources { key: Secret::new(key), netrc: None };
    for (status, body) in bodies {
        let fake = FakeWandb::new(vec![(status, Vec::new(), body.clone())]);
        let error =
            fetch(WandbConfig { keys: keys(), ..fake.config() }, Wandb::active).expect_err("an error");
        assert!(!error.to_string().contains(&part[..8]), "{body}: {error}");
    }
    let node = format!(r#","displayName":"{part}","state":"{part}""#);
    let node = format!(r#"{{"node":{{"name":"{part}"{node}}}}}"#);
    let fake = FakeWandb::new(vec![page(&[node], None)]);
    let (rows, _) = fetch(WandbConfig { keys: keys(), ..fake.config() }, Wandb::active).expect("rows");
    assert!(!format!("{rows:?}").contains(&part[..8]), "{rows:?}");
    assert_eq!(fake.asked_metrics()[0].names(), [part], "the service is asked with its own name of the run");
}
