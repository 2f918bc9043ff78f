//! What hostile replies cost: the whole process stays below 100 MB, whatever the services send, and
//! a cancel ends the reading of it soon.
//!
//! One test in a binary of its own, because the allocator counts what all threads allocate.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use monitor::model::Table;
use monitor::source::Source;
use monitor::sources::Live;
use monitor::sources::live::wandb::KeySources;
use monitor::sources::live::{GcloudConfig, Secret, WandbConfig};
use peak_alloc::PeakAlloc;
use worker_core::WorkerManager;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const MB: usize = 1024 * 1024;

/// Just below what is read of one reply, so that all of it is read.
const GCLOUD_BYTES: usize = 16 * MB - 64 * 1024;
const WANDB_BYTES: usize = 4 * MB - 64 * 1024;

/// How soon a cancel ends a fetch. It may have to wait for the parser to step over one row, and an
/// unoptimised parser is about 20 times slower than the monitor's.
const SOON: Duration = Duration::from_millis(if cfg!(debug_assertions) { 5000 } else { 100 });

/// The elements of a list: a head, a part that repeats until the size is reached, and a tail.
struct Hostile(&'static str, &'static [u8], &'static [u8], &'static [u8]);

const HOSTILE: &[Hostile] = &[
    Hostile("nested arrays", b"", b"[0],", b"0"),
    Hostile("tiny objects", b"", b"{},", b"0"),
    Hostile("tiny rows", b"", br#"{"id":"a","name":"a","metadata":{"name":"a"},"node":{"name":"a"}},"#, b"0"),
    Hostile("a huge id", br#"{"id":""#, b"x", br#""}"#),
    Hostile("a huge id of escapes", br#"{"id":""#, br"\u0041", br#""}"#),
    Hostile("a huge name of a field", br#"{""#, br"\n", br#"":0}"#),
    Hostile(
        "huge metrics",
        br#"{"node":{"name":"a","summaryMetrics":"{\"z\":0"#,
        br#",\"y\":[0]"#,
        br#"}"}}"#,
    ),
    Hostile("deep nesting", b"[", b"[", b""),
    Hostile("many fields", br#"{"z":0"#, br#","y":[0]"#, b"}"),
    Hostile("the same field again", br#"{"id":"a""#, br#","id":"b""#, b"}"),
    Hostile("numbers out of range", br#"{"id":"a","x":[0"#, b",1e9999", b"]}"),
    Hostile("some invalid UTF-8", b"\"\xff\xfe\",", b"[0],", b"0"),
    Hostile("invalid UTF-8 only", b"\"", b"\xff", b"\""),
];

impl Hostile {
    fn write(&self, bytes: usize, before: &str, after: &str, mut to: impl Write) -> io::Result<()> {
        let Self(_, head, part, tail) = self;
        to.write_all(before.as_bytes())?;
        to.write_all(head)?;
        let block = part.repeat(8 * 1024);
        for _ in 0..bytes / block.len() {
            to.write_all(&block)?;
        }
        to.write_all(tail)?;
        to.write_all(after.as_bytes())
    }
}

/// A fake `gcloud` that prints the file `body`, then makes the file `written`.
fn fake_gcloud(dir: &Path) {
    let script = "#!/bin/sh\ncat \"$DIR/body\"\n: > \"$DIR/written\"\n";
    std::fs::write(dir.join("script"), script).expect("written");
    let made =
        Command::new("sh").args(["-c", "cp script gcloud && chmod +x gcloud"]).current_dir(dir).status();
    assert!(made.expect("sh").success());
}

/// A fake W&B service that answers every request with the same hostile list of runs.
fn fake_wandb(hostile: &'static Hostile) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            thread::spawn(move || answer(hostile, connection));
        }
    });
    url
}

fn answer(hostile: &Hostile, mut connection: TcpStream) -> io::Result<()> {
    // The request is read to its end, or else the connection is reset and the reply may be lost.
    let mut request = Vec::new();
    while !request.ends_with(b"}") {
        let mut part = [0; 4096];
        let count = connection.read(&mut part)?;
        request.extend_from_slice(&part[..count]);
    }
    connection.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
    hostile.write(WANDB_BYTES, r#"{"data":{"project":{"runs":{"edges":["#, "]}}}}", connection)
}

fn live(dir: &Path, url: String) -> Arc<Live> {
    let gcloud = GcloudConfig {
        program: dir.join("gcloud"),
        env: vec![("DIR".into(), dir.into())],
        ..GcloudConfig::default()
    };
    let wandb = WandbConfig {
        base_url: url,
        entity: Some("team".to_owned()),
        project: Some("proj".to_owned()),
        keys: KeySources { key: Secret::new("a-key-of-a-test"), netrc: None },
        ..WandbConfig::default()
    };
    Arc::new(Live::new(gcloud, wandb))
}

#[test]
fn hostile_replies_cost_little_memory_and_are_left_soon() {
    for hostile in HOSTILE {
        let dir = tempfile::tempdir().expect("a directory");
        fake_gcloud(dir.path());
        let body = File::create(dir.path().join("body")).expect("a file");
        hostile.write(GCLOUD_BYTES, "[", "]", body).expect("written");
        let source = live(dir.path(), fake_wandb(hostile));
        five_fetches_at_once(hostile.0, &source);
        for delay in [0, 20] {
            cancelled_fetch(hostile.0, &source, &dir.path().join("written"), Duration::from_millis(delay));
        }
    }
}

fn five_fetches_at_once(name: &str, source: &Arc<Live>) {
    ALLOCATOR.reset_peak_usage();
    let began = Instant::now();
    let manager = WorkerManager::new();
    let fetches = Table::ALL.map(|table| {
        let source = source.clone();
        manager.worker(table.name()).exit_on_error(false).thread(move |cx| {
            let what = match source.fetch(table, None, cx) {
                Ok(batch) => format!("{} rows, {:?}", batch.rows.len(), batch.failure()),
                Err(error) => error.to_string(),
            };
            Ok(what)
        })
    });
    let outcomes: Vec<String> = fetches.iter().map(|fetch| fetch.wait().expect("no panic").clone()).collect();
    let peak = ALLOCATOR.peak_usage() / MB;
    println!("{name}: {peak} MB, {:?}", began.elapsed());
    for outcome in &outcomes {
        println!("  {outcome}");
        assert!(outcome.len() < 1000, "{name}: a message of {} bytes", outcome.len());
    }
    assert!(peak < 100, "{name}: {peak} MB");
}

/// Cancels a fetch so long after all of its reply has been written: while it is parsed, or shortly
/// before or after.
fn cancelled_fetch(name: &str, source: &Arc<Live>, written: &Path, delay: Duration) {
    let _ = std::fs::remove_file(written);
    let fetch = WorkerManager::new().worker("builds").exit_on_error(false).thread({
        let source = source.clone();
        move |cx| Ok(source.fetch(Table::Builds, None, cx)?.rows.len())
    });
    while !written.exists() && !fetch.is_finished() {
        thread::sleep(Duration::from_millis(1));
    }
    thread::sleep(delay);
    let asked = Instant::now();
    fetch.cancel();
    let _ = fetch.wait();
    let took = asked.elapsed();
    println!("  {delay:?} into it: cancelled after {took:?}");
    assert!(took < SOON, "{name}: a cancel took {took:?}");
}
