//! Models of `Lifecycle`: each race has one winner, and the winner owns the ending.

use std::sync::Arc;

use loom::thread;

use super::support::check;
use crate::worker::cancel_reason::CancelKind;
use crate::worker::lifecycle::{CancelRequest, ConditionMet, Lifecycle, Settled, StartCondition};
use crate::worker::state::WorkerState;

const ALL: [StartCondition; 4] =
    [StartCondition::Announced, StartCondition::Started, StartCondition::Due, StartCondition::Released];

#[test]
fn one_of_begin_cancel_and_fail_to_start_owns_a_pending_worker() {
    check(None, || {
        let word = Arc::new(Lifecycle::new(ALL, None));
        let begins = thread::spawn({
            let word = word.clone();
            move || word.begin()
        });
        let cancels = thread::spawn({
            let word = word.clone();
            move || word.request_cancel(CancelKind::Requested)
        });
        let failed = word.fail_to_start();
        let (began, request) = (begins.join().unwrap(), cancels.join().unwrap());
        let owners = [began, request == CancelRequest::Settle, failed];
        assert_eq!(owners.iter().filter(|owns| **owns).count(), 1, "{owners:?} {request:?}");
        assert!(word.is_cancelled(), "a request is remembered whatever it finds");
    });
}

#[test]
fn the_last_condition_launches_once_or_the_announcer_settles() {
    check(None, || {
        let word = Arc::new(Lifecycle::new([StartCondition::Due, StartCondition::Released], None));
        let starts = thread::spawn({
            let word = word.clone();
            move || word.meet(StartCondition::Started)
        });
        let cancels = thread::spawn({
            let word = word.clone();
            move || word.request_cancel(CancelKind::Requested)
        });
        let announced = word.meet(StartCondition::Announced);
        let (started, request) = (starts.join().unwrap(), cancels.join().unwrap());
        let launches = [&announced, &started].iter().filter(|met| ***met == ConditionMet::Launch).count();
        let settles =
            usize::from(request == CancelRequest::Settle) + usize::from(announced == ConditionMet::Settle);
        // Exactly one thread settles it, also if it was launched before the cancel.
        assert_eq!(settles, 1, "{announced:?} {started:?} {request:?}");
        assert!(launches <= 1);
        assert!(!word.begin(), "its body must not run");
    });
}

#[test]
fn a_cancel_against_the_end_of_a_body_counts_or_comes_too_late() {
    check(None, || {
        let word = Arc::new(Lifecycle::new(ALL, None));
        assert!(word.begin());
        let cancels = thread::spawn({
            let word = word.clone();
            move || word.request_cancel(CancelKind::TimedOut)
        });
        let settled = word.settle();
        word.finish(match settled {
            Settled::AsReturned => WorkerState::Success,
            Settled::Cancelled => WorkerState::Error,
        });
        let request = cancels.join().unwrap();
        match settled {
            Settled::AsReturned => assert_eq!(request, CancelRequest::Nothing),
            Settled::Cancelled => {
                assert_eq!(request, CancelRequest::Notify);
                assert_eq!(word.cancel_kind(), Some(CancelKind::TimedOut));
            }
        }
        assert_eq!(word.is_cancelled(), request == CancelRequest::Notify, "a late limit leaves no trace");
    });
}
