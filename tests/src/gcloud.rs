//! [`FakeGcloud`]: a fake `gcloud` command.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// A directory for `PATH` with a `gcloud` script that replies by subcommand.
#[derive(Debug)]
pub struct FakeGcloud {
    directory: tempfile::TempDir,
}

/// One build, one failed execution and one job, as gcloud prints them.
const BUILDS: &str = include_str!("gcloud/builds.json");
const EXECUTIONS: &str = include_str!("gcloud/executions.json");
const JOBS: &str = include_str!("gcloud/jobs.json");

impl FakeGcloud {
    /// Replies to each of the three lists with one row.
    pub fn with_rows() -> Self {
        let fake = Self::with_script(
            "case \"$1\" in\n  builds) cat builds.json ;;\n  run) cat executions.json ;;\n  ai) cat jobs.json ;;\nesac\n",
        );
        fake.write("builds.json", BUILDS);
        fake.write("executions.json", EXECUTIONS);
        fake.write("jobs.json", JOBS);
        fake
    }

    /// Replies with a shell script, which runs in the fake's directory.
    ///
    /// # Panics
    ///
    /// If the directory cannot be made.
    pub fn with_script(script: &str) -> Self {
        let fake = Self { directory: tempfile::tempdir().expect("a temporary directory") };
        let program = format!(
            "#!/bin/sh\necho \"$*\" >> \"$(dirname \"$0\")/invocations\"\ncd \"$(dirname \"$0\")\"\n{script}"
        );
        let path = fake.write("gcloud", &program);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("it can be made executable");
        fake
    }

    fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.directory.path().join(name);
        fs::write(&path, content).expect("the temporary directory can be written to");
        path
    }

    /// A file in the fake's directory.
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The value for `PATH`, with the fake first.
    pub fn path(&self) -> String {
        format!("{}:/usr/bin:/bin", self.directory.path().display())
    }

    /// The command lines it was run with, sorted.
    pub fn invocations(&self) -> Vec<String> {
        let invocations = fs::read_to_string(self.file("invocations")).unwrap_or_default();
        let mut lines: Vec<_> = invocations.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }
}
