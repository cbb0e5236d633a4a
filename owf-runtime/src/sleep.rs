//! A timer that survives a restart.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::durable::{Durable, sealed::Sealed};
use crate::error::StepError;
use crate::kernel::{Handle, IntoStepName, OperationSpec, Turn, Wait, borrow_out};
use crate::time::{IntoDuration, IntoInstant};

/// Waits for a duration, without holding anything meanwhile.
///
/// The wait begins when it is first awaited; the time at which it ends is recorded under `id`. A duration of zero, or a negative one, is over
/// at once.
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
pub fn sleep<'n>(id: impl IntoStepName<'n>, duration: impl IntoDuration) -> Sleep {
    Sleep::new(id, Wait::For(duration.into_duration()))
}

/// Waits until a point in time, without holding anything meanwhile; one that is past is over at once.
///
/// ```
/// use std::time::Duration;
///
/// use owf_runtime::prelude::*;
///
/// #[workflow]
/// async fn trial(user: String) -> WorkflowResult<String> {
///     let start = now("start").await?;
///     sleep_until("end of the trial", start + Duration::from_secs(14 * 24 * 3600)).await?;
///     Ok(format!("{user}'s trial is over"))
/// }
/// ```
#[track_caller]
pub fn sleep_until<'n>(id: impl IntoStepName<'n>, instant: impl IntoInstant) -> Sleep {
    Sleep::new(id, Wait::Until(instant.into_instant()))
}

/// What [`sleep`] and [`sleep_until`] return: awaiting it yields `Result<(), StepError>`.
#[must_use = "a timer does nothing unless it is awaited: add `.await`"]
pub struct Sleep {
    handle: Handle,
}

impl Sleep {
    #[track_caller]
    fn new<'n>(id: impl IntoStepName<'n>, wait: Wait) -> Sleep {
        Sleep { handle: Handle::new(&id.into_step_name().0, Location::caller(), OperationSpec::Sleep(wait)) }
    }
}

impl Sealed for Sleep {}

#[diagnostic::do_not_recommend]
impl Durable for Sleep {
    type Output = Result<(), StepError>;

    fn poll_durable(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // A driver's hooks must find no workflow around them.
        let mut current = borrow_out();
        match current.state().map(|state| state.poll(&mut self.handle, cx.waker())) {
            Some(Turn::Recorded | Turn::Live) => Poll::Ready(Ok(())),
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
