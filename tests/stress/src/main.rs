//! `stress`: runs a campaign, and exits with 1 at the first broken promise, with 2 if an episode
//! hangs.

use std::process::ExitCode;

use clap::Parser;
use peak_alloc::PeakAlloc;
use stress::{Settings, Threads, run_campaign};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// Random stress of worker-core and worker-ui-bridge, judged by an independent checker.
#[derive(Debug, Parser)]
struct Options {
    /// What everything is chosen by; one is chosen and printed if none is given.
    #[arg(long)]
    seed: Option<u64>,
    /// The number of the first episode: to run one again.
    #[arg(long, default_value_t = 0)]
    episode: u64,
    /// Ends with the episode that reaches this many workers.
    #[arg(long, default_value_t = 100_000)]
    workers: u64,
    /// Threads that start, cancel and wait, beside the UI thread.
    #[arg(long, default_value_t = 4)]
    threads: usize,
    /// Two busy loops beside.
    #[arg(long)]
    busy: bool,
    /// Under the libraries' test scheduler: the same seed gives the same run.
    #[arg(long)]
    scheduler: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..));
    println!("seed {seed}");
    let settings = Settings {
        episode: options.episode,
        threads: options.threads,
        mode: if options.scheduler { Threads::Scheduler } else { Threads::System },
        busy: options.busy,
        talks: true,
        heap: Some(|| HEAP.current_usage()),
        ..Settings::new(seed, options.workers)
    };
    match run_campaign(&settings) {
        Ok(totals) => {
            println!("kept every promise: {totals}");
            ExitCode::SUCCESS
        }
        Err(report) => {
            eprintln!("{report}");
            ExitCode::FAILURE
        }
    }
}
