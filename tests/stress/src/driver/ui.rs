//! The UI thread of an episode: the app, its handlers, and the loop that pumps, waits, does random
//! things in between, and ends the episode.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use fastrand::Rng;
use worker_core::blocking::{block_until, thread_waker};
use worker_core::{Clock, ProgressChanged, StateChanged, Worker, WorkerState};
use worker_ui_bridge::{PumpError, Pumped, UiBridge, WaitForError};

use crate::driver::foreign::{Planned, Value, planned_panic};
use crate::driver::operations::{perform, release_all, shut_down};
use crate::driver::plan::{End, Threads};
use crate::driver::sinks::{case_of, has_result};
use crate::driver::waits::{OpenWait, answer_of};
use crate::driver::world::{Place, World, set_on_ui};
use crate::history::{CaseNumber, Cause, Deed, Ending, ROOT, WaitAnswer, Way, What};

/// How long a shutdown may take before it counts as a hang: no body lasts nearly as long.
const GRACE: Duration = Duration::from_secs(10);

/// The UI's state.
#[derive(Debug)]
pub(crate) struct App {
    world: Weak<World>,
    rng: Rng,
    /// How many of the other threads have come to their end.
    pub(crate) ended: usize,
    turn: Turn,
}

/// In what the loop is: whether it reports the errors of workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Plain,
    /// Everything but the errors of this one.
    WaitingFor(CaseNumber),
    ShuttingDown,
}

impl App {
    /// A fresh app.
    pub(crate) fn new(world: &Arc<World>) -> Self {
        Self { world: Arc::downgrade(world), rng: world.rng(u64::MAX), ended: 0, turn: Turn::Plain }
    }

    /// The episode.
    pub(crate) fn world(&self) -> Option<Arc<World>> {
        self.world.upgrade()
    }

    /// The handler of state changes.
    pub(crate) fn on_state_changed(&mut self, event: &StateChanged) {
        let (Some(world), Some(case)) = (self.world(), case_of(&event.worker)) else { return };
        let panics = self.rng.u32(..1000) < world.plan.mischief;
        let is_quiet = match self.turn {
            Turn::Plain => false,
            Turn::WaitingFor(target) => target == case,
            Turn::ShuttingDown => true,
        };
        let reported =
            event.state == WorkerState::Error && event.worker.exit_on_error() && !is_quiet && !panics;
        let shown = What::Shown { state: event.state, has_result: has_result(&event.worker), reported };
        world.observe(case, shown);
        if self.rng.u8(..16) == 0 {
            let mut rng = self.rng.fork();
            world.reenter(|world| perform(world, Place::Ui, &mut rng));
        }
        if panics {
            planned_panic();
        }
    }

    /// The handler of progress.
    pub(crate) fn on_progress(&mut self, event: &ProgressChanged) {
        if let (Some(world), Some(case)) = (self.world(), case_of(&event.worker)) {
            world.observe(case, What::Progressed);
        }
    }
}

/// The UI thread's end of an episode.
#[derive(Debug)]
pub(crate) struct Loop<'w> {
    pub(crate) world: &'w Arc<World>,
    pub(crate) app: App,
    /// `None` once it was dropped.
    pub(crate) bridge: Option<UiBridge<App>>,
    rng: Rng,
}

impl<'w> Loop<'w> {
    /// A loop that has not turned yet.
    pub(crate) fn new(world: &'w Arc<World>, bridge: UiBridge<App>) -> Self {
        set_on_ui(true);
        Self { world, app: App::new(world), bridge: Some(bridge), rng: world.rng(u64::MAX / 3) }
    }

    /// Turns, and ends the episode.
    pub(crate) fn run(&mut self) {
        for turn in 0..self.world.plan.turns {
            if self.world.plan.close_at == Some(turn) {
                self.close();
            }
            if self.all_ended() && self.rng.u8(..8) == 0 {
                break;
            }
            self.act();
        }
        self.end();
        self.drop_bridge();
    }

    fn all_ended(&self) -> bool {
        self.app.ended == self.world.plan.actors
    }

    /// One turn of one kind, or something else.
    fn act(&mut self) {
        let mut rng = self.rng.fork();
        match rng.u8(..16) {
            0..6 => drop(self.turn(UiBridge::pump)),
            6..9 => {
                let limit = Duration::from_micros(rng.u64(..400));
                self.turn(|bridge, app| bridge.wait_timeout(app, limit));
            }
            // There is something to wait for as long as another thread has not said its last.
            9..12 if !self.all_ended() => drop(self.turn(UiBridge::wait)),
            12 => self.wait_for(&mut rng),
            13 if !self.all_ended() => drop(self.turn(|bridge, app| {
                bridge.next_frame(app)?;
                Ok(Pumped::default())
            })),
            14 if !self.all_ended() => {
                let clock = self.world.clock.clone();
                self.turn(|bridge, app| block_on(&clock, bridge.turn(app)));
            }
            _ => {
                let world = self.world;
                self.guarded(|_, _| perform(world, Place::Ui, &mut rng));
            }
        }
    }

