//! [`SourceFile`]: a file of a crate and the module it contains.

use std::fs;
use std::io;
use std::path::Path;

/// One Rust file of a crate.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path from the workspace's root, as messages show it.
    pub path: String,
    /// The path of its module from the crate's root; empty for `lib.rs`.
    pub module: Vec<String>,
    /// The code.
    pub code: String,
}

impl SourceFile {
    /// A file below `src`, such as `worker/state.rs` below `worker-core/src`.
    pub fn new(src: &str, path: &str, code: impl Into<String>) -> Self {
        let module = path.trim_end_matches(".rs").split('/').map(str::to_owned);
        let mut module: Vec<String> = module.collect();
        if module == ["lib"] || module.last().is_some_and(|last| last == "mod") {
            module.pop();
        }
        Self { path: format!("{src}/{path}"), module, code: code.into() }
    }
}

/// Reads every Rust file below `src`, which is a path from the workspace's root.
///
/// # Errors
///
/// If a directory or a file cannot be read.
pub fn read_sources(workspace: &Path, src: &str) -> io::Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    read_directory(&workspace.join(src), "", src, &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn read_directory(directory: &Path, prefix: &str, src: &str, files: &mut Vec<SourceFile>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            read_directory(&path, &format!("{prefix}{name}/"), src, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(SourceFile::new(src, &format!("{prefix}{name}"), fs::read_to_string(&path)?));
        }
    }
    Ok(())
}
