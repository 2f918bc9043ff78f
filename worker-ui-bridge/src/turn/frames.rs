//! [`UiBridge::next_frame`]: turns until there is something new to draw, and it is time for it.

use crate::error::PumpError;
use crate::turn::bridge::UiBridge;

impl<A: 'static> UiBridge<A> {
    /// Runs turns until something has happened that may be seen, and returns when it is time to
    /// draw it: a loop draws, calls this, draws.
    ///
    /// - After a rest it returns at once: a key that is pressed is on the screen without delay.
    /// - It returns no oftener than the [frame rate](crate::BridgeBuilder::frames_per_second), 60 a
    ///   second unless told. The time of the drawing itself counts: it is measured from one return to
    ///   the next. In a flood of posts an app draws at the frame rate.
    /// - It never returns for nothing: a callback, an event, or a tick has run.
    /// - What callbacks post on the UI thread is run first, as far as the
    ///   [budget](crate::BridgeBuilder::budget) goes: one act draws one frame.
    ///
    /// Nothing is polled: an idle loop makes no wake-ups.
    ///
    /// # Errors
    ///
    /// Those of [`pump`](Self::pump). What has run until then is drawn after the next call.
    ///
    /// ```
    /// use worker_ui_bridge::UiBridge;
    ///
    /// let mut bridge = UiBridge::new();
    /// let ui = bridge.handle();
    /// let worker = std::thread::spawn(move || {
    ///     for number in 1..=1000 {
    ///         ui.post(move |last: &mut u32| *last = number).unwrap();
    ///     }
    /// });
    ///
    /// let (mut last, mut frames) = (0, 0);
    /// while last < 1000 {
    ///     frames += 1; // terminal.draw(|frame| …)?;
    ///     bridge.next_frame(&mut last)?;
    /// }
    /// assert!(frames < 1000);
    /// # worker.join().unwrap();
    /// # Ok::<(), worker_ui_bridge::PumpError>(())
    /// ```
    pub fn next_frame(&mut self, app: &mut A) -> Result<(), PumpError> {
        while !self.frames.is_wanted(self.changes) {
            self.wait_until(app, None)?;
        }
        loop {
            let now = self.now();
            match self.frames.next() {
                Some(due) if now < due => _ = self.wait_until(app, Some(due))?,
                _ if self.has_entries()
                    && self.frames.turns_end(self.budget).is_some_and(|end| now < end) =>
                {
                    self.turn_until(app, None)?;
                }
                _ => break self.frames.draw(now, self.changes),
            }
        }
        Ok(())
    }
}
