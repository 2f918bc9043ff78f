//! What handles are: sent, shared, compared, shown.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::MutexGuard;

use worker_core::Blocking;

/// Whether a type implements an auto trait, as a constant. An inherent constant is found before
/// that of a trait, if its bound holds.
macro_rules! implements {
    ($type:ty: $bound:path) => {{
        #[allow(dead_code, reason = "unused where the bound holds")]
        trait Otherwise {
            const YES: bool = false;
        }
        impl<T: ?Sized> Otherwise for T {}
        struct Probe<T: ?Sized>(std::marker::PhantomData<T>);
        #[allow(dead_code, reason = "unused where the bound does not hold")]
        impl<T: ?Sized + $bound> Probe<T> {
            const YES: bool = true;
        }
        <Probe<$type>>::YES
    }};
}

#[test]
fn p42_a_blocking_value_is_sent_and_shared_exactly_if_its_content_is() {
    const {
        assert!(implements!(Blocking<u8>: Send) && implements!(Blocking<u8>: Sync));
        assert!(implements!(Blocking<Cell<u8>>: Send) && !implements!(Blocking<Cell<u8>>: Sync));
        assert!(!implements!(Blocking<Rc<u8>>: Send) && !implements!(Blocking<Rc<u8>>: Sync));
        type Guard = MutexGuard<'static, ()>;
        assert!(!implements!(Blocking<Guard>: Send) && implements!(Blocking<Guard>: Sync));
    }
}
