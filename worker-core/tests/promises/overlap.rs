//! P31: whom a restart policy counts. P32: why a worker was cancelled.

use std::cell::Cell;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use worker_core::{AnyWorker, CancelReason, Restart, Worker, WorkerManager, WorkerState};

use crate::support::{Hold, hold};

/// A worker whose body waits for the test.
fn held(start: worker_core::WorkerBuilder) -> (Hold, Worker<()>) {
    let (inside, body) = hold();
    let worker = start.thread(move |_| Ok(body.wait()));
    inside.entered();
    (inside, worker)
}

fn is_skipped(worker: &Worker<()>) -> bool {
    matches!(worker.cancel_reason(), Some(CancelReason::Skipped { .. }))
}

#[test]
fn p31_an_exclusive_start_without_a_group_spares_strangers() {
    let workers = WorkerManager::new();
    let save = workers.worker("save").paused().thread(|_| Ok(()));
    let old = workers.worker("search").paused().thread(|_| Ok(()));
    let new = workers.worker("search").exclusive().thread(|_| Ok(()));
    assert!(old.is_cancelled());
    assert!(!save.is_cancelled());
    assert_eq!([save.group(), new.group()], ["default", "default"]);
    new.wait().unwrap();
    assert_eq!(workers.cancel_group("default"), [save.into()]);
}

#[test]
fn p31_a_name_counts_within_its_scope() {
    let workers = WorkerManager::new();
    let screen = workers.scope("screen");
    let elsewhere = workers.worker("search").paused().thread(|_| Ok(()));
    let _new = screen.worker("search").exclusive().thread(|_| Ok(()));
    assert!(!elsewhere.is_cancelled());
    workers.cancel_all();
}

#[test]
fn p31_a_named_group_counts_all_its_members_also_the_default_one() {
    let workers = WorkerManager::new();
    let unnamed = workers.worker("save").paused().thread(|_| Ok(()));
    let named = workers.worker("load").group("default").paused().thread(|_| Ok(()));
    let other_group = workers.worker("save").group("files").paused().thread(|_| Ok(()));
    workers.worker("all").group("default").exclusive().thread(|_| Ok(())).wait().unwrap();
    assert!(unnamed.is_cancelled() && named.is_cancelled());
    assert!(!other_group.is_cancelled());
    workers.cancel_all();
}

#[test]
fn p31_one_that_names_the_default_group_is_in_the_way_of_its_namesakes() {
    let workers = WorkerManager::new();
    let named = workers.worker("search").group("default").paused().thread(|_| Ok(()));
    let in_a_group = workers.worker("search").group("other").paused().thread(|_| Ok(()));
    workers.worker("search").exclusive().thread(|_| Ok(())).wait().unwrap();
    assert!(named.is_cancelled());
    assert!(!in_a_group.is_cancelled());
    workers.cancel_all();
}

#[test]
fn p31_keep_previous_is_not_skipped_for_a_stranger() {
    let workers = WorkerManager::new();
    let refresh = |name| workers.worker(name).restart(Restart::KeepPrevious);
    let (builds, under_way) = held(refresh("builds"));
    let skipped = refresh("builds").thread(|_| Ok(()));
    let stranger = refresh("runs").thread(|_| Ok(()));
    assert!(is_skipped(&skipped));
    stranger.wait().unwrap();
    builds.release();
    under_way.wait().unwrap();
}

#[test]
fn p31_after_previous_waits_for_its_namesakes_only() {
    let workers = WorkerManager::new();
    let (stranger, stranger_worker) = held(workers.worker("other"));
    let (first, first_worker) = held(workers.worker("save"));
    let second = workers.worker("save").restart(Restart::AfterPrevious).thread(|_| Ok(()));
    assert!(first_worker.is_cancelled() && !stranger_worker.is_cancelled());
    assert_eq!(second.state(), WorkerState::Pending);
    first.release();
    second.wait().unwrap();
    assert!(stranger_worker.is_running());
    stranger.release();
    stranger_worker.wait().unwrap();
}

#[test]
fn p31_after_previous_of_the_named_default_group_waits_for_every_name() {
    let workers = WorkerManager::new();
    let (save, save_worker) = held(workers.worker("save"));
    let (load, _) = held(workers.worker("load"));
    let queued = workers.worker("save").restart(Restart::KeepLatest).thread(|_| Ok(()));
    let last = workers.worker("last").group("default").restart(Restart::AfterPrevious).thread(|_| Ok(()));
    assert!(queued.is_cancelled() && save_worker.is_cancelled());
    save.release();
    save_worker.wait().unwrap_err();
    assert_eq!(last.state(), WorkerState::Pending, "one of another name still runs");
    load.release();
    last.wait().unwrap();
}

