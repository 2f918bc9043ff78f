//! [`Retry`]: what is tried again, how often, and after which pauses; and the loops that do it.

use std::fmt::{self, Display};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crate::body::context::{TaskContext, WorkerContext};
use crate::bounded_text::shown;
use crate::error::Cancelled;
use crate::sync::blocking::BlockingGuard;
use crate::worker::progress::RetryPause;
use crate::worker::record::Record;
use crate::worker::slot_pause::{self, SlotPause};

type Adjust<E> = dyn Fn(&E, Option<Duration>) -> Option<Duration> + Send + Sync;

type Delays = Box<dyn Iterator<Item = Duration>>;

/// How often something that may fail is tried again, after which pauses, and for which errors. Used
/// by [`WorkerContext::retry`], its async twin, and [`TaskContext::retry`].
///
/// ```
/// use std::io::{Error, ErrorKind};
/// use std::time::Duration;
/// use worker_core::{Retry, WorkerManager};
///
/// let patience = Retry::after([Duration::from_millis(1), Duration::from_millis(2)])
///     .when(|error: &Error| error.kind() == ErrorKind::ConnectionRefused);
/// let worker = WorkerManager::new().worker("fetch").thread(move |cx| {
///     Ok(cx.retry(&patience, |attempt| match attempt {
///         1 => Err(Error::from(ErrorKind::ConnectionRefused)),
///         _ => Ok("rows"),
///     })?)
/// });
/// assert_eq!(*worker.wait()?, "rows");
/// # Ok::<(), worker_core::WaitError>(())
/// ```
pub struct Retry<E> {
    delays: Box<dyn Fn() -> Delays + Send + Sync>,
    when: Box<dyn Fn(&E) -> bool + Send + Sync>,
    adjust: Box<Adjust<E>>,
}

impl<E> Retry<E> {
    /// Tries again after each of these pauses: one more attempt than there are pauses.
    pub fn after<I>(pauses: I) -> Self
    where
        I: IntoIterator<Item = Duration, IntoIter: 'static> + Clone + Send + Sync + 'static,
    {
        Self::after_each(move || pauses.clone())
    }

    /// As [`after`](Self::after), with pauses that are made anew for each use: for those with
    /// jitter. The iterators of the crate backon fit:
    ///
    /// ```
    /// use backon::{BackoffBuilder, ExponentialBuilder};
    /// use worker_core::{BoxError, Retry};
    ///
    /// let _patience: Retry<BoxError> =
    ///     Retry::after_each(|| ExponentialBuilder::default().with_jitter().with_max_times(5).build());
    /// ```
    pub fn after_each<I>(pauses: impl Fn() -> I + Send + Sync + 'static) -> Self
    where
        I: IntoIterator<Item = Duration, IntoIter: 'static>,
    {
        Self {
            delays: Box::new(move || Box::new(pauses().into_iter())),
            when: Box::new(|_| true),
            adjust: Box::new(|_, pause| pause),
        }
    }

    /// Which errors are worth another attempt; all, unless this is called.
    #[must_use]
    pub fn when(self, is_worth_it: impl Fn(&E) -> bool + Send + Sync + 'static) -> Self {
        Self { when: Box::new(is_worth_it), ..self }
    }

    /// Chooses the pause, knowing the error and the pause that would be next, `None` if there is
    /// none left: for a server that says how long it wants us to wait. `None` ends the attempts.
    #[must_use]
    pub fn adjust(
        self,
        pause: impl Fn(&E, Option<Duration>) -> Option<Duration> + Send + Sync + 'static,
    ) -> Self {
        Self { adjust: Box::new(pause), ..self }
    }

    fn attempts(&self) -> Attempts<'_, E> {
        let delays = (self.delays)();
        let of = match delays.size_hint() {
            (at_least, Some(at_most)) if at_least == at_most => u32::try_from(at_most).ok(),
            _ => None,
        };
        let of = of.and_then(|pauses| pauses.checked_add(1));
        Attempts { policy: self, delays, attempt: 1, of }
    }
}

impl<E> fmt::Debug for Retry<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry").finish_non_exhaustive()
    }
}

/// The attempts of one retry.
struct Attempts<'a, E> {
    policy: &'a Retry<E>,
    delays: Delays,
    /// The one that is being made, from 1.
    attempt: u32,
    of: Option<u32>,
}

impl<E: From<Cancelled> + Display> Attempts<'_, E> {
    /// The attempt of this number has failed. Gives the pause before the next, which the worker's
    /// progress shows until the pause is dropped; or the error, if there is no next.
    fn pause(&mut self, record: &Arc<Record>, error: E) -> Result<Pause, E> {
        if record.is_cancelled() || !(self.policy.when)(&error) {
            return Err(error);
        }
        let Some(duration) = (self.policy.adjust)(&error, self.delays.next()) else { return Err(error) };
        let until = record.clock().now().checked_add(duration);
        let reason = shown(&error).into();
        let status = RetryPause { attempt: self.attempt, of: self.of, until, reason };
        self.attempt = self.attempt.saturating_add(1);
        Ok(Pause::begin(record, status, duration))
    }
}

/// A pause between two attempts. The worker's slot is given back meanwhile.
struct Pause {
    record: Arc<Record>,
    duration: Duration,
    slot: Option<SlotPause>,
    /// Who is given the slot may need a thread, and this one is not left before the slot is back.
    _blocking: Option<BlockingGuard>,
}

