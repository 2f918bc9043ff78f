//! P39: awaited turns in the executors that apps use, and bodies that share the app's runtime.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use worker_core::{Worker, WorkerManager};
use worker_ui_bridge::UiBridge;

const SOON: Duration = Duration::from_millis(5);

/// A whole app: a worker that calls, a task that sleeps, a timer, awaited turns, a shutdown.
async fn app() {
    let mut bridge = UiBridge::new();
    let ui = bridge.handle();
    let workers = WorkerManager::new();
    let calls = ui.clone();
    workers.worker("calls").thread(move |cx| {
        cx.sleep(SOON)?;
        Ok(calls.call_from_thread(|log: &mut Vec<&str>| log.push("call"))?)
    });
    let posts = ui.clone();
    workers.worker("task").task(&ui, async move |cx| {
        cx.sleep(SOON).await?;
        Ok(posts.post(|log| log.push("task"))?)
    });
    workers.worker("endless").thread(|cx| Ok(cx.sleep(Duration::MAX)?));
    bridge.set_timeout(SOON, |log| log.push("timer"));
    let mut log = Vec::new();
    while log.len() < 3 {
        bridge.turn(&mut log).await.expect("no worker fails here");
    }
    log.sort_unstable();
    assert_eq!(log, ["call", "task", "timer"]);
    assert!(bridge.shutdown_async(&mut log, &workers, Duration::from_secs(10)).await.is_clean());
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

#[test]
fn p39_turns_are_awaited_in_tokios_runtimes() {
    for runtime in [current_thread(), multi_thread()] {
        runtime.block_on(app());
        let local = tokio::task::LocalSet::new();
        local.block_on(&runtime, async { tokio::task::spawn_local(app()).await.expect("no panic") });
    }
}

#[test]
fn p39_turns_are_awaited_in_smol() {
    smol::block_on(app());
    let executor = smol::LocalExecutor::new();
    smol::block_on(executor.run(executor.spawn(app())));
}

#[test]
fn p39_a_turn_is_a_branch_of_tokios_select() {
    current_thread().block_on(async {
        let mut bridge = UiBridge::new();
        let ui = bridge.handle();
        let workers = WorkerManager::new();
        workers.worker("posts").thread(move |cx| {
            for n in 0..20 {
                cx.sleep(Duration::from_millis(1))?;
                ui.post(move |seen: &mut Vec<u32>| seen.push(n))?;
            }
            Ok(())
        });
        let mut ticks = tokio::time::interval(Duration::from_micros(300));
        let (mut seen, mut ticked) = (Vec::new(), 0);
        while seen.len() < 20 {
            tokio::select! {
                turned = bridge.turn(&mut seen) => assert!(turned.is_ok()),
                _ = ticks.tick() => ticked += 1,
            }
        }
        assert_eq!(seen, (0..20).collect::<Vec<_>>(), "none is lost, none runs twice");
        assert!(ticked > 0);
    });
}

/// A server that answers lines, and counts its connections.
fn server() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let (address, connections) = (listener.local_addr().expect("bound"), Arc::new(AtomicUsize::new(0)));
    let counted = connections.clone();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::SeqCst);
            thread::spawn(move || {
                let mut writer = stream.try_clone().expect("a second handle");
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    if writeln!(writer, "about {line}").is_err() {
                        break;
                    }
                }
            });
        }
    });
    (address, connections)
}

/// A client with a pool of connections, as HTTP clients have: one that its runtime has left is
/// dead.
#[derive(Clone)]
struct Client {
    address: SocketAddr,
    idle: Arc<Mutex<Vec<BufStream<TcpStream>>>>,
}

impl Client {
    async fn ask(&self, question: &str) -> worker_core::Result<String> {
        let kept = self.idle.lock().expect("no panic").pop();
        if let Some(connection) = kept
            && let Ok(answer) = self.ask_on(connection, question).await
        {
            return Ok(answer);
        }
        self.ask_on(BufStream::new(TcpStream::connect(self.address).await?), question).await
    }

    async fn ask_on(
        &self,
        mut connection: BufStream<TcpStream>,
        question: &str,
    ) -> worker_core::Result<String> {
        connection.write_all(format!("{question}\n").as_bytes()).await?;
        connection.flush().await?;
        let mut answer = String::new();
        if connection.read_line(&mut answer).await? == 0 {
            return Err("closed".into());
        }
        self.idle.lock().expect("no panic").push(connection);
        Ok(answer)
    }
}

/// How many connections 44 requests make, one after the other, each in a worker.
fn connections_of(workers: &WorkerManager) -> usize {
    let (address, connections) = server();
    let client = Client { address, idle: Arc::default() };
    for n in 0..44 {
        let client = client.clone();
        let worker: Worker<String> =
            workers.worker("ask").thread_async(async move |_| client.ask(&format!("crate {n}")).await);
        assert_eq!(worker.wait().expect("the server answers"), &format!("about crate {n}\n"));
    }
    connections.load(Ordering::SeqCst)
}

#[test]
fn bodies_on_the_apps_runtime_share_connections_and_those_of_their_own_do_not() {
    let runtime = multi_thread();
    let shared = WorkerManager::builder().event_loop(runtime.handle().clone()).build();
    assert_eq!(connections_of(&shared), 1);
    assert_eq!(connections_of(&WorkerManager::new()), 44, "a runtime for each worker");
}

#[test]
fn where_there_is_no_reactor_the_error_says_what_to_switch_on() {
    let workers = WorkerManager::builder().event_loop(worker_core::BlockOn).build();
    let worker: Worker<()> = workers.worker("ask").thread_async(async |_| {
        TcpStream::connect("127.0.0.1:1").await?;
        Ok(())
    });
    let error = worker.wait().expect_err("tokio's types need a runtime").to_string();
    assert!(error.contains("feature `tokio`") && error.contains("Handle::current()"), "{error}");
}
