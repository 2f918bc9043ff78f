//! The timers of a [`UiHandle`]: set from callbacks and from other threads.

use std::panic::Location;
use std::time::{Duration, Instant};

use crate::handle::ui_handle::{UiHandle, sender};
use crate::queue::request::NewTimer;
use crate::time::stall::CallSite;
use crate::time::timers::{TimerId, deadline_after, interval, once};

impl<A: 'static> UiHandle<A> {
    /// Runs `action` on the UI thread once, `delay` from now. [`UiBridge::set_timeout`], where the
    /// need arises: in a callback, in a handler, on another thread.
    ///
    /// A timer that a worker's body sets ends when the worker is revoked, as its callbacks do. On a
    /// closed bridge it never runs.
    ///
    /// ```
    /// use std::time::Duration;
    /// use worker_ui_bridge::{UiBridge, UiHandle};
    ///
    /// struct App {
    ///     toast: Option<String>,
    ///     ui: UiHandle<App>,
    /// }
    ///
    /// impl App {
    ///     fn show(&mut self, text: &str) {
    ///         self.toast = Some(text.to_owned());
    ///         self.ui.set_timeout(Duration::from_millis(2), |app| app.toast = None);
    ///     }
    /// }
    ///
    /// let mut bridge = UiBridge::new();
    /// let mut app = App { toast: None, ui: bridge.handle() };
    /// app.show("saved");
    /// while app.toast.is_some() {
    ///     bridge.wait(&mut app)?;
    /// }
    /// # Ok::<(), worker_ui_bridge::PumpError>(())
    /// ```
    ///
    /// [`UiBridge::set_timeout`]: crate::UiBridge::set_timeout
    #[track_caller]
    pub fn set_timeout<F>(&self, delay: Duration, action: F) -> TimerId
    where
        F: FnOnce(&mut A) + Send + 'static,
    {
        let due = deadline_after(self.target.clock().now(), delay);
        self.set_timer(due, None, Location::caller(), Box::new(once(action)))
    }

    /// Runs `action` on the UI thread every `period`, first one period from now.
    /// [`UiBridge::set_interval`](crate::UiBridge::set_interval), from any thread; it ends as
    /// [`set_timeout`](Self::set_timeout) says, or by [`clear`](Self::clear).
    #[track_caller]
    pub fn set_interval<F>(&self, period: Duration, action: F) -> TimerId
    where
        F: FnMut(&mut A) + Send + 'static,
    {
        let (due, period) = interval(self.target.clock().now(), period);
        self.set_timer(due, Some(period), Location::caller(), Box::new(action))
    }

    fn set_timer(
        &self,
        due: Instant,
        period: Option<Duration>,
        call_site: CallSite,
        action: Box<dyn FnMut(&mut A) + Send>,
    ) -> TimerId {
        let (call_site, worker) = (Some(call_site), sender());
        self.target.set_timer(NewTimer { due, period, call_site, worker, action })
    }
}
