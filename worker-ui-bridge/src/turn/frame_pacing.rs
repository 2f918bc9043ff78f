//! [`FramePacing`]: when the next frame may be drawn.

use std::time::{Duration, Instant};

/// How often an app draws at most, by default.
const FRAMES_PER_SECOND: u32 = 60;

/// See the [module](self).
#[derive(Clone, Copy, Debug)]
pub(super) struct FramePacing {
    period: Duration,
    /// When the last frame was drawn; `None`: none was yet.
    last: Option<Instant>,
    /// When the first turn after it began.
    began: Option<Instant>,
    /// How many changes it showed.
    shown: u64,
}

impl FramePacing {
    /// At most so many frames a second, and at least one.
    pub(super) fn new(frames_per_second: u32) -> Self {
        Self { period: Duration::from_secs(1) / frames_per_second.max(1), last: None, began: None, shown: 0 }
    }

    /// Whether a frame would show something new.
    pub(super) fn is_wanted(&self, changes: u64) -> bool {
        self.shown != changes
    }

    /// A turn begins.
    #[inline]
    pub(super) fn begin_turn(&mut self, now: Instant, changes: u64) {
        if self.shown == changes {
            self.began = Some(now);
        }
    }

    /// When the next frame may be drawn; `None`: at once.
    pub(super) fn next(&self) -> Option<Instant> {
        self.last.and_then(|last| last.checked_add(self.period))
    }

    /// Until when turns may go on before a frame that may be drawn already.
    pub(super) fn turns_end(&self, budget: Duration) -> Option<Instant> {
        self.began.and_then(|began| began.checked_add(budget))
    }

    /// A frame is drawn now.
    pub(super) fn draw(&mut self, now: Instant, changes: u64) {
        self.last = Some(now);
        self.shown = changes;
    }
}

impl Default for FramePacing {
    fn default() -> Self {
        Self::new(FRAMES_PER_SECOND)
    }
}
