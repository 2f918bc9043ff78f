use std::time::Duration;

use super::*;
use crate::options::SourceKind;

fn parse(arguments: &[&str]) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(["monitor"].iter().chain(arguments))?.check()
}

fn refused(arguments: &[&str]) -> String {
    let error = parse(arguments).expect_err("refused");
    assert_eq!(error.exit_code(), 2, "{arguments:?}");
    error.to_string()
}

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn the_defaults_are_the_demo_every_30_seconds() {
    let cli = parse(&[]).expect("defaults");
    assert_eq!(cli.options, Options::default(), "nothing is set");
    let defaults = Options::defaults();
    assert_eq!(defaults.source, Some(SourceKind::Demo));
    assert_eq!(defaults.refresh, Some(Duration::from_secs(30)));
    assert!(!cli.once && !cli.watch);
}

#[test]
fn rows_are_from_1_to_1000() {
    assert_eq!(parse(&[]).expect("the default").options.rows, None);
    assert_eq!(parse(&["--rows", "1000"]).expect("rows").options.rows, Some(1000));
    for wrong in ["0", "1001", "many"] {
        assert!(refused(&["--rows", wrong]).contains("from 1 to 1000"), "{wrong}");
    }
}

#[test]
fn regions_are_given_one_by_one_or_with_commas() {
    let cli = parse(&["--region", "us-central1", "--region=us-east4,europe-west4"]).expect("regions");
    assert_eq!(cli.options.regions, ["us-central1", "us-east4", "europe-west4"]);
}

#[test]
fn a_refresh_of_0_is_refused_and_says_what_to_do() {
    let message = refused(&["--refresh", "0"]);
    assert!(message.contains("give at least 1"), "{message}");
    for wrong in ["-1", "soon", "1.5", "86401", "99999999999999999999"] {
        assert!(refused(&[&format!("--refresh={wrong}")]).contains("from 1 to 86400"), "{wrong}");
    }
}

#[test]
fn unknown_options_and_values_are_refused() {
    assert!(refused(&["--colour"]).contains("--colour"));
    assert!(refused(&["--source", "mars"]).contains("demo"));
    assert!(refused(&["--once", "--format", "xml"]).contains("json"));
    refused(&["--project", ""]);
    refused(&["stray"]);
}

#[test]
fn a_format_without_once_is_refused_rather_than_ignored() {
    assert!(refused(&["--format", "json"]).contains("--once"));
    assert_eq!(parse(&["--once", "--format", "json"]).expect("fine").format, Some(Format::Json));
}

#[test]
fn help_and_version_are_no_errors() {
    assert_eq!(parse(&["--help"]).expect_err("help").kind(), ErrorKind::DisplayHelp);
    assert_eq!(parse(&["--version"]).expect_err("version").exit_code(), 0);
}

#[test]
fn ascii_is_for_the_screen_and_refused_without_one() {
    assert!(parse(&["--ascii"]).expect("a screen").ascii);
    assert!(refused(&["--ascii", "--once"]).contains("--once"));
    assert!(refused(&["--ascii", "--watch"]).contains("--watch"));
}

#[test]
fn m12_the_mouse_is_on_unless_it_is_switched_off() {
    assert_eq!(Options::defaults().mouse, Some(true));
    assert_eq!(parse(&[]).expect("nothing").options.mouse, None);
    assert_eq!(parse(&["--no-mouse"]).expect("a flag").options.mouse, Some(false));
    refused(&["--no-mouse=true"]);
}

#[test]
fn watch_prints_json_and_nothing_else() {
    assert!(parse(&["--watch", "--format", "json"]).is_ok() && parse(&["--watch"]).is_ok());
    assert!(refused(&["--watch", "--format", "csv"]).contains("--watch prints json only"));
    assert!(refused(&["--format", "json"]).contains("--format needs --once or --watch"));
}
