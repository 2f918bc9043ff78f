use std::time::Duration;

use clap::Parser;

use super::*;
use crate::options::SourceKind;

const TEXT: &str = r#"
profile = "work"

[defaults]
refresh = 60
job = "launcher"

[profiles.home]
source = "demo"
seed = 5
mouse = false

[profiles.work]
source = "live"
project = "my-project"
regions = ["us-central1", "europe-west4"]
rows = 50
"#;

fn load(arguments: &[&str], text: &str) -> Result<Config, String> {
    let cli = Cli::parse_from(["monitor"].iter().chain(arguments));
    Config::from_text(&cli, Some("config.toml".into()), text).map_err(|error| error.to_string())
}

#[test]
fn a_flag_goes_before_the_profile_and_the_profile_before_the_file() {
    let config = load(&["--rows", "7"], TEXT).expect("right");
    assert_eq!(config.profiles.iter().map(|profile| &*profile.name).collect::<Vec<_>>(), ["work", "home"]);
    let options = &config.first().options;
    assert_eq!((options.source, options.rows), (Some(SourceKind::Live), Some(7)));
    assert_eq!(options.refresh, Some(Duration::from_mins(1)));
    assert_eq!(options.regions, ["us-central1", "europe-west4"]);
    assert_eq!(options.mouse, Some(true));
    assert_eq!((options.job.as_deref(), options.seed), (Some("launcher"), Some(9)));
}

#[test]
fn a_profile_is_chosen_by_its_name() {
    let config = load(&["--profile", "home"], TEXT).expect("there");
    assert_eq!((config.first().options.seed, config.first().options.mouse), (Some(5), Some(false)));
    let error = load(&["--profile", "away"], TEXT).expect_err("not there");
    assert_eq!(error, r#"there is no profile "away"; the configuration has home, work"#);
    let error = load(&[], "profile = \"x\"").expect_err("not there");
    assert!(error.ends_with("the configuration has no [profiles.NAME]"), "{error}");
}

#[test]
fn without_a_file_the_defaults_hold() {
    let config = load(&[], "").expect("right");
    assert_eq!(config.profiles, [Profile { name: String::new(), options: Options::defaults() }]);
}

#[test]
fn what_is_wrong_is_said_with_its_line_and_what_would_be_right() {
    for (text, line, said) in [
        (
            "[defaults]\nregoins = []",
            2,
            "unknown field `regoins`, expected one of `source`, `seed`, `refresh`",
        ),
        ("\n\n[defaults]\nrefresh = 0", 4, "give at least 1"),
        ("[defaults]\nrefresh = -1", 2, "from 1 to 86400"),
        ("[profiles.a]\nrows = 5000", 2, "from 1 to 1000"),
        ("[profiles.a]\nsource = \"lvie\"", 2, "expected `demo` or `live`"),
        ("[profiles.a]\nproject = 5", 2, "expected a string"),
        ("[profiles.a]\nproject = \"\"", 2, "must not be empty"),
        ("[profiles.a]\nregions = [\"a\", \"\"]", 2, "must not be empty"),
        ("profile = ", 1, ""),
        ("profile = \"a\"\nprofile = \"b\"", 2, "duplicate key"),
    ] {
        let error = load(&[], text).expect_err(text);
        assert!(error.starts_with(&format!("config.toml:{line}: ")) && error.contains(said), "{error}");
    }
}

#[test]
fn what_holds_can_be_printed_and_read_again() {
    let config = load(&[], TEXT).expect("right");
    let printed = config.to_toml();
    assert!(printed.starts_with("# read from config.toml\nprofile = \"work\"\n"), "{printed}");
    assert_eq!(load(&[], &printed).expect("the same format").profiles, config.profiles);

    let hostile = "[profiles.\"a\\u007f\\n\\\"b\"]\nproject = \"\\u0000\"\n";
    let config = load(&[], hostile).expect("right");
    assert_eq!(load(&[], &config.to_toml()).expect("still right").profiles, config.profiles);
}
