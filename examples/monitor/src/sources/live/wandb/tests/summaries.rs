use super::*;

/// A reply with the metrics of the runs that are asked for, each padded to a size.
fn metrics(asked: &Asked, padding: usize) -> Answer {
    let padding = "x".repeat(padding);
    let edges = asked.names().into_iter().map(|name| {
        let metrics = json!({ "_runtime": 61, "exit_code": 3, "padding": padding }).to_string();
        json!({ "node": { "name": name, "summaryMetrics": metrics } }).to_string()
    });
    page(&edges.collect::<Vec<_>>(), None)
}

fn runs(count: usize) -> Answer {
    page(&(0..count).map(|number| run(&format!("r{number}"), "")).collect::<Vec<_>>(), None)
}

fn runtime(row: &Row) -> &Cell {
    &row.cells[3]
}

#[test]
fn metrics_are_asked_for_by_name_after_the_runs() {
    let fake =
        FakeWandb::answering(|asked| if asked.is_about_metrics() { metrics(asked, 0) } else { runs(12) });
    let (rows, failed) = fetch(fake.config(), Wandb::completed).expect("rows");
    assert!(failed.is_empty(), "{failed:?}");
    let taken = Cell::Span(Span::Ended(jiff::SignedDuration::from_secs(61)));
    assert!(rows.iter().all(|row| *runtime(row) == taken && row.cells[4] == Cell::Number(3)), "{rows:?}");
    let asked = fake.asked_metrics();
    let counts: Vec<_> = asked.iter().map(|asked| asked.names().len()).collect();
    assert_eq!(counts, [10, 2]);
    assert_eq!(asked[0].body["variables"]["perPage"], json!(10));
}

#[test]
fn metrics_of_megabytes_are_asked_for_in_smaller_pages() {
    let fake = FakeWandb::answering(|asked| {
        if asked.is_about_metrics() { metrics(asked, 2 * 1024 * 1024) } else { runs(5) }
    });
    let (rows, failed) = fetch(fake.config(), Wandb::completed).expect("rows");
    assert!(failed.is_empty(), "{failed:?}");
    assert!(rows.iter().all(|row| *runtime(row) != Cell::Missing), "{rows:?}");
}

#[test]
fn the_metrics_of_one_run_that_are_too_large_leave_its_cells_missing() {
    let fake = FakeWandb::answering(|asked| match asked.is_about_metrics() {
        true if asked.names().contains(&"r1".to_owned()) => metrics(asked, 5 * 1024 * 1024),
        true => metrics(asked, 0),
        false => runs(4),
    });
    let (rows, failed) = fetch(fake.config(), Wandb::completed).expect("rows");
    let missing: Vec<_> = rows.iter().filter(|row| *runtime(row) == Cell::Missing).collect();
    assert_eq!(missing.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(), ["r1"]);
    assert_eq!((failed[0].extent, failed[0].error.kind()), (Extent::Some, ErrorKind::TooLarge));
    let message = failed[0].error.to_string();
    assert!(message.contains("runtime and exit code of some runs are missing"), "{message}");
}

#[test]
fn without_metrics_the_rows_stay() {
    for (status, body) in [(403, "no"), (200, "nonsense"), (200, r#"{"errors":["no such field"]}"#)] {
        let fake = FakeWandb::answering(move |asked| {
            if asked.is_about_metrics() { (status, Vec::new(), body.to_owned()) } else { runs(12) }
        });
        let (rows, failed) = fetch(fake.config(), Wandb::completed).expect("rows");
        assert_eq!((rows.len(), failed.len()), (12, 1), "{failed:?}");
        assert_eq!(fake.asked_metrics().len(), 1, "not asked again");
    }
}

#[test]
fn no_metrics_are_asked_for_when_there_are_no_runs() {
    let fake = FakeWandb::new(vec![page(&[], None)]);
    assert!(active(&fake).is_ok());
    assert!(fake.asked_metrics().is_empty());
}
