use std::io::Read as _;
use std::net::TcpListener;
use std::time::Instant;

use worker_core::{WaitError, WorkerManager};

use super::*;

#[test]
fn a_rate_limit_says_when_it_is_lifted() {
    let headers = vec![("RateLimit-Remaining", "0"), ("RateLimit-Reset", "41.2")];
    let error = error((429, headers, r#"{"error":"rate limit exceeded"}"#.to_owned()));
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(42)));
    let message = error.to_string();
    assert!(message.contains("try again in 42s") && message.contains("rate limit exceeded"), "{message}");
}

#[test]
fn transient_failures_are_retried_and_permanent_ones_are_not() {
    let again = vec![Duration::ZERO, Duration::ZERO];
    for (status, tries) in
        [(500, 3), (503, 3), (429, 3), (408, 3), (400, 1), (401, 1), (403, 1), (422, 1), (501, 1)]
    {
        let fake = FakeWandb::new(vec![(status, Vec::new(), String::new()); 5]);
        let config = WandbConfig { retries: again.clone(), ..fake.config() };
        assert!(fetch(config, Wandb::active).is_err());
        assert_eq!(fake.asked().len(), tries, "{status}");
    }
    let fake = FakeWandb::new(vec![(502, Vec::new(), String::new()), page(&[run("a", "")], None)]);
    let config = WandbConfig { retries: again, ..fake.config() };
    assert_eq!(keys(&fetch(config, Wandb::active).expect("rows").0), ["a"]);
}

#[test]
fn a_long_rate_limit_is_not_waited_for() {
    let fake = FakeWandb::new(vec![(429, vec![("RateLimit-Reset", "3600")], String::new())]);
    let config = WandbConfig { retries: vec![Duration::ZERO], ..fake.config() };
    assert!(fetch(config, Wandb::active).expect_err("limited").to_string().contains("3600s"));
    assert_eq!(fake.asked().len(), 1);
}

#[test]
fn an_unreachable_service_is_reported() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let config = WandbConfig { base_url: url, ..FakeWandb::new(Vec::new()).config() };
    let error = fetch(config, Wandb::active).expect_err("unreachable");
    assert_eq!(error.kind(), ErrorKind::Unreachable);
}

#[test]
fn a_silent_service_times_out() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let time_limit = Duration::from_millis(150);
    let config = WandbConfig { base_url: url, time_limit, ..FakeWandb::new(Vec::new()).config() };
    let error = fetch(config, Wandb::active).expect_err("silence");
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(error.to_string().contains("150ms"), "{error}");
}

#[test]
fn a_cancel_ends_a_call_at_once_and_closes_its_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let wandb = Wandb::new(WandbConfig { base_url: url, ..FakeWandb::new(Vec::new()).config() });
    let worker = WorkerManager::new()
        .worker("active")
        .exit_on_error(false)
        .thread(move |cx| Ok(wandb.active(cx).map(|batch| batch.rows.len())?));
    let (mut connection, _) = listener.accept().expect("a call");
    let mut head = [0; 4];
    connection.read_exact(&mut head).expect("the request has begun");
    let began = Instant::now();
    worker.cancel();
    assert!(worker.wait().is_err_and(|error: WaitError| error.is_cancelled()));
    let mut rest = Vec::new();
    // The connection ends; the system decides whether by a close or a reset.
    let _ = connection.read_to_end(&mut rest);
    assert!(began.elapsed() < Duration::from_secs(10), "not the call's time limit of 30s");
}

#[test]
fn a_service_that_never_answers_is_given_up_in_time_and_the_words_say_when() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let time_limit = Duration::from_secs(1);
    let retries = vec![Duration::from_millis(10); 5];
    let config = WandbConfig { base_url: url, time_limit, retries, ..FakeWandb::new(Vec::new()).config() };
    let began = Instant::now();
    let error = fetch(config, Wandb::active).expect_err("silence");
    let took = began.elapsed();
    assert!(took < time_limit * 2, "{took:?}");
    assert!(error.to_string().contains("no answer within 1s"), "{error}");
    assert!(WandbConfig::default().time_limit <= Duration::from_secs(35));
}

#[test]
fn pages_that_come_slowly_for_ever_end_in_time_and_keep_their_rows() {
    let mut number = 0;
    let fake = FakeWandb::answering(move |_| {
        number += 1;
        if number > 2 {
            std::thread::sleep(Duration::from_secs(1));
        }
        page(&[run(&format!("r{number}"), "")], Some(&format!("c{number}")))
    });
    let config = WandbConfig { time_limit: Duration::from_millis(500), ..fake.config() };
    let (rows, failed) = fetch(config, Wandb::active).expect("rows");
    assert_eq!(keys(&rows), ["r1", "r2"]);
    assert_eq!(failed[0].error.kind(), ErrorKind::TimedOut);
    assert!(failed[0].error.to_string().starts_with("only 2 runs came: "), "{failed:?}");
}

#[test]
fn a_retry_is_told_and_a_pause_beyond_the_time_limit_is_not_begun() {
    let fake = FakeWandb::new(vec![(503, Vec::new(), String::new()); 3]);
    let config = WandbConfig { retries: vec![Duration::ZERO], ..fake.config() };
    assert!(fetch(config, Wandb::active).expect_err("down").to_string().starts_with("after 2 attempts: "));

    let fake = FakeWandb::new(vec![(503, vec![("Retry-After", "3")], String::new())]);
    let time_limit = Duration::from_secs(2);
    let config = WandbConfig { retries: vec![Duration::ZERO; 9], time_limit, ..fake.config() };
    let began = Instant::now();
    let error = fetch(config, Wandb::active).expect_err("down");
    assert!(began.elapsed() < time_limit, "{:?}", began.elapsed());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3)));
    assert!(error.to_string().ends_with("try again in 3s"), "{error}");
    assert_eq!(fake.asked().len(), 1);
}

#[test]
fn a_wait_that_the_service_asks_for_is_kept() {
    let fake = FakeWandb::new(vec![(429, vec![("Retry-After", "0.3")], String::new()), page(&[], None)]);
    let config = WandbConfig { retries: vec![Duration::ZERO], ..fake.config() };
    let began = Instant::now();
    assert!(fetch(config, Wandb::active).is_ok());
    assert!(began.elapsed() >= Duration::from_secs(1), "rounded up to a second");
}
