//! The timers that the state asks for, and no others: an idle screen makes no wake-ups but those of its clock.

use std::time::Duration;

use worker_ui_bridge::{TimerId, UiBridge};

use crate::app::{App, Switch, Toasts};

/// Eight frames a second.
const SPINNER: Duration = Duration::from_millis(125);

/// The time of day, durations and ages are shown in seconds.
const CLOCK: Duration = Duration::from_secs(1);

/// Which timers run.
#[derive(Debug, Default)]
pub(super) struct Timers {
    spinner: Option<TimerId>,
    clock: Option<TimerId>,
    toasts: Option<TimerId>,
    refresh: Option<TimerId>,
    /// How often a person had refreshed when the refresh timer was started.
    refreshes: u64,
}

impl Timers {
    /// Starts and stops timers so that they are what the state asks for.
    pub(super) fn sync(&mut self, bridge: &mut UiBridge<App>, app: &App) {
        let state = app.state();
        let refresh = state.settings.refresh;
        if self.refreshes != app.manual_refreshes() {
            self.refreshes = app.manual_refreshes();
            set_running(&mut self.refresh, false, bridge, |bridge| {
                bridge.set_interval(refresh, App::auto_refresh)
            });
        }
        set_running(&mut self.spinner, state.is_loading(), bridge, |bridge| {
            bridge.set_interval(SPINNER, App::advance_spinners)
        });
        set_running(&mut self.clock, true, bridge, |bridge| bridge.set_interval(CLOCK, App::tick));
        set_running(&mut self.refresh, state.auto == Switch::On, bridge, |bridge| {
            bridge.set_interval(refresh, App::auto_refresh)
        });
        set_running(&mut self.toasts, state.toasts.visible() > 0, bridge, |bridge| {
            bridge.set_interval(Toasts::TICK, App::age_toasts)
        });
    }
}

/// Makes a timer run if it is wanted, and only then.
fn set_running(
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
