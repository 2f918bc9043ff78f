//! A stand-in for the `gcloud` command.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// A directory to put on PATH, with a `gcloud` in it that answers by what it is asked for.
#[derive(Debug)]
pub struct FakeGcloud {
    directory: tempfile::TempDir,
}

/// One build, one failed execution and one job, in the shapes that gcloud prints.
const BUILDS: &str = include_str!("gcloud/builds.json");
const EXECUTIONS: &str = include_str!("gcloud/executions.json");
const JOBS: &str = include_str!("gcloud/jobs.json");

impl FakeGcloud {
    /// Answers each of the three questions with one row.
    pub fn with_rows() -> Self {
        let fake = Self::with_script(
            "case \"$1\" in\n  builds) cat builds.json ;;\n  run) cat executions.json ;;\n  ai) cat jobs.json ;;\nesac\n",
        );
        fake.write("builds.json", BUILDS);
        fake.write("executions.json", EXECUTIONS);
        fake.write("jobs.json", JOBS);
        fake
    }

    /// Answers with what a shell script does, which runs in the directory of the stand-in.
    ///
    /// # Panics
    ///
    /// If the directory cannot be made.
    pub fn with_script(script: &str) -> Self {
        let fake = Self { directory: tempfile::tempdir().expect("a temporary directory") };
        let program = format!(
            "#!/bin/sh\necho \"$*\" >> \"$(dirname \"$0\")/asked\"\ncd \"$(dirname \"$0\")\"\n{script}"
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

    /// A file of the stand-in's directory.
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// What to give as PATH: the stand-in first.
    pub fn path(&self) -> String {
        format!("{}:/usr/bin:/bin", self.directory.path().display())
    }

    /// The command lines it was asked with, sorted.
    pub fn invocations(&self) -> Vec<String> {
        let asked = fs::read_to_string(self.file("asked")).unwrap_or_default();
        let mut lines: Vec<_> = asked.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }
}