    /// Runs a part of the loop. Planned panics that unwind out of it end nothing.
    fn guarded<R>(&mut self, f: impl FnOnce(&mut Option<UiBridge<App>>, &mut App) -> R) -> Option<R> {
        let (bridge, app) = (&mut self.bridge, &mut self.app);
        match catch_unwind(AssertUnwindSafe(|| f(bridge, app))) {
            Ok(value) => Some(value),
            Err(panic) if panic.is::<Planned>() => None,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    /// A turn that reports the errors of workers. `None` if there was none, or a planned panic.
    fn turn(
        &mut self,
        turn: impl FnOnce(&mut UiBridge<App>, &mut App) -> Result<Pumped, PumpError>,
    ) -> Option<Pumped> {
        self.app.turn = Turn::Plain;
        let turned = self.guarded(|bridge, app| bridge.as_mut().map(|bridge| turn(bridge, app)))??;
        match turned {
            Ok(pumped) => Some(pumped),
            Err(error) => {
                self.report(&error);
                None
            }
        }
    }

    fn report(&self, error: &PumpError) {
        if let PumpError::Worker { worker, .. } = error
            && let Some(case) = case_of(worker)
        {
            self.world.observe(case, What::LoopFailed);
        }
    }

    /// Pumps until a worker has ended.
    fn wait_for(&mut self, rng: &mut Rng) {
        let Some(case) = self.world.any_case(rng) else { return };
        let Some(worker) = self.world.handle(case) else { return };
        let world = self.world;
        self.app.turn = Turn::WaitingFor(case);
        let answer = self.guarded(|bridge, app| {
            let bridge = bridge.as_mut()?;
            let open = OpenWait::begin(world, Place::Ui, case, Way::Pumping);
            let (answer, error) = pumping(bridge, app, worker);
            open.end(answer);
            error
        });
        self.app.turn = Turn::Plain;
        if let Some(Some(error)) = answer {
            self.report(&error);
        }
    }

    /// Closes the bridge, or drops it.
    fn close(&mut self) {
        if self.rng.bool() {
            return self.drop_bridge();
        }
        if let Some(bridge) = &mut self.bridge {
            let since = self.world.history.stamp();
            bridge.close();
            self.world.history.add_operation(Deed::CloseBridge, since);
        }
    }

    fn drop_bridge(&mut self) {
        if let Some(bridge) = self.bridge.take() {
            let since = self.world.history.stamp();
            drop(bridge);
            set_on_ui(false);
            self.world.history.add_operation(Deed::CloseBridge, since);
        }
    }

    fn is_open(&self) -> bool {
        let is_close = |deed| deed == Deed::CloseBridge;
        !self.world.history.operations().iter().any(|operation| is_close(operation.deed))
    }

    fn end(&mut self) {
        let is_open = self.is_open();
        match self.world.plan.end {
            End::Drained if is_open => self.drain(release_all),
            End::Cancelled if is_open => self.drain(|world| {
                let covered = world.covered(|_, _| true);
                let deed = Some(Deed::CancelScope(ROOT));
                world.cancelling(Cause::Scope, &covered, deed, || {
                    drop(world.manager.cancel_all());
                });
            }),
            End::BridgeShutdown if is_open => self.bridge_shutdown(),
            End::ShutdownInWorker if is_open => self.shutdown_in_worker(),
            End::CloseThenShutdown => {
                self.close();
                self.world.is_over.store(true, Ordering::Relaxed);
                self.assert_clean(|world| shut_down(world, GRACE));
            }
            _ => {
                self.drop_bridge();
                self.world.is_over.store(true, Ordering::Relaxed);
                self.assert_clean(|world| shut_down(world, GRACE));
            }
        }
    }

    /// Turns until the other threads and all workers have ended and nothing is queued.
    fn drain(&mut self, push: impl Fn(&Arc<World>)) {
        let world = self.world;
        loop {
            let all_ended = self.all_ended();
            if all_ended {
                world.is_over.store(true, Ordering::Relaxed);
                push(world);
            }
            let is_settled = all_ended && {
                let mut settled = pin!(world.manager.all_finished());
                settled.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready()
            };
            let limit = Duration::from_micros(300);
            let turned = self.turn(|bridge, app| bridge.wait_timeout(app, limit));
            // What was queued before the last one settled has been run when a turn finds nothing.
            if is_settled && turned.is_some_and(|turned| turned.ran() == 0 && !turned.more()) {
                break;
            }
        }
        world.history.set_ending(Ending { is_drained: true });
    }

    fn bridge_shutdown(&mut self) {
        let world = self.world;
        world.is_over.store(true, Ordering::Relaxed);
        self.app.turn = Turn::ShuttingDown;
        loop {
            let covered = world.covered(|_, _| true);
            let since = world.history.stamp();
            let report = self.guarded(|bridge, app| {
                bridge.as_mut().map(|bridge| bridge.shutdown(app, &world.manager, GRACE))
            });
            world.history.add_operation(Deed::Shutdown, since);
            for (case, worker) in covered.into_iter().filter_map(|case| Some((case, world.handle(case)?))) {
                world.observe_cancelled(case, worker, Cause::Shutdown, since);
            }
            // A planned panic has ended it early: again.
            if let Some(report) = report {
                return assert_clean(world, &report.unwrap_or_default());
            }
        }
    }

    fn shutdown_in_worker(&mut self) {
        let world = self.world.clone();
        // In a group of its own: it is in no other's way.
        let closer = self.world.manager.worker("closer").group("closer").thread(move |_| {
            world.is_over.store(true, Ordering::Relaxed);
            shut_down(&world, GRACE);
            Ok(())
        });
        let limit = Duration::from_micros(300);
        while !closer.is_finished() {
            self.turn(|bridge, app| bridge.wait_timeout(app, limit));
        }
        // Should it have been refused.
        self.drop_bridge();
        self.world.is_over.store(true, Ordering::Relaxed);
        self.assert_clean(|world| shut_down(world, GRACE));
    }

    fn assert_clean(&self, shut_down: impl FnOnce(&World) -> worker_core::ShutdownReport) {
        assert_clean(self.world, &shut_down(self.world));
    }
}

/// An executor by hand.
fn block_on<F: Future>(clock: &Arc<dyn Clock>, future: F) -> F::Output {
    let (mut future, waker) = (pin!(future), thread_waker(clock));
    let ready = || match future.as_mut().poll(&mut Context::from_waker(&waker)) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    };
    block_until(&**clock, None, ready).expect("there is no deadline")
}

/// No body of ours lasts nearly as long. One that another thread starts meanwhile may be in the
/// report while it is being refused.
fn assert_clean(world: &World, report: &worker_core::ShutdownReport) {
    let left: Vec<String> = report.abandoned.iter().map(ToString::to_string).collect();
    assert!(left.is_empty(), "P26: after {GRACE:?} still running: {left:?} ({:?})", world.plan);
}

/// Pumps for a worker; gives what ended the loop, too, if it was not that worker's own end.
fn pumping(
    bridge: &mut UiBridge<App>,
    app: &mut App,
    worker: &Worker<Value>,
) -> (WaitAnswer, Option<PumpError>) {
    match bridge.wait_for(app, worker) {
        Ok(_) => (WaitAnswer::Value, None),
        Err(WaitForError::Wait(error)) => (answer_of(&Err(error)), None),
        Err(WaitForError::Pump(error)) => (WaitAnswer::LoopEnded, Some(error)),
        Err(_) => (WaitAnswer::Other, None),
    }
}

/// What the other threads of an episode do: random things, until there is nothing more to start.
pub(crate) fn act_beside(world: &Arc<World>, number: usize) {
    let mut rng = world.rng(u64::MAX / 2 + number as u64);
    let most = world.plan.capacity * 4 / world.plan.actors;
    for _ in 0..most {
        if world.is_over() || world.history.is_full() {
            break;
        }
        let acted = catch_unwind(AssertUnwindSafe(|| perform(world, Place::Thread, &mut rng)));
        if let Err(panic) = acted
            && !panic.is::<Planned>()
        {
            std::panic::resume_unwind(panic);
        }
        if rng.u8(..4) == 0 {
            pause(world, &mut rng);
        }
    }
    // Not a worker's: nothing revokes it.
    let _ = world.ui.post(|app| app.ended += 1);
}

fn pause(world: &Arc<World>, rng: &mut Rng) {
    match (world.plan.mode, rng.u8(..4)) {
        (Threads::System, 0) => std::thread::sleep(Duration::from_micros(rng.u64(..200))),
        _ => world.give_way(),
    }
}
