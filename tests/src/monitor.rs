//! The examples as a user starts them, above all the monitor.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use escargot::CargoBuild;

/// The monitor, built once.
///
/// # Panics
///
/// If it does not build.
pub fn monitor() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| example("monitor"))
}

/// The monitor as it is released, built once.
///
/// # Panics
///
/// If it does not build.
pub fn release_monitor() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| build(CargoBuild::new().release(), "monitor"))
}

/// An example, as `cargo test` has built it already.
///
/// # Panics
///
/// If it does not build.
pub fn example(name: &str) -> PathBuf {
    build(CargoBuild::new(), name)
}

/// With the features of the whole workspace, and without what cargo tells a test of its own package, for some build scripts
/// look at that: what is there already is not built again.
fn build(build: CargoBuild, name: &str) -> PathBuf {
    let of_this_package = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    let told = env::vars_os().map(|(name, _)| name).filter(|name| name.to_str().is_some_and(of_this_package));
    let build = told.fold(build.example(name), CargoBuild::env_remove);
    let run = build.manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml")).run();
    run.unwrap_or_else(|error| panic!("{name} does not build: {error}")).path().to_owned()
}

/// What a run without a terminal came to.
#[derive(Debug)]
pub struct Output {
    /// The exit status.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
}

impl Output {
    /// What it printed, as JSON.
    ///
    /// # Panics
    ///
    /// If it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error} in {:?}, stderr {:?}", self.stdout, self.stderr))
    }
}

/// Runs the monitor with these arguments and only these environment variables, and no terminal.
///
/// # Panics
///
/// If it cannot be started.
pub fn once(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(monitor());
    command.args(arguments).env_clear().envs(environment.iter().copied()).stdin(Stdio::null());
    let output = command.output().expect("the monitor starts");
    Output {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("it prints UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("it complains in UTF-8"),
    }
}

/// What makes the monitor ask the stand-ins, for whichever region and project.
pub const LIVE: [&str; 10] = [
    "--source",
    "live",
    "--project",
    "demo",
    "--region",
    "us-central1",
    "--entity",
    "team",
    "--wandb-project",
    "train",
];
