//! A small app on both libraries, as a user would write it: S1 end to end.

use std::sync::Arc;
use std::time::Duration;

use worker_core::{Scope, StateChanged, WorkerContext, WorkerManager, WorkerState};
use worker_ui_bridge::{UiBridge, UiHandle};

#[derive(Clone, Debug, PartialEq)]
struct Build(&'static str);

struct Source {
    image: &'static str,
}

impl Source {
    fn builds(&self, cx: &WorkerContext) -> worker_core::Result<Vec<Build>> {
        cx.check()?;
        Ok(vec![Build(self.image)])
    }
}

struct App {
    builds: Vec<Build>,
    toasts: Vec<String>,
    spinner: usize,
    quit: bool,
    screen: Scope,
    source: Arc<Source>,
    ui: UiHandle<App>,
}

impl App {
    fn new(screen: Scope, ui: UiHandle<App>) -> Self {
        Self {
            builds: Vec::new(),
            toasts: Vec::new(),
            spinner: 0,
            quit: false,
            screen,
            source: Arc::new(Source { image: "trainer" }),
            ui,
        }
    }

    fn refresh_builds(&self) {
        let (source, ui) = (self.source.clone(), self.ui.clone());
        self.screen.worker("builds").group("builds").exclusive().exit_on_error(false).thread(move |cx| {
            let builds = source.builds(cx)?;
            let count = builds.len();
            ui.call_from_thread(move |app| app.builds = builds)?;
            Ok(count)
        });
    }

    fn on_worker_state_changed(&mut self, event: &StateChanged) {
        match event.state {
            WorkerState::Pending | WorkerState::Running => self.spinner += 1,
            WorkerState::Success => self.quit = true,
            WorkerState::Error => self.toasts.push(format!("Error loading {}", event.worker.name())),
            WorkerState::Cancelled => {}
        }
    }
}

#[test]
fn s01_the_program_of_the_design_runs() -> Result<(), Box<dyn std::error::Error>> {
    let mut bridge = UiBridge::new();
    let ui = bridge.handle();
    let workers = WorkerManager::builder().events(ui.state_changes(App::on_worker_state_changed)).build();
    let mut app = App::new(workers.scope("monitor"), ui);
    bridge.set_interval(Duration::from_millis(125), |app: &mut App| app.spinner += 1);
    bridge.set_interval(Duration::from_secs(30), |app: &mut App| app.refresh_builds());
    app.refresh_builds();
    while !app.quit {
        bridge.wait(&mut app)?;
    }
    for worker in &workers.shutdown(Duration::from_secs(2)).abandoned {
        eprintln!("still running: {worker}");
    }
    assert_eq!(app.builds, [Build("trainer")]);
    assert!(app.toasts.is_empty() && app.spinner >= 2);
    Ok(())
}
