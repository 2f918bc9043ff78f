//! The monitor's modules name each other in one direction only.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each module may name of the others, each of them standing below it.
const ARROWS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("wall", &[]),
    ("signals", &[]),
    ("cli", &[]),
    ("source", &["model"]),
    ("sources", &["source", "model", "wall"]),
    ("app", &["source", "model", "wall", "signals"]),
    ("input", &["app"]),
    ("ui", &["input", "app", "model"]),
    ("setup", &["sources", "source", "app", "cli", "wall", "model"]),
    ("once", &["source", "model", "cli"]),
    ("run", &["setup", "ui", "input", "app", "signals"]),
];

fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("it can be read") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs")
            && !path.ends_with("tests.rs")
            && !path.ends_with("lib.rs")
        {
            found.push(path);
        }
    }
}

/// The modules of the monitor that a line names, seen from a module so many levels below it.
fn named(line: &str, depth: usize) -> Vec<String> {
    let mut names = Vec::new();
    let word = |text: &str| -> String {
        text.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '{')).collect()
    };
    let mut rest = line;
    while let Some(at) = rest.find("super::") {
        let mut levels = 0;
        rest = &rest[at..];
        while let Some(after) = rest.strip_prefix("super::") {
            levels += 1;
            rest = after;
        }
        if levels == depth {
            names.push(word(rest));
        }
    }
    names.extend(line.match_indices("crate::").map(|(at, found)| word(&line[at + found.len()..])));
    names
}

#[test]
fn the_arrows_of_the_architecture_are_the_imports_of_the_code() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/monitor/src"));
    let mut files = Vec::new();
    sources(root, &mut files);
    let mut used = BTreeSet::new();
    for file in &files {
        let module = file.strip_prefix(root).expect("inside").with_extension("");
        let parts: Vec<&str> = module.iter().map(|part| part.to_str().expect("text")).collect();
        let code = fs::read_to_string(file).expect("it can be read");
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for name in named(line, parts.len()) {
                if name != parts[0] {
                    used.insert((parts[0].to_owned(), name));
                }
            }
        }
    }
    let arrow = |&(from, to): &(&'static str, &'static [&'static str])| {
        to.iter().map(move |to| (from.to_owned(), (*to).to_owned()))
    };
    let allowed: BTreeSet<_> = ARROWS.iter().flat_map(arrow).collect();
    assert_eq!(used, allowed);
    for (at, (module, below)) in ARROWS.iter().enumerate() {
        let lower: Vec<_> = ARROWS[..at].iter().map(|(name, _)| *name).collect();
        assert!(below.iter().all(|name| lower.contains(name)), "{module} names what is above it");
    }
}

#[test]
fn a_name_is_found_however_deep_it_stands() {
    assert_eq!(named("use super::super::model::{Row, Table};", 2), ["model"]);
    assert_eq!(named("use super::super::model::Row;", 3), [""; 0]);
    assert_eq!(named("let x = crate::wall_clock::WallClock::system();", 5), ["wall"]);
}
