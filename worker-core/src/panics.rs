//! [`catch`]: catches a panic with its message, place and stack; [`install_panic_hook`] also keeps
//! it off the terminal.
//!
//! `catch_unwind` alone gives only the payload; the place and the stack are known only inside a
//! panic hook. So the first manager of the process puts a hook in front of the one that is there.
//! It acts only on a thread that is inside [`catch`]; every other panic goes to the former hook
//! untouched.

use std::any::Any;
use std::backtrace::Backtrace;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};

use crate::error::{Location, Panic};
use crate::sync::primitives::process::{AtomicBool, Mutex, Ordering, thread_local};
use crate::sync::primitives::thread;

thread_local! {
    /// How many `catch` calls this thread is inside.
    static CATCHING: Cell<usize> = const { Cell::new(0) };
    /// What the hook saw of the panic that is unwinding now.
    static SEEN: RefCell<Option<(Location, Backtrace)>> = const { RefCell::new(None) };
}

static QUIET: AtomicBool = AtomicBool::new(false);
/// The address of the library's hook; 0 before there is one.
static HOOK: Mutex<usize> = Mutex::new(0);

/// Keeps panics of workers off the terminal from now on, for the whole process.
///
/// Such a panic loses nothing: it is the worker's
/// [`WorkerError::Panicked`](crate::WorkerError::Panicked), with message, place and backtrace.
/// Without this call the process's panic hook sees it too, and by default prints it across whatever
/// the UI has drawn. Panics outside workers are not touched.
///
/// Call it whenever you like: a hook that is set later, by a terminal library for instance, is put
/// behind this one when a manager or a thread is made, an idle thread gets work, or the UI thread
/// sleeps.
pub fn install_panic_hook() {
    QUIET.store(true, Ordering::Relaxed);
    ensure_hook();
}

/// After [`install_panic_hook`]: puts the library's hook in front of one that was set since. Called
/// where a thread is made or was idle, and before a UI thread sleeps.
pub fn keep_hook_in_front() {
    if QUIET.load(Ordering::Relaxed) {
        ensure_hook();
    }
}

/// Makes sure that the library's hook is the first to be called, so that places and stacks are
/// seen.
pub(crate) fn ensure_hook() {
    // A hook cannot be set while a panic unwinds; the next call does it.
    if thread::panicking() {
        return;
    }
    let mut ours = HOOK.lock();
    let front = panic::take_hook();
    if address_of(&front) == *ours {
        panic::set_hook(front);
        return;
    }
    let hook: Hook = Box::new(move |info| {
        if CATCHING.try_with(Cell::get).unwrap_or(0) > 0 {
            record_panic(info);
            if QUIET.load(Ordering::Relaxed) {
                return;
            }
        }
        front(info);
    });
    *ours = address_of(&hook);
    panic::set_hook(hook);
}

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Sync + Send>;

/// Tells our hook from others. It captures something, so it has an address of its own.
fn address_of(hook: &Hook) -> usize {
    (&raw const **hook).cast::<()>().addr()
}

fn record_panic(info: &PanicHookInfo<'_>) {
    let Some(place) = info.location() else { return };
    let location = Location { file: place.file().to_owned(), line: place.line(), column: place.column() };
    let backtrace = Backtrace::force_capture();
    let _ = SEEN.try_with(|seen| seen.replace(Some((location, backtrace))));
}

/// Runs `f` and gives its value, or the panic it ended in. `f` is consumed either way, its captures
/// dropped inside.
///
/// # Errors
///
/// The panic.
pub fn catch<R>(f: impl FnOnce() -> R) -> Result<R, Panic> {
    struct Depth;
    impl Drop for Depth {
        fn drop(&mut self) {
            CATCHING.with(|depth| depth.set(depth.get() - 1));
        }
    }
    if CATCHING.with(|depth| depth.replace(depth.get() + 1)) == 0 {
        // What is left here is of a panic that other code caught before it reached this function.
        let _ = SEEN.try_with(|seen| {
            if seen.borrow().is_some() {
                seen.take();
            }
        });
    }
    let depth = Depth;
    // The closure is moved in and never seen again after a panic; what it shares is behind locks
    // that do not poison.
    let caught = panic::catch_unwind(AssertUnwindSafe(f));
    drop(depth);
    caught.map_err(|payload| {
        let (location, backtrace) = SEEN.try_with(RefCell::take).ok().flatten().unzip();
        // One that was caught on another thread, and goes on here.
        match payload.downcast::<Panic>() {
            Ok(panic) => *panic,
            Err(payload) => Panic { message: message_of(payload), location, backtrace },
        }
    })
}

/// Drops `value`. A panic of its `Drop` is caught and logged, because no caller is there to receive
/// it.
pub fn drop_quietly<T>(value: T, what: &'static str) {
    guard(what, || drop(value));
}

/// Runs foreign code whose panic must stop nothing of ours: it is caught and logged.
pub fn guard(what: &'static str, f: impl FnOnce()) {
    if let Err(panic) = catch(f) {
        tracing::error!(target: "worker_core", %panic, "{what} panicked");
    }
}

/// The text of a payload. The payload's own `Drop` may panic as well.
fn message_of(payload: Box<dyn Any + Send>) -> String {
    let message = match payload.downcast_ref::<&'static str>() {
        Some(text) => (*text).to_owned(),
        None => match payload.downcast_ref::<String>() {
            Some(text) => text.clone(),
            None => "(the panic's payload is not text)".to_owned(),
        },
    };
    if let Err(second) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        // A payload that panics when dropped once would do so again.
        std::mem::forget(second);
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p17_a_caught_panic_tells_message_place_and_stack() {
        ensure_hook();
        let line = line!() + 1;
        let panic = catch(|| panic!("no {} left", "milk")).unwrap_err();
        assert_eq!(panic.message(), "no milk left");
        let location = panic.location().unwrap();
        assert!(location.file.ends_with("panics.rs"), "{location}");
        assert_eq!(location.line, line);
        assert!(panic.backtrace().is_some());
    }

    #[test]
    fn p17_a_payload_whose_drop_panics_is_contained() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("second");
            }
        }
        let panic = catch(|| panic::panic_any(Bomb)).unwrap_err();
        assert_eq!(panic.message(), "(the panic's payload is not text)");
    }

    #[test]
    fn a_caught_panic_leaves_the_thread_as_it_was() {
        assert!(catch(|| panic!("once")).is_err());
        assert_eq!(CATCHING.with(Cell::get), 0);
        assert_eq!(catch(|| 7).unwrap(), 7);
    }
}