#[test]
fn p31_each_name_has_a_queue_of_its_own() {
    let workers = WorkerManager::new();
    let save = |name| workers.worker(name).restart(Restart::KeepLatest);
    let (a, first_a) = held(save("a"));
    let (b, first_b) = held(save("b"));
    let [old_a, new_a] = [(); 2].map(|()| save("a").thread(|_| Ok(())));
    let only_b = save("b").thread(|_| Ok(()));
    assert!(old_a.is_cancelled() && !new_a.is_cancelled() && !only_b.is_cancelled());
    b.release();
    only_b.wait().unwrap();
    assert!(new_a.is_pending());
    a.release();
    new_a.wait().unwrap();
    first_a.wait().unwrap();
    first_b.wait().unwrap();
}

#[test]
fn p31_a_stranger_that_has_finished_is_not_revoked() {
    let workers = WorkerManager::new();
    let [stranger, old] = ["save", "search"].map(|name| workers.worker(name).thread(|_| Ok(())));
    stranger.wait().unwrap();
    old.wait().unwrap();
    let new = workers.worker("search").exclusive().thread(|_| Ok(()));
    assert!(old.is_revoked(), "what it has queued for the UI is outdated");
    assert!(!stranger.is_revoked() && !new.is_revoked());
    workers.cancel_group("default");
    assert!(stranger.is_revoked() && new.is_revoked());
}

#[test]
fn p31_a_paused_worker_that_is_started_later_counts_its_namesakes() {
    let workers = WorkerManager::new();
    let paused = workers.worker("save").restart(Restart::AfterPrevious).paused().thread(|_| Ok(()));
    let (save, save_worker) = held(workers.worker("save"));
    let (other, other_worker) = held(workers.worker("other"));
    paused.start();
    assert!(save_worker.is_cancelled() && !other_worker.is_cancelled());
    assert!(paused.is_pending());
    save.release();
    paused.wait().unwrap();
    other.release();
    other_worker.wait().unwrap();
}

#[test]
fn p31_a_wait_for_one_that_is_queued_behind_its_name_is_refused_if_it_would_never_end() {
    let workers = WorkerManager::new();
    let worker = workers.worker("save").thread({
        let workers = workers.clone();
        move |_| {
            let next = workers.worker("save").restart(Restart::KeepLatest).thread(|_| Ok(()));
            Ok(next.wait().is_err())
        }
    });
    assert!(worker.wait().unwrap(), "the next waits for the one that waits for it");
}

#[test]
fn p31_a_wait_is_refused_through_one_that_is_queued_behind_the_whole_group() {
    let workers = WorkerManager::new();
    let (first, body) = hold();
    let waiting = workers.worker("first").thread({
        let workers = workers.clone();
        move |_| {
            body.wait();
            let last = workers.worker("second").restart(Restart::KeepLatest).thread(|_| Ok(()));
            Ok(last.wait().is_err())
        }
    });
    first.entered();
    // Waits for "first"; the namesake that is started in there waits for this one.
    let whole = workers.worker("second").group("default").restart(Restart::KeepLatest).thread(|_| Ok(()));
    assert!(whole.is_pending());
    first.release();
    assert!(waiting.wait().unwrap());
    whole.wait().unwrap();
}

#[test]
fn p31_a_group_is_busy_while_a_worker_that_is_not_cancelled_is_alive() {
    let workers = WorkerManager::new();
    let screen = workers.scope("screen");
    assert!(!screen.is_busy("search"));
    let (slow, slow_worker) = held(screen.worker("search"));
    assert!(screen.is_busy("search") && screen.is_busy("default"));
    assert!(!screen.is_busy("save") && !workers.is_busy("search"), "of another name, another scope");
    slow_worker.cancel();
    assert!(slow_worker.is_running() && !screen.is_busy("search"), "it is only slow to stop");
    let paused = screen.worker("fetch").group("search").paused().thread(|_| Ok(()));
    assert!(screen.is_busy("search") && !screen.is_busy("fetch"), "it has a group");
    paused.cancel();
    assert!(!screen.is_busy("search"));
    slow.release();
}

#[test]
fn p32_a_cancelled_worker_says_why() {
    let workers = WorkerManager::new();
    let start = |name| workers.worker(name).paused().thread(|_| Ok(()));
    let reason = |worker: &Worker<()>| worker.cancel_reason().map(|reason| reason.to_string());

    let requested = start("requested");
    assert_eq!(reason(&requested), None);
    requested.cancel();
    assert_eq!(reason(&requested).unwrap(), "by request");

    let old = start("search");
    let new = workers.worker("search").exclusive().paused().thread(|_| Ok(()));
    assert_eq!(reason(&old).unwrap(), format!("superseded by worker \"search\" ({})", new.id()));
    assert_eq!(old.wait().unwrap_err().to_string(), format!("cancelled: superseded by {new}"));

    let (refresh, under_way) = held(workers.worker("refresh"));
    let skipped = workers.worker("refresh").restart(Restart::KeepPrevious).thread(|_| Ok(()));
    assert_eq!(reason(&skipped).unwrap(), format!("skipped: {under_way} is under way"));
    refresh.release();

    let screen = workers.scope("screen");
    let on_screen = screen.worker("w").paused().thread(|_| Ok(()));
    drop(screen);
    assert_eq!(on_screen.cancel_reason(), Some(CancelReason::ScopeDropped));

    let slow: Worker<()> =
        workers.worker("slow").timeout(Duration::ZERO).thread(|cx| Ok(cx.sleep(Duration::MAX)?));
    assert!(slow.wait().unwrap_err().is_timeout());
    assert_eq!(slow.cancel_reason(), Some(CancelReason::TimedOut));

    let last = start("last");
    workers.shutdown(Duration::MAX);
    assert_eq!(last.cancel_reason(), Some(CancelReason::Shutdown));
    assert_eq!(start("late").cancel_reason(), Some(CancelReason::Shutdown));
}

