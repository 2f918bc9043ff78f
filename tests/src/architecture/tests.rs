use super::*;

const TABLE: &str = "\
# Architecture

## other

| folder | files, lowest first | what it is | names |
|---|---|---|---|
| `elsewhere` | | | |

## demo

Some words.

| folder | files, lowest first | what it is | names |
|---|---|---|---|
| `error` | — | errors | |
| `sync` | `clock`, `wait` | time and waiting | |
| `worker` | `state`, `record` | a worker | `error`, `sync` |

Only `sync` names `std::thread`,
`std::sync::atomic`.

## last
";

/// Files that break no rule.
fn files() -> Vec<(&'static str, &'static str)> {
    vec![
        ("lib.rs", "pub mod error; mod sync; mod worker; pub use worker::record::Record;"),
        ("error.rs", "pub struct Error;"),
        ("sync.rs", "mod clock; mod wait; pub use clock::Clock;"),
        ("sync/clock.rs", "use std::thread; pub struct Clock;"),
        ("sync/wait.rs", "use super::clock::Clock; use std::sync::atomic::AtomicBool;"),
        ("worker.rs", "mod record; mod state; pub use record::Record; use crate::worker::state::State;"),
        ("worker/state.rs", "use crate::error::Error; pub(in crate::worker) struct State;"),
        ("worker/record.rs", "use super::state::State; use crate::sync::Clock; pub struct Record;"),
    ]
}

fn violations_in(table: &str, files: &[(&str, &str)]) -> Vec<String> {
    let files: Vec<_> = files.iter().map(|(path, code)| SourceFile::new("demo/src", path, *code)).collect();
    check(table, "demo", &files)
}

/// The violations after a file is replaced or added.
fn violations(path: &'static str, code: &'static str) -> Vec<String> {
    let mut files = files();
    files.retain(|(present, _)| *present != path);
    files.push((path, code));
    violations_in(TABLE, &files)
}

#[test]
fn imports_that_follow_the_table_are_no_violations() {
    assert_eq!(violations_in(TABLE, &files()), [""; 0]);
}

#[test]
fn a_folder_that_names_a_folder_above_it_is_reported_with_both_places() {
    let found = violations("sync/wait.rs", "use super::clock::Clock;\nuse crate::{\n    worker::Record,\n};");
    assert_eq!(
        found,
        [
            "demo/src/sync/wait.rs:3 names `worker`, but docs/architecture.md:16 lets `sync` name no other folder"
        ]
    );
}

#[test]
fn a_message_lists_what_may_be_named() {
    let mut files = files();
    files.push(("manager.rs", "use crate::error::Error;"));
    let table = TABLE
        .replace("| `worker` |", "| `manager` | | the manager | `error` |\n| `worker` |")
        .replace("\nOnly", "\n\nOnly");
    files.retain(|(path, _)| *path != "worker/state.rs");
    files.push(("worker/state.rs", "fn f() { crate::manager::start(crate::error::Error); }"));
    assert_eq!(
        violations_in(&table, &files),
        [
            "demo/src/worker/state.rs:1 names `manager`, but docs/architecture.md:18 lets `worker` name only `error`, `sync`"
        ]
    );
}

#[test]
fn a_file_that_names_a_file_to_its_right_is_reported() {
    let found = violations("worker/state.rs", "use crate::error::Error;\nuse super::record::Record;");
    assert_eq!(
        found,
        [
            "demo/src/worker/state.rs:2 names `record`, but docs/architecture.md:17 puts `record` to the right of `state`"
        ]
    );
}

#[test]
fn a_file_deeper_down_belongs_to_the_file_above_it() {
    let found = violations("worker/state/bits.rs", "use super::super::record::Record; use super::State;");
    assert_eq!(
        found,
        [
            "demo/src/worker/state/bits.rs:1 names `record`, but docs/architecture.md:17 puts `record` to the right of `state`"
        ]
    );
}

#[test]
fn an_item_named_by_the_root_of_its_own_folder_is_reported() {
    for code in ["use super::Clock;", "use crate::sync::Clock;", "use super::*;", "use crate::sync;"] {
        let found = violations("sync/wait.rs", code);
        assert!(found.len() == 1 && found[0].contains("root of its folder `sync`"), "{code}: {found:?}");
    }
}

#[test]
fn an_unused_permission_is_reported() {
    let found = violations("worker/record.rs", "use super::state::State;");
    assert_eq!(found, ["docs/architecture.md:17 lets `worker` name `sync`, but no file of `worker` does"]);
}

#[test]
fn a_permission_to_name_a_row_below_it_is_reported() {
    let table = TABLE.replace("| errors | |", "| errors | `sync` |");
    let mut files = files();
    files[1].1 = "use crate::sync::Clock;";
    assert_eq!(
        violations_in(&table, &files),
        ["docs/architecture.md:15 lets `error` name `sync`, which is not a row above it"]
    );
}

