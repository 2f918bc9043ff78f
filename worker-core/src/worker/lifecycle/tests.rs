use super::*;

fn announced() -> Lifecycle {
    Lifecycle::new([StartCondition::Announced, StartCondition::Started, StartCondition::Released], false)
}

#[test]
fn the_last_condition_launches_whatever_the_order() {
    use StartCondition::{Announced, Released, Started};
    for order in [
        [Announced, Started, Released],
        [Announced, Released, Started],
        [Started, Announced, Released],
        [Started, Released, Announced],
        [Released, Announced, Started],
        [Released, Started, Announced],
    ] {
        let word = Lifecycle::new([], false);
        assert_eq!(word.meet(order[0]), ConditionMet::Nothing);
        assert_eq!(word.meet(order[1]), ConditionMet::Nothing);
        assert_eq!(word.meet(order[2]), ConditionMet::Launch);
        assert_eq!(word.meet(order[2]), ConditionMet::Nothing, "meeting it twice changes nothing");
    }
}

#[test]
fn a_cancel_before_the_announcement_is_settled_by_the_announcer() {
    let word = Lifecycle::new([StartCondition::Started, StartCondition::Released], false);
    assert_eq!(word.request_cancel(CancelReason::Requested), CancelRequest::Notify);
    assert!(word.is_cancelled());
    assert_eq!(word.state(), WorkerState::Pending);
    assert_eq!(word.meet(StartCondition::Announced), ConditionMet::Settle(CancelReason::Requested));
    word.finish(WorkerState::Cancelled);
    assert_eq!(word.state(), WorkerState::Cancelled);
}

#[test]
fn a_cancel_of_an_announced_pending_worker_owns_its_outcome() {
    let word = announced();
    assert_eq!(word.request_cancel(CancelReason::Requested), CancelRequest::Settle);
    assert_eq!(word.state(), WorkerState::Pending, "settling still looks like what came before");
    assert!(!word.begin(), "its body must not run");
    assert_eq!(word.request_cancel(CancelReason::Requested), CancelRequest::Nothing);
    word.finish(WorkerState::Cancelled);
}

#[test]
fn a_cancel_while_settling_comes_too_late_for_the_outcome() {
    let word = announced();
    assert!(word.begin());
    assert_eq!(word.settle(), Settled::AsReturned);
    assert_eq!(word.state(), WorkerState::Running);
    assert_eq!(word.request_cancel(CancelReason::Requested), CancelRequest::Nothing);
    assert!(word.is_cancelled(), "the request itself is remembered");
    word.finish(WorkerState::Success);
    assert_eq!(word.state(), WorkerState::Success);
}

#[test]
fn the_first_reason_for_a_cancel_stands() {
    let first_timeout = announced();
    assert!(first_timeout.begin());
    assert_eq!(first_timeout.request_cancel(CancelReason::TimedOut), CancelRequest::Notify);
    assert_eq!(first_timeout.request_cancel(CancelReason::Requested), CancelRequest::Nothing);
    assert_eq!(first_timeout.settle(), Settled::Cancelled(CancelReason::TimedOut));

    let first_request = announced();
    assert!(first_request.begin());
    assert_eq!(first_request.request_cancel(CancelReason::Requested), CancelRequest::Notify);
    assert_eq!(first_request.request_cancel(CancelReason::TimedOut), CancelRequest::Nothing);
    assert_eq!(first_request.settle(), Settled::Cancelled(CancelReason::Requested));
}

#[test]
fn a_cancelled_worker_cannot_fail_to_start() {
    let word = announced();
    assert_eq!(word.request_cancel(CancelReason::Requested), CancelRequest::Settle);
    assert!(!word.fail_to_start());
}
