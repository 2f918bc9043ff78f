//! [`Blocking`]: a value that opens only to a [`WorkerContext`].

use std::fmt;

use crate::body::context::WorkerContext;

/// A value whose methods block, locked away from the UI thread: a client, a connection, a file.
///
/// Its content is reached only with a [`&WorkerContext`](WorkerContext), which exists only inside a
/// thread worker's body. So a client in it cannot be called in a callback or in a task, also where
/// its own methods take no context. The UI's state may hold one and pass it on, usually in an
/// [`Arc`](std::sync::Arc):
///
/// ```
/// use std::sync::Arc;
/// use worker_core::{Blocking, WorkerManager};
///
/// struct Client;
///
/// impl Client {
///     /// Blocks, and knows nothing of workers.
///     fn search(&self, query: &str) -> Vec<String> {
///         vec![format!("all about {query}")]
///     }
/// }
///
/// let client = Arc::new(Blocking::new(Client));
/// let search = {
///     let client = client.clone();
///     WorkerManager::new().worker("search").thread(move |cx| Ok(client.get(cx).search("ratatui")))
/// };
/// assert_eq!(search.wait()?, &["all about ratatui"]);
/// # Ok::<(), worker_core::WaitError>(())
/// ```
///
/// What [`get`](Self::get) gives is borrowed from the context too, so it cannot leave the body,
/// even if the value itself lives for ever:
///
/// ```compile_fail,E0521
/// use worker_core::{Blocking, WorkerManager};
///
/// static PATH: Blocking<String> = Blocking::new(String::new());
///
/// WorkerManager::new().worker("escape").thread(|cx| {
///     let path: &'static String = PATH.get(cx); // must not outlive the body
///     Ok(path.len())
/// });
/// ```
///
/// # What it does not do
///
/// It adds no lock and no `Send` or `Sync`: it has them exactly if `T` has. A value that must be
/// changed from several workers wants a `Mutex` inside: `Blocking<Mutex<Client>>`.
///
/// Dropping it drops the value on the thread that drops the last owner, which may be the UI thread.
/// If that blocks, as closing a connection may, let a worker own it last: move it into a body, or
/// take it [out](Self::into_inner) and drop it after the UI's loop has ended.
#[derive(Clone, Default)]
pub struct Blocking<T: ?Sized> {
    value: T,
}

impl<T> Blocking<T> {
    /// Locks `value` away. It is made before, so what makes it must not block, or is called in a
    /// worker.
    pub const fn new(value: T) -> Self {
        Self { value }
    }

    /// Takes the value out, without a context.
    ///
    /// For the ends of a program, where no UI runs: to close a connection after the loop, or in a
    /// test. It needs the value as a whole, so one that is shared in an `Arc` stays locked, and it
    /// is the only way around the context: a search for its name finds every such place.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T: ?Sized> Blocking<T> {
    /// The value, inside a worker's body.
    pub fn get<'a>(&'a self, _cx: &'a WorkerContext) -> &'a T {
        &self.value
    }

    /// The value, to be changed, inside a worker's body.
    ///
    /// ```
    /// use worker_core::{Blocking, WorkerManager};
    ///
    /// let mut pages = Blocking::new(1..4); // an iterator that asks a server, say
    /// let first = WorkerManager::new().worker("pages").thread(move |cx| Ok(pages.get_mut(cx).next()));
    /// assert_eq!(first.wait()?, &Some(1));
    /// # Ok::<(), worker_core::WaitError>(())
    /// ```
    pub fn get_mut<'a>(&'a mut self, _cx: &'a WorkerContext) -> &'a mut T {
        &mut self.value
    }
}

impl<T> From<T> for Blocking<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

/// Without the value: what shows it may block.
impl<T: ?Sized> fmt::Debug for Blocking<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blocking").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p42_a_blocking_value_is_shown_without_being_opened() {
        struct Unshowable;
        assert_eq!(format!("{:?}", Blocking::new(Unshowable)), "Blocking { .. }");
    }

    #[test]
    fn p42_a_blocking_value_is_cloned_made_by_default_and_taken_out_again() {
        let value: Blocking<Vec<u8>> = vec![1].into();
        assert_eq!(value.clone().into_inner(), value.into_inner());
        assert!(Blocking::<String>::default().into_inner().is_empty());
    }
}
