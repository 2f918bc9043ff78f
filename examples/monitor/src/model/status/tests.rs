use super::*;

#[test]
fn every_build_status_has_its_meaning() {
    let states = |words: &[&str]| words.iter().map(|word| Status::of_build(word).state).collect::<Vec<_>>();
    assert_eq!(
        states(&["PENDING", "QUEUED", "WORKING", "SUCCESS"]),
        [State::Pending, State::Queued, State::Running, State::Success]
    );
    assert_eq!(states(&["FAILURE", "INTERNAL_ERROR"]), [State::Failed; 2]);
    assert_eq!(states(&["TIMEOUT", "EXPIRED"]), [State::TimedOut; 2]);
    assert_eq!(states(&["CANCELLED", "STATUS_UNKNOWN"]), [State::Cancelled, State::Unknown]);
}

#[test]
fn a_job_state_loses_its_prefix() {
    let status = Status::of_job("JOB_STATE_SUCCEEDED");
    assert_eq!((status.state, status.raw.as_str()), (State::Success, "SUCCEEDED"));
    assert_eq!(Status::of_job("JOB_STATE_PARTIALLY_SUCCEEDED").state, State::Failed);
    assert_eq!(Status::of_job("JOB_STATE_UNSPECIFIED").state, State::Unknown);
}

#[test]
fn run_states_tell_a_crash_from_a_failure() {
    assert_eq!(Status::of_run("crashed").state, State::Crashed);
    assert_eq!(Status::of_run("failed").state, State::Failed);
    assert_eq!(Status::of_run("preempting").state, State::Preempting);
    assert_eq!(Status::of_run("killed").state, State::Cancelled);
}

#[test]
fn an_execution_status_follows_its_completed_condition() {
    assert_eq!(Status::of_execution(Some("True"), "", true).state, State::Success);
    assert_eq!(Status::of_execution(Some("False"), "NonZeroExitCode", true).state, State::Failed);
    assert_eq!(Status::of_execution(Some("False"), "Cancelled", true).state, State::Cancelled);
    assert_eq!(Status::of_execution(Some("Unknown"), "", true).state, State::Running);
    assert_eq!(Status::of_execution(Some("Unknown"), "", false).state, State::Pending);
    assert_eq!(Status::of_execution(None, "", false).state, State::Pending);
}

#[test]
fn an_unknown_word_is_kept_for_people_to_read() {
    let status = Status::of_build("HIBERNATING");
    assert_eq!((status.state, status.raw.as_str()), (State::Unknown, "HIBERNATING"));
}
