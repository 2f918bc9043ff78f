//! Callbacks on their way to the UI thread: sent in every way, recorded when they run and when the
//! sender is told, and then perhaps rude.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use worker_ui_bridge::{CallError, PostError, TryPostError};

use crate::driver::foreign::{Mischief, Token};
use crate::driver::operations::perform;
use crate::driver::ui::App;
use crate::driver::world::{Place, World, is_on_ui};
use crate::history::{Answer, CaseNumber, Delivery, What};

/// Sends a callback to the UI thread, by one of the blocking ways.
pub(crate) fn send(world: &Arc<World>, place: Place, rng: &mut Rng) {
    let delivery = match rng.u8(..9) {
        0..4 => Delivery::Post,
        4 => Delivery::TryPost,
        5 => Delivery::Latest,
        6 => Delivery::Timer,
        _ => Delivery::Call,
    };
    let ui = if rng.u8(..3) == 0 { &world.part } else { &world.ui };
    let letter = Letter::new(world, place, delivery, rng);
    let (sender, number, since) = (letter.sender, letter.number, world.history.stamp());
    if let Some(sender) = sender {
        world.observe(sender, What::Step("send"));
    }
    let answer = match delivery {
        Delivery::TryPost => match ui.try_post(move |app| letter.open(app)) {
            Ok(()) => Answer::Done,
            Err(TryPostError::Full(_)) => Answer::Full,
            Err(TryPostError::Closed(_)) => Answer::Closed,
            Err(TryPostError::Cancelled(_)) => Answer::Cancelled,
            Err(_) => Answer::Other,
        },
        Delivery::Latest => {
            // A key of its own for each sender: no sender replaces another's callback.
            let key = format!("{sender:?}");
            posted(ui.post_latest(key, move |app| letter.open(app)))
        }
        Delivery::Call | Delivery::AsyncCall => called(ui.call_from_thread(move |app| letter.open(app))),
        Delivery::Post => posted(ui.post(move |app| letter.open(app))),
        Delivery::Timer => {
            let delay = Duration::from_micros(rng.u64(..300));
            let timer = ui.set_timeout(delay, move |app| letter.open(app));
            if rng.u8(..4) == 0 {
                ui.clear(timer);
            }
            Answer::Done
        }
    };
    let sent = What::Sent { number, delivery, since, on_ui: is_on_ui(), answer };
    world.history.observe(sender, world.now(), sent);
}

/// Has the UI told of the end of a worker.
pub(crate) fn ask_to_be_told(world: &Arc<World>, rng: &mut Rng) {
    let Some(case) = world.any_case(rng) else { return };
    let Some(worker) = world.handle(case) else { return };
    let (number, token) = (world.history.next_callback(), Token::meddling(world, rng));
    world.observe(case, What::ToBeTold { number });
    world.ui.on_finish(worker, move |app: &mut App, worker| {
        let _token = token;
        if let Some(world) = app.world() {
            world.observe(case, What::Told { number, state: worker.state() });
        }
    });
}

/// Sends a callback from async code.
pub(crate) async fn send_async(world: &Arc<World>, place: Place, rng: &mut Rng) {
    let delivery = Delivery::AsyncCall;
    let letter = Letter::new(world, place, delivery, rng);
    let (sender, number, since) = (letter.sender, letter.number, world.history.stamp());
    let called_back = called(world.ui.call(move |app| letter.open(app)).await);
    let sent = What::Sent { number, delivery, since, on_ui: is_on_ui(), answer: called_back };
    world.history.observe(sender, world.now(), sent);
}

fn posted(result: Result<(), PostError>) -> Answer {
    match result {
        Ok(()) => Answer::Done,
        Err(PostError::Closed) => Answer::Closed,
        Err(PostError::Cancelled) => Answer::Cancelled,
        Err(_) => Answer::Other,
    }
}

fn called(result: Result<(), CallError>) -> Answer {
    match result {
        Ok(()) => Answer::Done,
        Err(CallError::UiThread) => Answer::UiThread,
        Err(CallError::Closed) => Answer::Closed,
        Err(CallError::Cancelled) => Answer::Cancelled,
        Err(CallError::Panicked) => Answer::Panicked,
        Err(_) => Answer::Other,
    }
}

/// A callback on its way to the UI thread.
struct Letter {
    sender: Option<CaseNumber>,
    number: usize,
    delivery: Delivery,
    /// What the callback does on the UI thread, beside being recorded.
    mischief: Mischief,
    acts: Option<u64>,
    _token: Token,
}

impl Letter {
    fn new(world: &Arc<World>, place: Place, delivery: Delivery, rng: &mut Rng) -> Self {
        let sender = match place {
            Place::Body(case) => Some(case),
            _ => None,
        };
        let number = world.history.next_callback();
        let mischief = Mischief::random(world, rng);
        let acts = (rng.u8(..6) == 0).then(|| rng.u64(..));
        Self { sender, number, delivery, mischief, acts, _token: Token::meddling(world, rng) }
    }

    fn open(self, app: &mut App) {
        let Some(world) = app.world() else { return };
        let ran = What::Ran { number: self.number, delivery: self.delivery };
        world.history.observe(self.sender, world.now(), ran);
        if let Some(seed) = self.acts {
            let mut rng = world.rng(seed);
            world.reenter(|world| perform(world, Place::Ui, &mut rng));
        }
        self.mischief.act();
    }
}
