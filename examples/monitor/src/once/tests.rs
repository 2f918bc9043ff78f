use std::sync::Mutex;

use jiff::Timestamp;
use serde_json::Value;
use worker_core::{Receiver, WorkerContext};

use super::*;
use crate::model::{Build, Job, Row, Status, Table, time};
use crate::source::{Batch, ErrorKind, Extent, PartError, SourceError};

/// A source that returns prepared replies, one per table.
#[derive(Debug, Default)]
struct CannedSource(Mutex<Vec<(Table, Result<Batch, SourceError>)>>);

impl CannedSource {
    fn source(answers: Vec<(Table, Result<Batch, SourceError>)>) -> Arc<dyn Source> {
        Arc::new(Self(Mutex::new(answers)))
    }
}

impl Source for CannedSource {
    fn fetch(&self, wanted: Table, _: Option<&str>, _: &WorkerContext) -> Result<Batch, SourceError> {
        let mut answers = self.0.lock().expect("no panic");
        match answers.iter().position(|(table, _)| *table == wanted) {
            Some(index) => answers.swap_remove(index).1,
            None => Ok(Batch::complete(Vec::new(), Timestamp::UNIX_EPOCH)),
        }
    }
}

fn build(id: &str, status: &str) -> Row {
    let at = |text| time::parse(text);
    let ended = (status == "SUCCESS").then(|| at("2026-01-14T09:20:44.5Z")).flatten();
    Row::from(Build {
        id: id.to_owned(),
        status: Status::of_build(status),
        image: Some("trainer\u{1b}[31m".to_owned()),
        region: None,
        created: at("2026-01-14T09:12:03Z"),
        started: at("2026-01-14T09:12:05Z"),
        ended,
        log_url: Some("https://example.invalid/".to_owned() + &"x".repeat(100)),
        failure: None,
    })
}

fn batch(rows: Vec<Row>) -> Batch {
    Batch::complete(rows, time::parse("2026-01-14T09:30:00Z").expect("a time"))
}

fn printed(source: &Arc<dyn Source>, format: Format) -> (Completeness, String) {
    let mut out = Vec::new();
    let completeness = Once::new(source.clone(), Caps::default()).print(format, &mut out);
    (completeness.expect("written"), String::from_utf8(out).expect("text"))
}

#[test]
fn json_holds_every_table_with_whole_values_and_columns_in_order() {
    let source = CannedSource::source(vec![(
        Table::Builds,
        Ok(batch(vec![build("7f3c1a52-9d0e-4b7a-8a61-2f5d1c0be9a4", "SUCCESS"), build("w", "WORKING")])),
    )]);
    let (verdict, text) = printed(&source, Format::Json);
    assert_eq!(verdict, Completeness::Complete);
    let json: Value = serde_json::from_str(&text).expect("JSON");
    let ended = &json["builds"]["rows"][1];
    assert_eq!(ended["id"], "7f3c1a52-9d0e-4b7a-8a61-2f5d1c0be9a4");
    assert_eq!(ended["image"], "trainer\u{1b}[31m");
    assert_eq!(ended["region"], Value::Null);
    assert_eq!(ended["duration"], 519.5);
    assert_eq!(ended["created"], "2026-01-14T09:12:03Z");
    assert_eq!(ended["logUrl"].as_str().expect("a text").len(), 124);
    assert_eq!(json["builds"]["rows"][0]["duration"], 1075);
    assert!(json["completed"]["elapsed_ms"].is_u64());
    assert_eq!(json["runner"]["error"], Value::Null);
    assert_eq!(json.as_object().expect("an object").len(), Table::ALL.len());
    let keys = ["\"id\"", "\"status\"", "\"image\"", "\"region\"", "\"duration\"", "\"logUrl\""];
    assert!(keys.map(|key| text.find(key)).is_sorted());
    assert!(!text.contains('\u{1b}'), "JSON escapes by itself");
}

#[test]
fn a_failed_table_is_reported_and_the_rest_is_printed() {
    let failed = SourceError::new(ErrorKind::NotLoggedIn, "gcloud is not logged in")
        .with_advice("run `gcloud auth login`");
    let source = CannedSource::source(vec![
        (Table::Builds, Err(failed)),
        (Table::Vertex, Ok(batch(vec![build("x", "WORKING")]))),
    ]);
    let (verdict, text) = printed(&source, Format::Json);
    assert_eq!(verdict, Completeness::Incomplete);
    let json: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(json["builds"]["error"], "gcloud is not logged in; run `gcloud auth login`");
    assert_eq!(json["builds"]["rows"], Value::Array(Vec::new()));
    assert_eq!(json["vertex"]["rows"].as_array().expect("rows").len(), 1);
}

