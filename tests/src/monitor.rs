//! Builds and runs the examples, above all the monitor.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use escargot::CargoBuild;

/// The path of the monitor, built once.
///
/// # Panics
///
/// If it does not build.
pub fn monitor() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| example("monitor"))
}

/// The path of the release build of the monitor, built once.
///
/// # Panics
///
/// If it does not build.
pub fn release_monitor() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| build(CargoBuild::new().release(), "monitor"))
}

/// The path of an example. `cargo test` has usually built it already.
///
/// # Panics
///
/// If it does not build.
pub fn example(name: &str) -> PathBuf {
    build(CargoBuild::new(), name)
}

/// Builds like `cargo test` does, so that nothing is built twice: with the features of the whole
/// workspace, and without the `CARGO_*` variables of this package, which some build scripts read.
fn build(build: CargoBuild, name: &str) -> PathBuf {
    let of_this_package = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    let inherited =
        env::vars_os().map(|(name, _)| name).filter(|name| name.to_str().is_some_and(of_this_package));
    let build = inherited.fold(build.example(name), CargoBuild::env_remove);
    let run = build.manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml")).run();
    run.unwrap_or_else(|error| panic!("{name} does not build: {error}")).path().to_owned()
}

/// The result of a run without a terminal.
#[derive(Debug)]
pub struct Output {
    /// The exit status.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Output {
    /// Standard output parsed as JSON.
    ///
    /// # Panics
    ///
    /// If it is not JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error} in {:?}, stderr {:?}", self.stdout, self.stderr))
    }
}

/// Runs the monitor with these arguments and only these environment variables, without a terminal.
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
        stderr: String::from_utf8(output.stderr).expect("it prints UTF-8"),
    }
}

/// Arguments for the live source. The fakes accept any project and region.
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
