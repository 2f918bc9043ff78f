//! The event sink of an episode: records every event, hands it on to the UI, and may misbehave.

use std::sync::{Arc, Weak};

use worker_core::{AnyWorker, Clock, EventSink, StateChanged, WorkerState};
use worker_ui_bridge::UiHandle;

use crate::driver::foreign::{Value, planned_panic};
use crate::driver::operations;
use crate::driver::plan::Plan;
use crate::driver::ui::App;
use crate::driver::world::{Place, World};
use crate::history::{CaseNumber, History, What};

/// The number of a worker, which it carries as its description.
pub(crate) fn case_of(worker: &AnyWorker) -> Option<CaseNumber> {
    worker.description().parse().ok()
}

/// Whether the worker has a result.
pub(crate) fn has_result(worker: &AnyWorker) -> bool {
    worker.downcast::<Value>().is_some_and(|worker| worker.result().is_some())
}

/// The sink.
pub(crate) fn events(
    plan: &Plan,
    history: Arc<History>,
    clock: Arc<dyn Clock>,
    world: Weak<World>,
    ui: &UiHandle<App>,
) -> impl EventSink + use<> {
    let to_ui = ui.state_changes(App::on_state_changed);
    let (seed, mischief) = (plan.seed, plan.mischief);
    move |event: StateChanged| {
        let StateChanged { worker, state, .. } = &event;
        let (state, case) = (*state, case_of(worker));
        if let Some(case) = case {
            let _ = history.case(case).id.set(worker.id());
            let what = What::Emitted { state, now: worker.state(), has_result: has_result(worker) };
            history.observe(Some(case), clock.now(), what);
        }
        to_ui.emit(event);
        let Some(case) = case else { return };
        let mut rng = fastrand::Rng::with_seed(seed ^ ((case as u64) << 8) ^ rank(state));
        match rng.u32(..1000) {
            n if n < mischief => planned_panic(),
            n if n < mischief * 2 => {
                if let Some(world) = world.upgrade() {
                    world.reenter(|world| operations::perform(world, Place::Foreign, &mut rng));
                }
            }
            _ => {}
        }
    }
}

/// Tells the states apart.
fn rank(state: WorkerState) -> u64 {
    match state {
        WorkerState::Pending => 1,
        WorkerState::Running => 2,
        WorkerState::Cancelled => 3,
        WorkerState::Error => 4,
        WorkerState::Success => 5,
    }
}
