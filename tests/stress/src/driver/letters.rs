//! Callbacks on their way to the UI thread: sent in every way, recorded when they run and when the
//! sender is told, and then perhaps rude.

use std::sync::Arc;

use fastrand::Rng;
use worker_ui_bridge::{CallError, PostError, TryPostError};

use crate::driver::foreign::{Mischief, Token};
use crate::driver::operations::perform;
use crate::driver::ui::App;
use crate::driver::world::{Place, World, is_on_ui};
use crate::history::{Answer, CaseNumber, Delivery, What};

/// Sends a callback to the UI thread, by one of the blocking ways.
pub(crate) fn send(world: &Arc<World>, place: Place, rng: &mut Rng) {
    let delivery = match rng.u8(..8) {
        0..4 => Delivery::Post,
        4 => Delivery::TryPost,
        5 => Delivery::Latest,
        _ => Delivery::Call,
    };
    let letter = Letter::new(world, place, delivery, rng);
    let (sender, number, since) = (letter.sender, letter.number, world.history.stamp());
    if let Some(sender) = sender {
        world.observe(sender, What::Step("send"));
    }
    let answer = match delivery {
        Delivery::TryPost => match world.ui.try_post(move |app| letter.open(app)) {
            Ok(()) => Answer::Done,
            Err(TryPostError::Full(_)) => Answer::Full,
            Err(TryPostError::Closed(_)) => Answer::Closed,
            Err(TryPostError::Cancelled(_)) => Answer::Cancelled,
            Err(_) => Answer::Other,
        },
        Delivery::Latest => {
            // A key of its own for each sender: no sender replaces another's callback.
            let key = format!("{sender:?}");
            posted(world.ui.post_latest(key, move |app| letter.open(app)))
        }
        Delivery::Call | Delivery::AsyncCall => {
            called(world.ui.call_from_thread(move |app| letter.open(app)))
        }
        Delivery::Post => posted(world.ui.post(move |app| letter.open(app))),
    };
    let sent = What::Sent { number, delivery, since, on_ui: is_on_ui(), answer };
    world.history.observe(sender, world.now(), sent);
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
