//! The checker against histories written by hand: each breaks one promise, and is caught for that
//! one.

use std::time::{Duration, Instant};

use worker_core::CancelReason;
use worker_core::Restart;
use worker_core::WorkerState::{self, Cancelled, Pending, Running, Success};

use super::check;
use crate::history::{
    Answer, CaseNumber, Cause, Deed, Delivery, Ending, ErrorKind, FanOutEnd, FannedOut, History, Kind,
    Leaving, ROOT, Retried, RetryEnd, Spec, Wait, WaitAnswer, Way, What,
};

/// A history and the moment that it is written in.
struct Written(History);

impl Written {
    fn new() -> Self {
        Self(History::new(8, Instant::now()))
    }

    fn spec(restart: Restart) -> Spec {
        Spec {
            kind: Kind::Thread,
            scope: ROOT,
            group: Some(0),
            restart,
            limit: None,
            delay: Duration::ZERO,
            concurrency: None,
            paused: false,
            parent: None,
            exit_on_error: false,
            fragile: false,
        }
    }

    /// A worker that has been started.
    fn start(&self, restart: Restart) -> CaseNumber {
        self.start_with(Self::spec(restart))
    }

    fn start_with(&self, spec: Spec) -> CaseNumber {
        let case = self.0.open(spec).unwrap();
        self.add(case, What::StartCalled);
        self.emit(case, Pending);
        self.add(case, What::StartReturned);
        case
    }

    fn add(&self, case: CaseNumber, what: What) {
        self.0.observe(Some(case), Instant::now(), what);
    }

    fn emit(&self, case: CaseNumber, state: WorkerState) {
        let has_result = state == Success;
        self.add(case, What::Emitted { state, now: state, has_result });
        self.add(case, What::Subscribed(state));
    }

    fn begin(&self, case: CaseNumber) {
        self.emit(case, Running);
        self.add(case, What::Began);
    }

    fn succeed(&self, case: CaseNumber) {
        self.add(case, What::Left(Leaving::Returned));
        self.emit(case, Success);
    }

    fn show(&self, case: CaseNumber, state: WorkerState) {
        self.add(case, What::Shown { state, has_result: state == Success, reported: false });
    }

    /// A cancel that returns at once.
    fn cancel(&self, case: CaseNumber, on_ui: bool, after: WorkerState) {
        let since = self.0.stamp();
        let (is_cancelled, is_revoked, reason) = (true, true, Some(CancelReason::Requested));
        self.add(
            case,
            What::Cancelled { cause: Cause::Handle, since, on_ui, after, is_cancelled, is_revoked, reason },
        );
    }

    fn end(&self, case: CaseNumber, state: WorkerState, is_cancelled: bool) {
        let error = (state == Cancelled).then_some(ErrorKind::Cancelled);
        let (has_result, reason) = (state == Success, is_cancelled.then_some(CancelReason::Requested));
        self.add(case, What::Final { state, is_cancelled, error, has_result, reason });
    }

    /// What is found: the promises that are broken.
    fn broken(&self) -> Vec<&'static str> {
        check(&self.0).into_iter().map(|violation| violation.promise).collect()
    }
}

/// One worker that does all as it should.
fn faultless() -> (Written, CaseNumber) {
    let history = Written::new();
    let case = history.start(Restart::Parallel);
    history.show(case, Pending);
    history.begin(case);
    history.show(case, Running);
    history.succeed(case);
    history.show(case, Success);
    history.end(case, Success, false);
    (history, case)
}

#[test]
fn a_faultless_history_breaks_nothing() {
    assert_eq!(faultless().0.broken(), Vec::<&str>::new());
}

#[test]
fn p02_a_terminal_event_that_is_missing() {
    let history = Written::new();
    let case = history.start(Restart::Parallel);
    history.cancel(case, false, Cancelled);
    history.end(case, Cancelled, true);
    assert!(history.broken().contains(&"P1, P2"), "{:?}", history.broken());
}

#[test]
fn p03_a_callback_after_the_terminal_event() {
    let (history, case) = faultless();
    history.add(case, What::Ran { number: 0, delivery: Delivery::Post });
    assert_eq!(history.broken(), ["P3"]);
}

