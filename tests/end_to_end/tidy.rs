//! The imports of each crate follow its table in `docs/architecture.md`.

use std::path::Path;

use tests::architecture::{check, read_sources};

/// A crate and its section of the document.
struct Crate {
    heading: &'static str,
    src: &'static str,
}

const CRATES: &[Crate] = &[
    Crate { heading: "worker-core", src: "worker-core/src" },
    Crate { heading: "worker-ui-bridge", src: "worker-ui-bridge/src" },
    Crate { heading: "The monitor", src: "examples/monitor/src" },
];

#[test]
fn imports_follow_the_tables_of_the_architecture() {
    let workspace = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let document = std::fs::read_to_string(workspace.join("docs/architecture.md")).expect("the document");
    let mut violations = Vec::new();
    for Crate { heading, src } in CRATES {
        let files = read_sources(workspace, src).expect("the crate's sources");
        violations.extend(check(&document, heading, &files));
    }
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}
