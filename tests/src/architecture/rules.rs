//! [`check`]: the rules that the imports of a crate are held to.

use std::collections::{BTreeSet, HashSet};

use super::crate_files::SourceFile;
use super::imports::{self, Import, Module};
use super::table::{Reserved, Row, Table};

/// The name of the document in messages.
const DOCUMENT: &str = "docs/architecture.md";

/// Checks the files of a crate against the section `## heading` of `document`, and returns one
/// message per violation.
pub fn check(document: &str, heading: &str, files: &[SourceFile]) -> Vec<String> {
    let Some(table) = Table::parse(document, heading) else {
        return vec![format!("{DOCUMENT} has no section `## {heading}` with a table of folders")];
    };
    let mut violations = Vec::new();
    let mut parsed = Vec::new();
    for file in files {
        match imports::parse(&file.module, &file.code) {
            Ok(module) => parsed.push((file, module)),
            Err(error) => violations.push(format!("{} could not be parsed: {error}", file.path)),
        }
    }
    let code: Vec<(&SourceFile, &Module)> = without_tests(&parsed);
    violations.extend(check_listing(&table, &code));
    violations.extend(check_order_of_rows(&table));
    let modules: HashSet<&str> = code.iter().map(|(file, _)| &*file.module[0]).collect();
    let mut named = BTreeSet::new();
    for (file, module) in &code {
        let Some((_, row)) = table.row(&file.module[0]) else { continue };
        violations.extend(check_file(file, module, row, &modules, &mut named));
        violations.extend(check_reserved(file, module, &table.reserved));
    }
    violations.extend(check_unused(&table, &named));
    violations
}

/// The files to check: neither `lib.rs` nor tests.
fn without_tests<'a>(parsed: &'a [(&SourceFile, Module)]) -> Vec<(&'a SourceFile, &'a Module)> {
    let test_modules: Vec<&Vec<String>> =
        parsed.iter().flat_map(|(_, module)| &module.test_modules).collect();
    let is_test = |file: &SourceFile| {
        file.module.iter().any(|name| name == "tests")
            || test_modules.iter().any(|test| file.module.starts_with(test))
    };
    let code = parsed.iter().filter(|(file, _)| !file.module.is_empty() && !is_test(file));
    code.map(|(file, module)| (*file, module)).collect()
}

/// Every file is in exactly one row, and every row lists files that exist.
fn check_listing(table: &Table, code: &[(&SourceFile, &Module)]) -> Vec<String> {
    let mut violations = Vec::new();
    for (file, _) in code {
        match (table.row(&file.module[0]), file.module.get(1)) {
            (None, _) => violations.push(format!("{} is in no row of {DOCUMENT}", file.path)),
            (Some((_, row)), Some(name)) if !row.files.contains(name) => {
                let Row { line, folder, .. } = row;
                violations
                    .push(format!("{} is not among the files of `{folder}` in {DOCUMENT}:{line}", file.path));
            }
            _ => {}
        }
    }
    let mut seen = HashSet::new();
    for Row { line, folder, files, .. } in &table.rows {
        if !seen.insert((folder, None)) {
            violations.push(format!("{DOCUMENT}:{line} lists `{folder}` again"));
        }
        if !code.iter().any(|(file, _)| file.module[0] == *folder) {
            violations.push(format!("{DOCUMENT}:{line} lists `{folder}`, which has no file"));
        }
        for name in files {
            if !seen.insert((folder, Some(name))) {
                violations.push(format!("{DOCUMENT}:{line} lists `{name}` twice"));
            }
            if !code.iter().any(|(file, _)| file.module[0] == *folder && file.module.get(1) == Some(name)) {
                violations.push(format!("{DOCUMENT}:{line} lists `{name}`, which is no file of `{folder}`"));
            }
        }
    }
    violations
}

/// A row names only rows above it.
fn check_order_of_rows(table: &Table) -> Vec<String> {
    let mut violations = Vec::new();
    for (at, Row { line, folder, names, .. }) in table.rows.iter().enumerate() {
        for name in names {
            if !table.rows[..at].iter().any(|above| above.folder == *name) {
                violations.push(format!(
                    "{DOCUMENT}:{line} lets `{folder}` name `{name}`, which is not a row above it"
                ));
            }
        }
    }
    violations
}