#[test]
fn p05_a_body_that_runs_after_it_was_cancelled_pending() {
    let history = Written::new();
    let case = history.start(Restart::Parallel);
    history.cancel(case, false, Pending);
    history.begin(case);
    history.add(case, What::Left(Leaving::Returned));
    history.emit(case, Cancelled);
    history.end(case, Cancelled, true);
    assert_eq!(history.broken(), ["P5, P12"]);
}

#[test]
fn p05_p32_a_cancelled_worker_that_nothing_has_cancelled() {
    let history = Written::new();
    let case = history.start(Restart::Parallel);
    history.emit(case, Cancelled);
    history.end(case, Cancelled, true);
    assert_eq!(history.broken(), ["P5, P10, P11", "P32"]);
}

#[test]
fn p06_a_callback_after_a_cancel_on_the_ui_thread() {
    let history = Written::new();
    let case = history.start(Restart::Parallel);
    history.begin(case);
    history.show(case, Pending);
    history.show(case, Running);
    history.cancel(case, true, Running);
    history.add(case, What::Ran { number: 0, delivery: Delivery::Post });
    history.add(case, What::Left(Leaving::Returned));
    history.emit(case, Cancelled);
    history.end(case, Cancelled, true);
    assert_eq!(history.broken(), ["P6"]);
}

#[test]
fn p10_two_exclusive_workers_at_once() {
    let history = Written::new();
    let (first, second) = (history.start(Restart::CancelPrevious), history.start(Restart::CancelPrevious));
    history.begin(first);
    history.begin(second);
    for case in [first, second] {
        history.succeed(case);
        history.end(case, Success, false);
    }
    assert_eq!(history.broken(), ["P10"]);
}

#[test]
fn p11_a_successor_that_begins_too_early() {
    let history = Written::new();
    let (first, second) = (history.start(Restart::KeepLatest), history.start(Restart::KeepLatest));
    history.begin(first);
    history.begin(second);
    for case in [first, second] {
        history.succeed(case);
        history.end(case, Success, false);
    }
    assert_eq!(history.broken(), ["P11", "P11"]);
}

#[test]
fn p11_a_keep_previous_beside_an_active_one() {
    let history = Written::new();
    let first = history.start(Restart::KeepPrevious);
    history.begin(first);
    let second = history.start(Restart::KeepPrevious);
    history.begin(second);
    for case in [first, second] {
        history.succeed(case);
        history.end(case, Success, false);
    }
    assert_eq!(history.broken(), ["P11"]);
}

#[test]
fn p15_a_wait_for_itself_that_has_an_answer() {
    let (history, case) = faultless();
    let (since, until) = (history.0.stamp(), history.0.stamp());
    let (way, answer, took) = (Way::Blocking, WaitAnswer::Value, Duration::ZERO);
    let wait = Wait { waiter: Some(case), target: case, way, on_ui: false, answer, since, until, took };
    history.0.add_wait(wait);
    assert_eq!(history.broken(), ["P14, P15"]);
}

#[test]
fn p15_a_circle_where_there_is_none() {
    let history = Written::new();
    let (waiter, target) = (history.start(Restart::Parallel), history.start(Restart::Parallel));
    let (since, until) = (history.0.stamp(), history.0.stamp());
    let (way, answer, took) = (Way::Blocking, WaitAnswer::Deadlock, Duration::ZERO);
    history.0.add_wait(Wait { waiter: Some(waiter), target, way, on_ui: false, answer, since, until, took });
    for case in [waiter, target] {
        history.begin(case);
        history.succeed(case);
        history.end(case, Success, false);
    }
    assert_eq!(history.broken(), ["P14, P15"]);
}

#[test]
fn p03_a_callback_that_is_lost() {
    let (history, case) = faultless();
    let (since, answer) = (history.0.stamp(), Answer::Done);
    history.add(case, What::Sent { number: 0, delivery: Delivery::Post, since, on_ui: false, answer });
    history.0.set_ending(Ending { is_drained: true });
    assert_eq!(history.broken(), ["P3"]);
}

