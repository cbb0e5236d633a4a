//! A timer that survives a restart.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::durable::{Durable, sealed::Sealed};
use crate::error::StepError;
use crate::kernel::{Handle, IntoStepName, OperationSpec, Turn, borrow_out};

/// Waits for a duration, without holding anything meanwhile.
///
/// The wait begins when it is first awaited; the time at which it ends is recorded under `id`.
///
/// ```
/// use std::time::Duration;
///
/// use owf_runtime::prelude::*;
///
/// #[workflow]
/// async fn remind(user: String) -> WorkflowResult<String> {
///     sleep("cool-off", Duration::from_secs(3 * 24 * 3600)).await?;
///     Ok(format!("Hello again, {user}"))
/// }
/// ```
#[track_caller]
pub fn sleep<'n>(id: impl IntoStepName<'n>, duration: Duration) -> Sleep {
    Sleep { handle: Handle::new(&id.into_step_name().0, Location::caller(), OperationSpec::Sleep(duration)) }
}

/// What [`sleep`] returns: awaiting it yields `Result<(), StepError>`.
#[must_use = "a timer does nothing unless it is awaited: add `.await`"]
pub struct Sleep {
    handle: Handle,
}

impl Sealed for Sleep {}

#[diagnostic::do_not_recommend]
impl Durable for Sleep {
    type Output = Result<(), StepError>;

    fn poll_durable(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // A driver's hooks must find no workflow around them.
        let mut current = borrow_out();
        match current.state().map(|state| state.poll(&mut self.handle, cx.waker())) {
            Some(Turn::Recorded(_) | Turn::Live) => Poll::Ready(Ok(())),
            Some(Turn::Failed(error)) => Poll::Ready(Err(error)),
            _ => Poll::Pending,
        }
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep").finish_non_exhaustive()
    }
}