impl Pause {
    fn begin(record: &Arc<Record>, status: RetryPause, duration: Duration) -> Self {
        record.words().set_retry_pause(Some(Arc::new(status)));
        record.progressed();
        let slot = SlotPause::begin(record);
        let blocking = slot.as_ref().map(|_| record.services().block_in_place());
        Self { record: record.clone(), duration, slot, _blocking: blocking }
    }

    /// Completes when the worker has its slot again.
    async fn end(mut self) {
        poll_fn(|cx: &mut Context<'_>| slot_pause::poll_resume(&mut self.slot, cx)).await;
    }
}

impl Drop for Pause {
    fn drop(&mut self) {
        self.record.words().set_retry_pause(None);
        self.record.progressed();
    }
}

impl WorkerContext {
    /// Calls `attempt`, with 1, 2, 3, …, until it succeeds or the [`Retry`] has had enough; then
    /// the last error comes out.
    ///
    /// In the pauses, the worker gives back the slot of its [limit](crate::ConcurrencyLimit), and
    /// its progress shows [which attempt failed, why, and when the next
    /// begins](crate::Progress::retry_pause). A cancel ends a pause at once and is never retried.
    ///
    /// # Errors
    ///
    /// That of the last attempt, or [`Cancelled`], made into an `E`, if the worker was cancelled in
    /// a pause.
    pub fn retry<T, E>(&self, policy: &Retry<E>, mut attempt: impl FnMut(u32) -> Result<T, E>) -> Result<T, E>
    where
        E: From<Cancelled> + Display,
    {
        let mut attempts = policy.attempts();
        loop {
            let error = match attempt(attempts.attempt) {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let mut pause = attempts.pause(&self.worker().0, error)?;
            self.sleep(pause.duration)?;
            pause.slot.take().into_iter().for_each(SlotPause::end);
            drop(pause);
            self.check()?;
        }
    }

    /// [`retry`](Self::retry) for async bodies.
    ///
    /// # Errors
    ///
    /// Those of [`retry`](Self::retry).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the attempt, or ends the pause.
    ///
    /// ```
    /// use std::time::Duration;
    /// use worker_core::{BoxError, Retry, WorkerManager};
    ///
    /// let fetch = WorkerManager::new().worker("fetch").thread_async(async |cx| {
    ///     let patience = Retry::after([Duration::from_millis(1); 3]);
    ///     cx.retry_async(&patience, async |attempt| {
    ///         if attempt < 3 { Err(BoxError::from("not yet")) } else { Ok(attempt) }
    ///     })
    ///     .await
    /// });
    /// assert_eq!(*fetch.wait()?, 3);
    /// # Ok::<(), worker_core::WaitError>(())
    /// ```
    pub async fn retry_async<T, E>(
        &self,
        policy: &Retry<E>,
        attempt: impl AsyncFnMut(u32) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<Cancelled> + Display,
    {
        let record = &self.worker().0;
        retry_async(record, policy, attempt, async |duration| self.sleep_async(duration).await).await
    }

    /// [`sleep`](Self::sleep) without blocking.
    async fn sleep_async(&self, duration: Duration) -> Result<(), Cancelled> {
        let record = &self.worker().0;
        let Some(deadline) = record.clock().now().checked_add(duration) else {
            record.cancelled().await;
            return Err(Cancelled);
        };
        let mut alarm = None;
        poll_fn(|cx| {
            if let Err(cancelled) = self.check() {
                return Poll::Ready(Err(cancelled));
            }
            if deadline <= record.clock().now() {
                return Poll::Ready(Ok(()));
            }
            alarm = None;
            match Alarm::set(record, deadline, cx) {
                Ok(set) => alarm = Some(set),
                // No thread could be made that wakes this one: it may block instead.
                Err(_) => return Poll::Ready(self.sleep(duration)),
            }
            Poll::Pending
        })
        .await
    }
}

impl TaskContext {
    /// [`WorkerContext::retry`] for tasks on the UI's loop: `attempt` and the pauses are awaited.
    ///
    /// # Errors
    ///
    /// Those of [`WorkerContext::retry`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the attempt, or ends the pause.
    pub async fn retry<T, E>(
        &self,
        policy: &Retry<E>,
        attempt: impl AsyncFnMut(u32) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<Cancelled> + Display,
    {
        let record = &self.worker().0;
        retry_async(record, policy, attempt, async |duration| self.sleep(duration).await).await
    }
}

async fn retry_async<T, E>(
    record: &Arc<Record>,
    policy: &Retry<E>,
    mut attempt: impl AsyncFnMut(u32) -> Result<T, E>,
    sleep: impl AsyncFn(Duration) -> Result<(), Cancelled>,
) -> Result<T, E>
where
    E: From<Cancelled> + Display,
{
    let mut attempts = policy.attempts();
    loop {
        let error = match attempt(attempts.attempt).await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let pause = attempts.pause(record, error)?;
        sleep(pause.duration).await?;
        pause.end().await;
    }
}

/// Wakes a future at a time, unless this is dropped before.
struct Alarm<'a> {
    record: &'a Record,
    time: Instant,
    key: u64,
}

impl<'a> Alarm<'a> {
    fn set(record: &'a Record, time: Instant, cx: &Context<'_>) -> std::io::Result<Self> {
        let key = record.services().wake_at(time, cx.waker().clone())?;
        Ok(Self { record, time, key })
    }
}

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        self.record.services().forget_wake(self.time, self.key);
    }
}