#[test]
fn a_file_that_is_not_listed_is_reported() {
    assert_eq!(violations("extra.rs", ""), ["demo/src/extra.rs is in no row of docs/architecture.md"]);
    assert_eq!(
        violations("sync/extra.rs", ""),
        ["demo/src/sync/extra.rs is not among the files of `sync` in docs/architecture.md:16"]
    );
}

#[test]
fn a_listed_file_that_does_not_exist_is_reported() {
    let table = TABLE.replace("`clock`, `wait`", "`clock`, `gone`, `wait`");
    assert_eq!(
        violations_in(&table, &files()),
        ["docs/architecture.md:16 lists `gone`, which is no file of `sync`"]
    );
    let table = TABLE.replace("| `error` | — | errors | |", "| `error` | — | errors | |\n| `error` | | | |");
    assert_eq!(violations_in(&table, &files()), ["docs/architecture.md:16 lists `error` again"]);
}

#[test]
fn a_root_re_export_used_inside_the_crate_is_reported() {
    for code in [
        "use crate::Record;\nuse crate::error::Error;",
        "fn f(_: crate::Record, _: crate::error::Error) {}",
        "fn f() { println!(\"{}\", crate::Record); crate::error::Error; }",
        "use crate::*; use crate::error::Error;",
    ] {
        let found = violations("worker/state.rs", code);
        assert!(found.len() == 1 && found[0].contains("by the crate's root"), "{code}: {found:?}");
    }
    let in_definition = "use crate::error::Error;\nmacro_rules! m { () => { $crate::Record } }";
    assert_eq!(violations("worker/state.rs", in_definition), [""; 0]);
    let in_documentation = "/// [`Record`](crate::Record)\npub use crate::error::Error;";
    assert_eq!(violations("worker/state.rs", in_documentation), [""; 0]);
}

#[test]
fn an_outside_path_reserved_for_other_modules_is_reported() {
    for code in [
        "use std::thread::JoinHandle;",
        "use std::{io, thread};",
        "fn f() { std::thread::yield_now(); }",
        "use std::thread as t; fn f() { t::yield_now(); }",
    ] {
        let found = violations("error.rs", code);
        assert_eq!(
            found,
            ["demo/src/error.rs:1 names `std::thread`, but docs/architecture.md:19 lets only `sync` name it"],
            "{code}"
        );
    }
    let through_an_alias = "use std::sync;\nstatic S: sync::atomic::AtomicBool = todo!();";
    let found = violations("error.rs", through_an_alias);
    assert!(
        found.len() == 1 && found[0].starts_with("demo/src/error.rs:2 names `std::sync::atomic`"),
        "{found:?}"
    );
    assert_eq!(violations("error.rs", "use std::sync::Arc; use std::threads;"), [""; 0]);
}

#[test]
fn a_path_that_stands_in_a_macro_only_is_seen() {
    for code in [
        "fn f() { assert!(matches!(x, Some(crate::worker::State))); }",
        "macro_rules! m { () => { use $crate::{worker::{Record}}; } }",
        "#[derive(crate::worker::Derive)] struct S;",
    ] {
        let found = violations("error.rs", code);
        assert!(found.len() == 1 && found[0].contains("names `worker`"), "{code}: {found:?}");
    }
}

#[test]
fn the_paths_of_a_nested_module_are_resolved_from_where_they_stand() {
    let nested = "mod inner { use super::super::worker::Record; use self::x::Y; }";
    let found = violations("error.rs", nested);
    assert!(found.len() == 1 && found[0].contains("names `worker`"), "{found:?}");
}

#[test]
fn tests_are_ignored() {
    let tests = "#[cfg(test)] mod support;\n#[cfg(test)]\nmod tests { use crate::worker::Record; }\n\
                 #[cfg(all(test, unix))] use crate::Record;\n#[test] fn f() { crate::worker::f(); }";
    assert_eq!(violations("error.rs", tests), [""; 0]);
    let mut files = files();
    files[1].1 = tests;
    files.push(("error/support.rs", "use crate::worker::Record;"));
    files.push(("error/tests.rs", "use crate::worker::Record;"));
    files.push(("sync/tests/more.rs", "use crate::worker::Record;"));
    assert_eq!(violations_in(TABLE, &files), [""; 0]);
    let not_a_test = "#[cfg(not(test))] use crate::worker::Record;";
    assert_eq!(violations("error.rs", not_a_test).len(), 1);
}

#[test]
fn a_missing_table_is_reported() {
    let found = check("# Architecture\n\n## demo\n\nWords.\n", "demo", &[]);
    assert_eq!(found, ["docs/architecture.md has no section `## demo` with a table of folders"]);
}

#[test]
fn code_that_cannot_be_parsed_is_reported() {
    let found = violations("error.rs", "fn (");
    assert!(found[0].starts_with("demo/src/error.rs could not be parsed"), "{found:?}");
}