#[test]
fn a_part_that_failed_makes_it_incomplete_and_keeps_the_good_rows() {
    let mut partial = batch(vec![build("x", "WORKING")]);
    let error = SourceError::new(ErrorKind::Denied, "permission denied");
    partial.failed.push(PartError { region: Some("us-east4".to_owned()), extent: Extent::Whole, error });
    let (verdict, text) = printed(&CannedSource::source(vec![(Table::Builds, Ok(partial))]), Format::Table);
    assert_eq!(verdict, Completeness::Incomplete);
    assert!(text.contains("error: us-east4: permission denied"), "{text}");
    assert!(text.contains("WORKING"), "{text}");
}

#[test]
fn the_table_for_people_is_aligned_cut_and_escaped() {
    let rows = vec![build("7f3c1a52-9d0e-4b7a", "SUCCESS"), build("short", "WORKING")];
    let (_, text) = printed(&CannedSource::source(vec![(Table::Builds, Ok(batch(rows)))]), Format::Table);
    // They come in any order.
    let mut tables: Vec<&str> = text.trim_end().split("\n\n").collect();
    tables.sort_unstable();
    insta::assert_snapshot!(tables.join("\n\n"));
}

#[test]
fn a_source_that_panics_fails_its_own_table_only() {
    #[derive(Debug)]
    struct PanickingSource;
    impl Source for PanickingSource {
        fn fetch(&self, table: Table, _: Option<&str>, _: &WorkerContext) -> Result<Batch, SourceError> {
            assert_ne!(table, Table::Builds, "a bug");
            Ok(batch(Vec::new()))
        }
    }
    let source: Arc<dyn Source> = Arc::new(PanickingSource);
    let (verdict, text) = printed(&source, Format::Json);
    assert_eq!(verdict, Completeness::Incomplete);
    let json: Value = serde_json::from_str(&text).expect("JSON");
    assert!(json["builds"]["error"].as_str().expect("an error").contains("a bug"));
    assert_eq!(json["vertex"]["error"], Value::Null);
}

/// A writer that fails with this kind of error.
struct FailingWriter(io::ErrorKind);

impl Write for FailingWriter {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Err(self.0.into())
    }
}

#[test]
fn a_closed_pipe_is_not_an_error_and_nothing_goes_on() {
    for format in [Format::Json, Format::Table] {
        let mut out = FailingWriter(io::ErrorKind::BrokenPipe);
        let once = staggered();
        let workers = once.workers().clone();
        assert_eq!(once.print(format, &mut out).expect("quiet"), Completeness::Complete);
        assert!(workers.shutdown(crate::signals::GRACE).is_clean());
    }
}

#[test]
fn output_that_cannot_be_written_is_an_error() {
    for format in [Format::Json, Format::Table] {
        let source = CannedSource::source(Vec::new());
        let mut out = FailingWriter(io::ErrorKind::StorageFull);
        let error = Once::new(source, Caps::default()).print(format, &mut out);
        assert_eq!(error.expect_err("full").kind(), io::ErrorKind::StorageFull);
    }
}

/// A source that gives the rows of one region at once, then the runner's, and no others until their
/// workers are cancelled.
#[derive(Debug)]
struct Staggered(Receiver<StateChanged>);

/// A run with such a source.
fn staggered() -> Once {
    let mut once = Once::new(CannedSource::source(Vec::new()), Caps::default());
    let source = Staggered(once.workers.subscribe());
    once.fetcher = Fetcher::new(Arc::new(source), once.workers.clone());
    once
}

impl Source for Staggered {
    fn regions(&self, table: Table) -> Vec<String> {
        if table == Table::Vertex { vec!["quick".to_owned(), "hung".to_owned()] } else { Vec::new() }
    }

    fn fetch(&self, table: Table, region: Option<&str>, cx: &WorkerContext) -> Result<Batch, SourceError> {
        let quick = |event: &StateChanged| event.worker.name() == "vertex quick" && event.state.is_finished();
        match region {
            Some("quick") => {}
            _ if table == Table::Runner => assert!(self.0.iter().any(|event| quick(&event))),
            _ => cx.sleep(Duration::MAX)?,
        }
        Ok(batch(vec![build("x", "WORKING")]))
    }
}

/// Stops the run once a table was printed.
struct Interrupting(Vec<u8>, Box<dyn Fn()>);

impl Write for Interrupting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        (self.1)();
        Ok(())
    }
}

#[test]
fn tables_are_printed_as_they_come_and_stay_when_the_others_are_cancelled() {
    let once = staggered();
    let mut out = Interrupting(Vec::new(), Box::new(once.stop()));
    let completeness = once.print(Format::Json, &mut out).expect("written");
    assert_eq!(completeness, Completeness::Incomplete);
    let text = String::from_utf8(out.0).expect("text");
    assert!(text.starts_with("{\n  \"runner\""), "{text}");
    let json: Value = serde_json::from_str(&text).expect("JSON, whole");
    assert_eq!(
        (&json["runner"]["error"], &json["builds"]["error"]),
        (&Value::Null, &"cancelled: by request".into())
    );
    let rows = |table: &str| json[table]["rows"].as_array().expect("rows").len();
    assert_eq!((rows("runner"), rows("vertex"), rows("builds")), (1, 1, 0), "what has come is not lost");
}

