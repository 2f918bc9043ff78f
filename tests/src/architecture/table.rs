//! [`Table`]: the section of a crate in `docs/architecture.md`.

/// The table of a crate, and the sentences below it.
#[derive(Debug)]
pub(super) struct Table {
    /// The rows, the lowest first.
    pub(super) rows: Vec<Row>,
    /// The outside paths that only some modules may name.
    pub(super) reserved: Vec<Reserved>,
}

/// One row: a folder, or a module of a single file.
#[derive(Debug)]
pub(super) struct Row {
    /// The line in the document.
    pub(super) line: usize,
    /// The name of the top-level module.
    pub(super) folder: String,
    /// Its files, the lowest first; empty for a module of a single file.
    pub(super) files: Vec<String>,
    /// The folders that it names.
    pub(super) names: Vec<String>,
}

/// `Only … names …`: outside paths that only some modules may name.
#[derive(Debug)]
pub(super) struct Reserved {
    /// The line in the document.
    pub(super) line: usize,
    /// The modules: `folder`, or `folder::file`.
    pub(super) modules: Vec<String>,
    /// The paths, such as `std::thread`.
    pub(super) paths: Vec<String>,
}

impl Table {
    /// Reads the section below the heading `## heading`. `None` if it has no table of folders.
    pub(super) fn parse(document: &str, heading: &str) -> Option<Self> {
        let lines = || document.lines().zip(1..);
        let (_, start) = lines().find(|(line, _)| line.strip_prefix("## ") == Some(heading))?;
        let section = || lines().skip(start).take_while(|(line, _)| !line.starts_with("## "));
        let (_, header) = section().find(|(line, _)| line.starts_with("| folder | files"))?;
        let rows = lines().skip(header + 1).take_while(|(line, _)| line.starts_with('|'));
        let rows: Vec<Row> = rows.filter_map(|(line, number)| Row::parse(line, number)).collect();
        let reserved = paragraphs(section());
        let reserved = reserved.iter().filter_map(|(text, line)| Reserved::parse(text, *line));
        let reserved = reserved.collect();
        Some(Self { rows, reserved })
    }

    /// The row of a folder, with its index.
    pub(super) fn row(&self, folder: &str) -> Option<(usize, &Row)> {
        self.rows.iter().enumerate().find(|(_, row)| row.folder == folder)
    }
}

impl Row {
    fn parse(line: &str, number: usize) -> Option<Self> {
        let cells: Vec<&str> = line.trim().trim_matches('|').split('|').collect();
        let [folder, files, _, names] = cells[..] else { return None };
        let folder = code_spans(folder).into_iter().next()?;
        Some(Self { line: number, folder, files: code_spans(files), names: code_spans(names) })
    }
}

impl Reserved {
    fn parse(text: &str, line: usize) -> Option<Self> {
        let sentence = text.strip_prefix("Only ")?;
        let (modules, paths) = sentence.split_once("` names ").or_else(|| sentence.split_once("` name "))?;
        let modules = code_spans(&format!("{modules}`"));
        Some(Self { line, modules, paths: code_spans(paths) })
    }
}

/// Joins the lines of each paragraph. A paragraph ends at a blank line.
fn paragraphs<'a>(lines: impl Iterator<Item = (&'a str, usize)>) -> Vec<(String, usize)> {
    let mut paragraphs: Vec<(String, usize)> = Vec::new();
    let mut open = false;
    for (line, number) in lines {
        if line.trim().is_empty() {
            open = false;
        } else if let (true, Some((text, _))) = (open, paragraphs.last_mut()) {
            text.push(' ');
            text.push_str(line);
        } else {
            paragraphs.push((line.to_owned(), number));
            open = true;
        }
    }
    paragraphs
}

/// The texts between backticks.
fn code_spans(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}
