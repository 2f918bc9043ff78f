//! [`LoopDeadlines`]: who hears of the timers of a loop that is not the bridge's own.

use std::sync::Arc;
use std::time::Duration;

use crate::queue::ui_queue::UiQueue;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::time::alarm::Alarm;

/// A timer that is overdue by so much is reported: its loop does not wait for its timers.
pub(super) const OVERDUE: Duration = Duration::from_secs(1);

/// See the [module](self).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LoopDeadlines {
    /// The bridge's own waits, or a loop that asks for the next deadline.
    Asked,
    /// The same, but say so if a timer is overdue, because nothing pumps.
    Reported,
    /// The bridge calls the loop's waker.
    Woken,
}

/// An alarm that wakes what awaits a turn, and the loop itself if it is to be `Woken`.
pub(super) fn loop_alarm<A: 'static>(queue: &Arc<UiQueue<A>>, deadlines: LoopDeadlines) -> Alarm {
    let waking = queue.clone();
    Alarm::new(queue.clock.clone(), move || waking.wake_for_timer(deadlines == LoopDeadlines::Woken))
}

/// An alarm that says once that timers are overdue.
pub(super) fn overdue_alarm<A: 'static>(queue: &Arc<UiQueue<A>>, deadlines: LoopDeadlines) -> Option<Alarm> {
    (deadlines == LoopDeadlines::Reported).then(|| {
        let reported = AtomicBool::new(false);
        Alarm::new(queue.clock.clone(), move || {
            if !reported.swap(true, Ordering::Relaxed) {
                tracing::warn!(
                    target: "worker_ui_bridge",
                    "a timer is overdue by a second, and nothing pumps: the loop must wait until \
                     `UiBridge::next_deadline` at most, or be woken (`BridgeBuilder::wake_for_timers`)"
                );
            }
        })
    })
}
