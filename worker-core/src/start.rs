//! What can start workers, and what `#[work]` builds on.

use std::borrow::Cow;

use crate::builder::WorkerBuilder;
use crate::manager::WorkerManager;
use crate::scope::Scope;

/// What workers can be started in: a [`WorkerManager`] or a [`Scope`]. What a `#[work]` function asks for.
pub trait StartWorkers {
    /// Begins a worker.
    fn worker(&self, name: impl Into<Cow<'static, str>>) -> WorkerBuilder;
}

impl StartWorkers for WorkerManager {
    fn worker(&self, name: impl Into<Cow<'static, str>>) -> WorkerBuilder {
        WorkerManager::worker(self, name)
    }
}

impl StartWorkers for Scope {
    fn worker(&self, name: impl Into<Cow<'static, str>>) -> WorkerBuilder {
        Scope::worker(self, name)
    }
}

/// What the code written by `#[work]` calls. Not for use by hand; it may change at any time.
#[doc(hidden)]
#[cfg(feature = "macros")]
pub mod private {
    use std::fmt::{self, Debug, Write};

    use crate::builder::MAX_DESCRIPTION;
    use crate::error::{BoxError, Result};

    /// Runs a body with an error type of its own.
    ///
    /// # Errors
    ///
    /// The body's.
    pub fn boxed<T, E: Into<BoxError>>(body: impl FnOnce() -> Result<T, E>) -> Result<T> {
        body().map_err(Into::into)
    }

    /// `name(argument: value, …)`, as much of it as a description may have.
    pub fn describe(name: &str, arguments: &[(&str, &dyn Debug)]) -> String {
        let mut text = Bounded { text: String::new(), left: MAX_DESCRIPTION };
        // An error only says that the text is full, or that a Debug of the user's failed: what is there is good enough.
        let _ = write(&mut text, name, arguments);
        text.text
    }

    fn write(text: &mut Bounded, name: &str, arguments: &[(&str, &dyn Debug)]) -> fmt::Result {
        write!(text, "{name}(")?;
        for (at, (argument, value)) in arguments.iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            write!(text, "{comma}{argument}: {value:?}")?;
        }
        text.write_char(')')
    }

    /// Takes so many characters and then refuses, so that a long argument is not formatted to its end.
    struct Bounded {
        text: String,
        left: usize,
    }

    impl Write for Bounded {
        fn write_str(&mut self, more: &str) -> fmt::Result {
            for character in more.chars() {
                self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
                self.text.push(character);
            }
            Ok(())
        }
    }

    /// An argument, shown by its `Debug` if it has one. The choice is made by method lookup, which tries `Shown` before
    /// `&Shown`.
    #[allow(missing_debug_implementations, reason = "with one, it would show itself")]
    pub struct Shown<'a, T>(pub &'a T);

    /// For arguments with `Debug`.
    pub trait ViaDebug {
        /// What to show.
        fn shown(&self) -> impl Debug;
    }

    impl<T: Debug> ViaDebug for Shown<'_, T> {
        fn shown(&self) -> impl Debug {
            self.0
        }
    }

    /// For the others.
    pub trait ViaName {
        /// What to show.
        fn shown(&self) -> impl Debug;
    }

    impl<T> ViaName for &Shown<'_, T> {
        fn shown(&self) -> impl Debug {
            format_args!("…")
        }
    }
}
