//! [`Timers`]: the timers that the state needs, and no others. An idle screen has only the wake-ups
//! of its clock.

use std::time::Duration;

use worker_ui_bridge::{TimerId, UiBridge};

use crate::app::{App, Switch, Toasts};

/// Eight frames a second.
const SPINNER: Duration = Duration::from_millis(125);

/// The time of day, durations and ages are shown in seconds.
const CLOCK: Duration = Duration::from_secs(1);

/// The running timers.
#[derive(Debug, Default)]
pub(super) struct Timers {
    spinner: Option<TimerId>,
    clock: Option<TimerId>,
    toasts: Option<TimerId>,
    refresh: Option<TimerId>,
    /// The count of manual refreshes when the refresh timer was started.
    refreshes: u64,
}

impl Timers {
    /// Starts and stops timers to match the state.
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

/// Starts the timer if it is wanted and not running; stops it if it is running and not wanted.
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
