use super::*;

const ALL: [StartCondition; 4] =
    [StartCondition::Announced, StartCondition::Started, StartCondition::Due, StartCondition::Released];

fn announced() -> Lifecycle {
    Lifecycle::new(ALL, None)
}

#[test]
fn the_last_condition_launches_whatever_the_order() {
    for last in ALL {
        let word = Lifecycle::new([], None);
        for condition in ALL.into_iter().filter(|condition| *condition != last) {
            assert_eq!(word.meet(condition), ConditionMet::Nothing);
        }
        assert_eq!(word.meet(last), ConditionMet::Launch);
        assert_eq!(word.meet(last), ConditionMet::Nothing, "meeting it twice changes nothing");
    }
}

#[test]
fn a_cancel_before_the_announcement_is_settled_by_the_announcer() {
    let word = Lifecycle::new([StartCondition::Started, StartCondition::Released], None);
    assert_eq!(word.request_cancel(CancelKind::Requested), CancelRequest::Notify);
    assert!(word.is_cancelled());
    assert_eq!(word.state(), WorkerState::Pending);
    assert_eq!(word.meet(StartCondition::Announced), ConditionMet::Settle);
    word.finish(WorkerState::Cancelled);
    assert_eq!(word.state(), WorkerState::Cancelled);
}

#[test]
fn a_cancel_of_an_announced_pending_worker_owns_its_outcome() {
    let word = announced();
    assert_eq!(word.request_cancel(CancelKind::Requested), CancelRequest::Settle);
    assert_eq!(word.state(), WorkerState::Pending, "settling still looks like what came before");
    assert!(!word.begin(), "its body must not run");
    assert_eq!(word.request_cancel(CancelKind::Requested), CancelRequest::Nothing);
    word.finish(WorkerState::Cancelled);
}

#[test]
fn a_cancel_while_settling_comes_too_late_for_the_outcome() {
    let word = announced();
    assert!(word.begin());
    assert_eq!(word.settle(), Settled::AsReturned);
    assert_eq!(word.state(), WorkerState::Running);
    assert_eq!(word.request_cancel(CancelKind::Requested), CancelRequest::Nothing);
    assert!(word.is_cancelled(), "the request itself is remembered");
    word.finish(WorkerState::Success);
    assert_eq!(word.state(), WorkerState::Success);
}

#[test]
fn the_first_reason_for_a_cancel_stands() {
    let first_timeout = announced();
    assert!(first_timeout.begin());
    assert_eq!(first_timeout.request_cancel(CancelKind::TimedOut), CancelRequest::Notify);
    assert_eq!(first_timeout.request_cancel(CancelKind::Requested), CancelRequest::Nothing);
    assert_eq!(first_timeout.settle(), Settled::Cancelled);
    assert_eq!(first_timeout.cancel_kind(), Some(CancelKind::TimedOut));

    let first_request = announced();
    assert!(first_request.begin());
    assert_eq!(first_request.request_cancel(CancelKind::Requested), CancelRequest::Notify);
    assert_eq!(first_request.request_cancel(CancelKind::TimedOut), CancelRequest::Nothing);
    assert_eq!(first_request.settle(), Settled::Cancelled);
    assert_eq!(first_request.cancel_kind(), Some(CancelKind::Requested));
}

#[test]
fn a_cancelled_worker_cannot_fail_to_start() {
    let word = announced();
    assert_eq!(word.request_cancel(CancelKind::Requested), CancelRequest::Settle);
    assert!(!word.fail_to_start());
}