#[test]
fn a_job_without_a_name_still_has_all_its_columns_in_json() {
    let job = Job {
        id: "7".to_owned(),
        name: None,
        region: None,
        state: Status::of_job("JOB_STATE_QUEUED"),
        created: None,
        started: None,
        ended: None,
        error: None,
    };
    let (_, text) =
        printed(&CannedSource::source(vec![(Table::Vertex, Ok(batch(vec![job.into()])))]), Format::Json);
    let json: Value = serde_json::from_str(&text).expect("JSON");
    let row = json["vertex"]["rows"][0].as_object().expect("an object");
    assert_eq!(row.len(), Table::Vertex.columns().len() + 1, "and its key");
    assert_eq!(row["key"], "7");
    assert_eq!(row["state"], "QUEUED");
}

#[test]
fn json_escapes_characters_that_control_a_terminal() {
    let hostile = "a\u{9b}31m\u{7f}\u{202e}\u{2066}\u{e0041}\u{1b}é長";
    let (_, text) = printed(
        &CannedSource::source(vec![(Table::Builds, Ok(batch(vec![build(hostile, "WORKING")])))]),
        Format::Json,
    );
    assert!(text.chars().all(|c| c == '\n' || !crate::model::text::is_unsafe(c)), "{text:?}");
    assert!(text.contains(r"a\u009b31m\u007f\u202e\u2066\udb40\udc41\u001bé長"), "{text}");
    let json: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(json["builds"]["rows"][0]["id"], hostile, "nothing is lost");
}

#[test]
fn csv_has_the_same_columns_for_all_tables_and_no_formula() {
    let mut partial = batch(vec![build("=1+1,\"x\"", "WORKING")]);
    let error = SourceError::new(ErrorKind::Denied, "permission denied");
    partial.failed.push(PartError { region: None, extent: Extent::Some, error });
    let (completeness, text) =
        printed(&CannedSource::source(vec![(Table::Builds, Ok(partial))]), Format::Csv);
    assert_eq!(completeness, Completeness::Incomplete);
    let mut lines = text.lines();
    let header = lines.next().expect("a header");
    assert!(
        header.starts_with("table,key,region,error,id,status,image,duration,created,logUrl,queue,"),
        "{header}"
    );
    assert_eq!(lines.next().map(|line| line.starts_with("builds,,,permission denied,,")), Some(true));
    let row = lines.next().expect("a row");
    assert!(
        row.starts_with(
            r#"builds,"'=1+1,""x""",,,"'=1+1,""x""",WORKING,trainer␛[31m,1075,2026-01-14T09:12:03Z,"#
        ),
        "{row}"
    );
    assert_eq!(lines.next(), None);
}

#[test]
fn markdown_keeps_its_shape_whatever_the_texts_are() {
    let source = CannedSource::source(vec![(Table::Builds, Ok(batch(vec![build("a|b`*_\n#", "WORKING")])))]);
    let (_, text) = printed(&source, Format::Markdown);
    let mut lines = text.lines().skip_while(|line| *line != "## Builds").skip(2);
    assert_eq!(lines.next(), Some("| id | status | image | region | duration | created | logUrl |"));
    assert_eq!(lines.next(), Some("| --- | --- | --- | --- | --- | --- | --- |"));
    let row = lines.next().expect("a row");
    assert!(row.starts_with(r"| a\|b\`\*\_␊\# | ▶  WORKING | trainer␛\[31m | — |"), "{row}");
}

#[test]
fn a_watch_prints_a_line_for_each_fetch_until_it_is_stopped() {
    /// Stops the watch once each table has two lines: the tables do not wait for each other.
    struct Lines(Vec<u8>, Box<dyn Fn()>);
    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            let text = String::from_utf8_lossy(&self.0);
            let has_two = |table: Table| text.matches(&format!("\"table\":\"{table}\"")).count() >= 2;
            if Table::ALL.into_iter().all(has_two) {
                (self.1)();
            }
            Ok(())
        }
    }
    let once = Once::new(CannedSource::source(Vec::new()), Caps::default());
    let mut out = Lines(Vec::new(), Box::new(once.stop()));
    once.watch(Duration::from_millis(1), &mut out).expect("written");
    let text = String::from_utf8(out.0).expect("text");
    let tables = text.lines().map(|line| {
        let json: Value = serde_json::from_str(line).expect("JSON");
        assert!(json["rows"].is_array() && json["error"].is_null(), "{line}");
        json["table"].as_str().expect("a name").to_owned()
    });
    let tables: Vec<String> = tables.collect();
    for table in Table::ALL {
        assert!(tables.iter().filter(|name| *name == table.name()).count() >= 2, "{tables:?}");
    }
}
