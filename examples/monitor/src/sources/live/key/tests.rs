use super::*;

fn netrc(text: &str) -> (tempfile::TempDir, KeySources) {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("netrc");
    fs::write(&path, text).expect("written");
    (dir, KeySources { key: None, netrc: Some(path) })
}

fn key(sources: &KeySources, host: &str) -> Result<Secret, String> {
    sources.key_for(host).map_err(|error| error.to_string())
}

#[test]
fn the_variable_comes_before_the_file() {
    let (_dir, mut sources) = netrc("machine api.wandb.ai login user password from-file");
    assert_eq!(key(&sources, "api.wandb.ai"), Ok(Secret("from-file".to_owned())));
    sources.key = Secret::new(" from-variable\n");
    assert_eq!(key(&sources, "api.wandb.ai"), Ok(Secret("from-variable".to_owned())));
}

#[test]
fn the_entry_of_the_host_is_taken() {
    let text = "machine other.example\n  login a\n  password no\nmachine api.wandb.ai\n  login user\n  password yes\n";
    let (_dir, sources) = netrc(text);
    assert_eq!(key(&sources, "api.wandb.ai"), Ok(Secret("yes".to_owned())));
    let error = key(&sources, "wandb.example").expect_err("none");
    assert!(error.contains("wandb.example") && error.contains("WANDB_API_KEY"), "{error}");
}

#[test]
fn no_file_is_no_key() {
    let sources = KeySources { key: None, netrc: Some(PathBuf::from("/nowhere/at/all")) };
    assert!(key(&sources, "h").expect_err("none").contains("wandb login"));
    assert!(key(&KeySources::default(), "h").expect_err("none").contains("wandb login"));
}

#[test]
fn a_malformed_netrc_is_reported_without_its_content() {
    let (_dir, sources) = netrc("machine api.wandb.ai login user passwrd hunter2 hunter3");
    let error = key(&sources, "api.wandb.ai").expect_err("broken");
    assert!(error.contains("not a readable netrc file"), "{error}");
    assert!(!error.contains("hunter") && !error.contains("passwrd"), "{error}");
}

#[test]
fn a_secret_shows_in_no_debug_and_no_message() {
    let secret = Secret::new("hunter2").expect("a secret");
    let sources = KeySources { key: Some(secret.clone()), netrc: None };
    assert!(!format!("{sources:?}").contains("hunter2"));
    assert_eq!(secret.redact("bad key hunter2!"), "bad key [key]!");
    assert_eq!(secret.basic_auth(), "Basic YXBpOmh1bnRlcjI=");
}

/// As W&B makes them: 40 characters.
const KEY: &str = "0123456789abcdef0123456789ABCDEFxyz/+=-_";

#[test]
fn a_part_of_eight_characters_or_more_is_redacted_wherever_it_is() {
    let secret = Secret::new(KEY).expect("a secret");
    let encoded = secret.encoded();
    for whole in [KEY, &encoded, &encoded.replace('/', "\\/"), &KEY.to_lowercase(), &KEY.to_uppercase()] {
        for size in 8..whole.len() {
            for start in 0..=whole.len() - size {
                let part = &whole[start..start + size];
                assert_eq!(secret.redact(&format!("é {part} é")), "é [key] é", "{part}");
            }
        }
    }
    assert_eq!(secret.redact("bad key 0123456!"), "bad key 0123456!", "seven characters");
    assert_eq!(secret.redact(&format!("{KEY}{KEY} {KEY}")), "[key] [key]");
}

#[test]
fn a_key_of_other_characters_is_redacted_with_whole_characters() {
    let secret = Secret::new("schlüssel-schlüssel-ñandú").expect("a secret");
    assert_eq!(secret.redact("ü: hlüssel-s ü"), "ü: [key] ü");
    assert_eq!(secret.redact("schlüssel-ñandúú"), "[key]ú");
}
