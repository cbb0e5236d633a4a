//! Runs that start at times: what such a run is told, and which workflows can be told.

#[cfg(feature = "cron")]
use std::any::{Any, TypeId};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

#[cfg(feature = "cron")]
use crate::value::Json;
use crate::value::WorkflowInput;

/// The time that a run was started for: the input of a workflow with a `cron` trigger that wants to know.
///
/// It is the time of the schedule, also where the run begins later.
///
/// ```
/// use owf_runtime::CronTick;
/// use owf_runtime::prelude::*;
///
/// #[workflow]
/// async fn report(tick: CronTick) -> WorkflowResult<std::time::SystemTime> {
///     Ok(tick.scheduled_at)
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CronTick {
    /// When the schedule says that it starts.
    pub scheduled_at: SystemTime,
}

impl CronTick {
    /// The tick of a time.
    #[must_use]
    pub const fn new(scheduled_at: SystemTime) -> CronTick {
        CronTick { scheduled_at }
    }
}

/// An input that a schedule can give: none, or the [`CronTick`].
#[diagnostic::on_unimplemented(
    message = "a workflow that is started by `cron` cannot take `{Self}`",
    label = "nobody is there to give it",
    note = "take no argument, or a `CronTick`, which tells the time that the run was started for"
)]
pub trait CronInput: WorkflowInput {}

impl CronInput for () {}

impl CronInput for CronTick {}

/// What can start runs at times. Without the feature nothing can, and rustc says so where `cron = ".."` stands.
#[diagnostic::on_unimplemented(
    message = "`cron` needs the feature `cron` of `owf-runtime`, and it is off",
    label = "nothing would start this workflow at its times",
    note = "turn it on in `Cargo.toml`: `owf-runtime = {{ version = \"..\", features = [\"cron\"] }}`"
)]
pub trait Scheduler {}

/// The schedules of this crate.
#[derive(Debug)]
pub struct Schedules;

#[cfg(feature = "cron")]
impl Scheduler for Schedules {}

/// Accepts a `cron` trigger where there are schedules.
pub const fn assert_scheduler<S: Scheduler>() {}

/// Accepts the input of a workflow with a `cron` trigger, if a schedule can give it.
pub const fn assert_scheduled<I: CronInput>() {}

#[cfg(feature = "cron")]
/// The input of a tick's run, as JSON; `None` if it takes something that a schedule cannot give.
pub(crate) fn tick_input<I: Any>(tick: CronTick) -> Option<Json> {
    if TypeId::of::<I>() == TypeId::of::<()>() {
        return Some(Json::null());
    }
    let takes_tick = TypeId::of::<I>() == TypeId::of::<CronTick>();
    takes_tick.then(|| Json::encode(&tick).ok()).flatten()
}