#[test]
fn p19_a_call_that_is_answered_after_the_close() {
    let (history, case) = faultless();
    let since = history.0.stamp();
    history.0.add_operation(Deed::CloseBridge, since);
    let (since, answer) = (history.0.stamp(), Answer::Done);
    history.add(case, What::Sent { number: 0, delivery: Delivery::Post, since, on_ui: false, answer });
    assert_eq!(history.broken(), ["P14, P15, P19"]);
}

/// A worker in the line of a limit of one.
fn in_line(history: &Written) -> CaseNumber {
    history.start_with(Spec { concurrency: Some(0), ..Written::spec(Restart::Parallel) })
}

/// A worker that runs in the scope of a limit of one, from its beginning on.
fn of_the_first_limit(history: &Written) -> CaseNumber {
    let case = in_line(history);
    history.begin(case);
    case
}

#[test]
fn p33_two_that_run_at_once_where_one_may() {
    let history = Written::new();
    let both = [of_the_first_limit(&history), of_the_first_limit(&history)];
    for case in both {
        history.succeed(case);
        history.end(case, Success, false);
    }
    assert_eq!(history.broken(), ["P33"]);
}

#[test]
fn p33_one_that_overtakes_another_in_line() {
    let history = Written::new();
    let line = [in_line(&history), in_line(&history)];
    for case in line.into_iter().rev() {
        history.begin(case);
        history.succeed(case);
        history.end(case, Success, false);
    }
    assert_eq!(history.broken(), ["P33"]);
}

#[test]
fn p33_one_that_pauses_gives_its_slot_to_another() {
    let history = Written::new();
    let first = of_the_first_limit(&history);
    history.add(first, What::Pauses);
    let second = of_the_first_limit(&history);
    history.succeed(second);
    history.add(first, What::GoesOn);
    history.succeed(first);
    for case in [first, second] {
        history.end(case, Success, false);
    }
    assert_eq!(history.broken(), Vec::<&str>::new());
}

#[test]
fn p34_a_delayed_worker_that_begins_at_once() {
    let history = Written::new();
    let spec = Spec { delay: Duration::from_hours(1), ..Written::spec(Restart::Parallel) };
    let case = history.start_with(spec);
    history.begin(case);
    history.succeed(case);
    history.end(case, Success, false);
    assert_eq!(history.broken(), ["P34"]);
}

#[test]
fn p35_a_retry_that_gives_up_early() {
    let (history, case) = faultless();
    let retried = Retried { allowed: 3, succeeds_at: 4, attempts: 2, ..Retried::default() };
    history.add(case, What::Retried(Retried { end: RetryEnd::Failed(2), ..retried }));
    assert_eq!(history.broken(), ["P35"]);
}

#[test]
fn p35_an_attempt_that_comes_before_its_pause_is_over() {
    let (history, case) = faultless();
    let retried = Retried { allowed: 3, succeeds_at: 2, attempts: 2, ..Retried::default() };
    history.add(case, What::Retried(Retried { was_early: true, end: RetryEnd::Succeeded, ..retried }));
    assert_eq!(history.broken(), ["P35"]);
}

#[test]
fn p36_too_many_parts_at_once() {
    let (history, case) = faultless();
    let (parts, at_once, most, fails, tries) = (4, 2, 3, None, false);
    let (is_within_failing, end) = (false, FanOutEnd::AsPlanned);
    let done = FannedOut { parts, at_once, most, fails, tries, is_within_failing, end };
    history.add(case, What::FannedOut(done));
    assert_eq!(history.broken(), ["P36"]);
}

#[test]
fn p32_a_reason_that_changes() {
    let history = Written::new();
    let case = history.start(Restart::Parallel);
    history.cancel(case, false, Cancelled);
    history.emit(case, Cancelled);
    let (error, reason) = (Some(ErrorKind::Cancelled), Some(CancelReason::Shutdown));
    history.add(case, What::Final { state: Cancelled, is_cancelled: true, error, has_result: false, reason });
    assert_eq!(history.broken(), ["P32"]);
}
