//! The timers that the state asks for, and no others: an idle screen makes no wake-ups but those of the clock it shows.

use std::time::Duration;

use worker_ui_bridge::{TimerId, UiBridge};

use super::super::app::{App, Switch};

/// Eight frames a second.
const SPINNER: Duration = Duration::from_millis(125);

/// Durations and ages are shown in seconds.
const CLOCK: Duration = Duration::from_secs(1);

/// Which timers run.
#[derive(Debug, Default)]
pub(super) struct Timers {
    spinner: Option<TimerId>,
    clock: Option<TimerId>,
    refresh: Option<TimerId>,
}

impl Timers {
    /// Starts and stops timers so that they are what the state asks for.
    pub(super) fn follow(&mut self, bridge: &mut UiBridge<App>, app: &mut App) {
        let state = app.state();
        let refresh = state.settings.refresh;
        keep(&mut self.spinner, state.is_loading(), bridge, |bridge| {
            bridge.set_interval(SPINNER, App::turn_spinners)
        });
        keep(&mut self.clock, state.ticks(), bridge, |bridge| bridge.set_interval(CLOCK, App::tick));
        keep(&mut self.refresh, state.auto == Switch::On, bridge, |bridge| {
            bridge.set_interval(refresh, App::auto_refresh)
        });
        for (toast, lifetime) in app.take_new_toasts() {
            bridge.set_timeout(lifetime, move |app: &mut App| app.dismiss(toast));
        }
    }
}

/// Makes a timer run if it is wanted, and only then.
fn keep(
    timer: &mut Option<TimerId>,
    wanted: bool,
    bridge: &mut UiBridge<App>,
    start: impl FnOnce(&mut UiBridge<App>) -> TimerId,
) {
    match (*timer, wanted) {
        (None, true) => *timer = Some(start(bridge)),
        (Some(id), false) => {
            bridge.clear(id);
            *timer = None;
        }
        (None, false) | (Some(_), true) => {}
    }
}
