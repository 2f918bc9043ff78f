//! The [requests](Request) of handles: timers that are set and cleared, errors that end the loop.

use std::sync::Arc;

use crate::error::PumpError;
use crate::queue::request::{NewTimer, Request};
use crate::sync::drop_quietly;
use crate::time::timers::{Origin, Timer};
use crate::turn::bridge::UiBridge;

impl<A: 'static> UiBridge<A> {
    /// Carries out what handles have requested. Drops foreign code.
    pub(super) fn carry_out_requests(&mut self) {
        for request in self.queue.take_requests() {
            match request {
                Request::SetTimer(id, new) => {
                    let NewTimer { due, period, call_site, worker, action } = new;
                    self.timers.add(id, Timer::new(due, period, Origin { call_site, worker }, action));
                }
                Request::ClearTimer(id) => {
                    drop_quietly(self.timers.remove(id), "dropping a cleared timer");
                }
                Request::Fail(error) => match self.failure {
                    None => self.failure = Some(error),
                    Some(_) => drop_quietly(error, "dropping an error: an earlier one ends the loop"),
                },
            }
        }
    }

    /// As [`carry_out_requests`](Self::carry_out_requests). Fails if the app has asked for it.
    #[inline]
    pub(super) fn carry_out_or_fail(&mut self) -> Result<(), PumpError> {
        if self.queue.has_requests() || self.failure.is_some() {
            return self.carry_out_and_fail();
        }
        Ok(())
    }

    #[cold]
    fn carry_out_and_fail(&mut self) -> Result<(), PumpError> {
        self.carry_out_requests();
        match self.failure.take() {
            None => Ok(()),
            Some(error) => Err(PumpError::App { error: Arc::new(error) }),
        }
    }
}
