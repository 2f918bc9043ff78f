//! P29: the list of live workers, and the spans and events of tracing. Progress, as it is sent.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_channel::unbounded;
use parking_lot::Mutex;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use worker_core::{ProgressNotice, Worker, WorkerManager, WorkerState};

use crate::support::hold;

#[test]
fn p29_a_live_worker_lists_all_its_fields() {
    let workers = WorkerManager::new();
    let screen = workers.scope("screen");
    let (inside, held) = hold();
    let line = line!() + 1;
    let builder = screen.worker("fetch").group("api").description("all builds").exit_on_error(false);
    let _worker = builder.thread(move |cx| {
        cx.set_total(4);
        cx.advance(1);
        Ok(held.wait())
    });
    inside.entered();
    let [seen] = &workers.workers()[..] else { panic!("one worker is alive") };
    assert_eq!((seen.name(), seen.group(), seen.scope()), ("fetch", "api", "screen"));
    assert_eq!((seen.state(), seen.is_cancelled()), (WorkerState::Running, false));
    assert_eq!(seen.progress().percent().to_bits(), 25.0_f64.to_bits());
    assert_eq!((seen.description(), seen.exit_on_error()), ("all builds", false));
    assert!(seen.spawned_at().file().ends_with("inspecting.rs"));
    assert_eq!(seen.spawned_at().line(), line + 1);
    let (shown, debugged) = (seen.to_string(), format!("{seen:?}"));
    assert_eq!(shown, format!("worker \"fetch\" ({})", seen.id()));
    assert!(debugged.contains("\"fetch\"") && debugged.contains("Running"), "{debugged}");
    inside.release();
}

/// Writes down what was recorded, and in which span.
#[derive(Clone, Default)]
struct Notes {
    lines: Arc<Mutex<Vec<String>>>,
    spans: Arc<AtomicU64>,
    inside: Arc<Mutex<Vec<u64>>>,
}

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).expect("a String takes all");
    }
}

impl Subscriber for Notes {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("worker_core")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields(String::new());
        span.record(&mut fields);
        let id = self.spans.fetch_add(1, Ordering::SeqCst) + 1;
        self.lines.lock().push(format!("span {id}{}", fields.0));
        Id::from_u64(id)
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields(String::new());
        event.record(&mut fields);
        let span = self.inside.lock().last().copied();
        self.lines.lock().push(format!("{span:?} {}{}", event.metadata().target(), fields.0));
    }

    fn enter(&self, span: &Id) {
        self.inside.lock().push(span.into_u64());
    }

    fn exit(&self, _span: &Id) {
        self.inside.lock().pop();
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}
}

#[test]
fn p29_every_transition_is_an_event_in_the_workers_span() {
    let notes = Notes::default();
    let worker: Worker<()> = tracing::subscriber::with_default(notes.clone(), || {
        let worker = WorkerManager::new().worker("traced").group("g").paused().thread(|_| Ok(()));
        worker.cancel();
        worker
    });
    let id = worker.id().get();
    assert_eq!(
        *notes.lines.lock(),
        [
            format!("span 1 id={id} name=traced scope=\"\" group=\"g\""),
            "Some(1) worker_core::worker message=state changed state=PENDING".to_owned(),
            "Some(1) worker_core::worker message=state changed state=CANCELLED reason=by request".to_owned(),
        ]
    );
}

#[test]
fn p18_an_error_without_a_listener_is_logged() {
    let notes = Notes::default();
    tracing::subscriber::with_default(notes.clone(), || {
        // It cannot be started, which is an error on this very thread, where the subscriber is.
        let workers = WorkerManager::builder().stack_size(1 << 46).build();
        let _worker: Worker<()> = workers.worker("lost").thread(|_| Ok(()));
    });
    let lines = notes.lines.lock();
    let error =
        lines.iter().find(|line| line.contains("no sink or subscriber was told")).expect("it is logged");
    assert!(error.contains("worker_core message") && error.contains("could not be started"), "{error}");
}

#[test]
fn progress_is_notified_and_never_floods() {
    let (notices, told) = unbounded::<ProgressNotice>();
    let workers = WorkerManager::builder().progress(move |notice| drop(notices.send(notice))).build();
    let (inside, held) = hold();
    let worker = workers.worker("copy").thread(move |cx| {
        cx.set_total(1_000_000);
        for _ in 0..1_000_000 {
            cx.advance(1);
        }
        held.wait();
        cx.advance(0);
        Ok(())
    });
    inside.entered();
    let first = told.try_recv().unwrap();
    assert!(told.is_empty(), "a million steps, one notice until it is read");
    assert_eq!(*first.worker(), *worker);
    assert_eq!(first.read().progress.percent().to_bits(), 100.0_f64.to_bits(), "it tells how far it is now");
    inside.release();
    worker.wait().unwrap();
    assert_eq!(told.len(), 1, "read: the next change is told again");
}