#[test]
fn p32_a_child_says_that_its_parent_was_cancelled() {
    let workers = WorkerManager::new();
    let (inside, body) = hold();
    let (sent, child) = crossbeam_channel::bounded(1);
    let parent = workers.worker("parent").thread({
        let workers = workers.clone();
        move |_| {
            sent.send(workers.worker("child").child().paused().thread(|_| Ok(())))?;
            Ok(body.wait())
        }
    });
    inside.entered();
    parent.cancel();
    assert_eq!(child.recv().unwrap().cancel_reason(), Some(CancelReason::Parent));
    inside.release();
}

/// Two workers that run; while the first is cancelled, the second is refused by a bridge, which finds
/// it revoked. Gives the second's reason.
fn reason_of_one_that_is_refused(
    start: impl Fn() -> worker_core::WorkerBuilder,
    cancel: impl FnOnce(),
) -> CancelReason {
    let second = Arc::new(OnceLock::<AnyWorker>::new());
    let (in_first, body) = hold();
    let _first: Worker<()> = start().thread({
        let second = second.clone();
        move |cx| {
            let _hook = cx.on_cancel(move || {
                let second = second.get().expect("it runs");
                assert!(!second.is_cancelled() && second.cancel_if_revoked());
            });
            Ok(body.wait())
        }
    });
    in_first.entered();
    let (_in_second, worker) = held(start());
    second.set(worker.clone().into()).expect("it is set once");
    cancel();
    worker.cancel_reason().expect("it is cancelled")
}

#[test]
fn p32_one_that_is_refused_before_its_cancel_says_why_it_is_about_to_be_cancelled() {
    let workers = WorkerManager::new();
    let unnamed = || workers.worker("search");
    let by_name = reason_of_one_that_is_refused(unnamed, || drop(unnamed().exclusive().thread(|_| Ok(()))));
    assert!(by_name.to_string().starts_with("superseded by worker \"search\""), "{by_name}");

    let grouped = || workers.worker("logs").group("pane");
    let newer = || drop(workers.worker("source").group("pane").exclusive().thread(|_| Ok(())));
    let by_group = reason_of_one_that_is_refused(grouped, newer);
    assert!(by_group.to_string().starts_with("superseded by worker \"source\""), "{by_group}");

    let requested = reason_of_one_that_is_refused(grouped, || drop(workers.cancel_group("pane")));
    assert_eq!(requested, CancelReason::Requested);

    let screen = workers.scope("screen");
    let scope = Cell::new(Some(workers.scope("widget")));
    let of_screen = || screen.worker("fetch");
    assert_eq!(reason_of_one_that_is_refused(of_screen, || drop(screen.cancel())), CancelReason::Requested);
    let of_widget = || {
        let widget = scope.take().expect("not dropped yet");
        let fetch = widget.worker("fetch");
        scope.set(Some(widget));
        fetch
    };
    assert_eq!(reason_of_one_that_is_refused(of_widget, || drop(scope.take())), CancelReason::ScopeDropped);

    let shut_down = || drop(workers.shutdown(Duration::ZERO));
    assert_eq!(reason_of_one_that_is_refused(unnamed, shut_down), CancelReason::Shutdown);
}

#[test]
fn p32_the_first_reason_stays() {
    let workers = WorkerManager::new();
    let screen = workers.scope("screen");
    let (slow, worker) = held(screen.worker("search"));
    let new = screen.worker("search").exclusive().thread(|_| Ok(()));
    worker.cancel();
    drop(screen);
    assert!(
        matches!(worker.cancel_reason(), Some(CancelReason::Superseded { by, .. }) if by.id() == new.id())
    );
    slow.release();
    assert!(worker.wait().unwrap_err().is_cancelled());
}

#[test]
fn p32_a_finished_worker_that_is_cancelled_says_why_its_callbacks_are_revoked() {
    let workers = WorkerManager::new();
    let worker = workers.worker("w").thread(|_| Ok(7));
    worker.wait().unwrap();
    worker.cancel();
    assert_eq!(worker.cancel_reason(), Some(CancelReason::Requested));
    assert_eq!(worker.result(), Some(&7), "its outcome stands");
}