/// What a file names in its own crate. Adds the folders that it names to `named`.
fn check_file<'a>(
    file: &'a SourceFile,
    module: &'a Module,
    row: &'a Row,
    modules: &HashSet<&str>,
    named: &mut BTreeSet<(&'a str, &'a str)>,
) -> Vec<String> {
    let mut violations = Vec::new();
    let mut reported = HashSet::new();
    for import in &module.inside {
        let Some(folder) = import.path.first() else { continue };
        let violation = if !modules.contains(folder.as_str()) {
            (!import.may_name_root).then(|| {
                format!("names `{folder}` by the crate's root, where it is re-exported; name its module")
            })
        } else if *folder == row.folder {
            inside_folder(file, import, row)
        } else {
            named.insert((row.folder.as_str(), folder.as_str()));
            (!row.names.contains(folder)).then(|| format!("names `{folder}`, but {}", permission(row)))
        };
        if let Some(violation) = violation
            && reported.insert(violation.clone())
        {
            violations.push(format!("{}:{} {violation}", file.path, import.line));
        }
    }
    violations
}

/// The folders that a row may name, as the end of a message.
fn permission(row: &Row) -> String {
    let Row { line, folder, names, .. } = row;
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => format!("{DOCUMENT}:{line} lets `{folder}` name no other folder"),
        names => format!("{DOCUMENT}:{line} lets `{folder}` name only {}", names.join(", ")),
    }
}

/// A file names only files to its left, and no item of its folder's module file.
fn inside_folder(file: &SourceFile, import: &Import, row: &Row) -> Option<String> {
    let this = file.module.get(1)?;
    let Row { line, folder, files, .. } = row;
    let position = |name: &String| files.iter().position(|listed| listed == name);
    match import.path.get(1) {
        Some(name) if name == this => None,
        Some(name) if let Some(named) = position(name) => {
            let below = position(this).is_some_and(|this| named < this);
            (!below).then(|| {
                format!("names `{name}`, but {DOCUMENT}:{line} puts `{name}` to the right of `{this}`")
            })
        }
        Some(name) => Some(format!("names `{name}` by the root of its folder `{folder}`; name its file")),
        None => Some(format!("names the root of its folder `{folder}`; name the file that is needed")),
    }
}

/// Outside paths that only some modules may name.
fn check_reserved(file: &SourceFile, module: &Module, reserved: &[Reserved]) -> Vec<String> {
    let mut violations = Vec::new();
    let this = file.module.join("::");
    let is_within = |allowed: &String| this == *allowed || this.starts_with(&format!("{allowed}::"));
    for Reserved { line, modules, paths } in reserved {
        if modules.iter().any(is_within) {
            continue;
        }
        let modules: Vec<String> = modules.iter().map(|module| format!("`{module}`")).collect();
        for path in paths {
            let prefix: Vec<&str> = path.split("::").collect();
            let names = |import: &&Import| {
                import.path.len() >= prefix.len() && import.path.iter().zip(&prefix).all(|(a, b)| a == b)
            };
            if let Some(import) = module.outside.iter().filter(names).min_by_key(|import| import.line) {
                violations.push(format!(
                    "{}:{} names `{path}`, but {DOCUMENT}:{line} lets only {} name it",
                    file.path,
                    import.line,
                    modules.join(", ")
                ));
            }
        }
    }
    violations
}

/// A folder that may be named is named.
fn check_unused(table: &Table, named: &BTreeSet<(&str, &str)>) -> Vec<String> {
    let mut violations = Vec::new();
    for Row { line, folder, names, .. } in &table.rows {
        for name in names {
            if !named.contains(&(folder.as_str(), name.as_str())) {
                violations.push(format!(
                    "{DOCUMENT}:{line} lets `{folder}` name `{name}`, but no file of `{folder}` does"
                ));
            }
        }
    }
    violations
}
