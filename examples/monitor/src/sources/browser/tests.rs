use worker_core::WorkerManager;

use super::*;

/// Opens a URL with a program in a worker.
fn opened_with(program: &'static str) -> Result<(), String> {
    let worker = WorkerManager::new()
        .worker("open")
        .thread(move |cx| Ok(open_with(program, "https://example.com", cx)));
    worker.wait().expect("it ends").clone().map_err(|error| error.to_string())
}

#[test]
fn m04_a_url_that_cannot_be_opened_says_why() {
    assert_eq!(opened_with("true"), Ok(()));
    let failed = opened_with("false").expect_err("an error");
    assert!(
        failed.starts_with("false could not open the URL (exit status: 1); copy the URL with Y"),
        "{failed}"
    );
    let missing = opened_with("no-such-program").expect_err("an error");
    assert!(missing.starts_with("no-such-program is not installed; copy the URL with Y"), "{missing}");
}
