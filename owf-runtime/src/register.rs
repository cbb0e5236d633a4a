//! Workflows that events and times start.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::task::AbortHandle;

use crate::client::{Backend, WorkflowClient, needs_tokio};
use crate::error::{RunError, RunErrorReason};
use crate::kernel::RunId;
use crate::workflow::{AnyWorkflow, Workflow};

/// What was registered through a client and its clones. It ends with the last of them.
pub(crate) struct Registrations {
    backend: Backend,
    registered: Mutex<Vec<Registered>>,
}

struct Registered {
    workflow: AnyWorkflow,
    /// The tasks that wait for its times.
    schedules: Vec<AbortHandle>,
}

impl Registrations {
    pub(crate) fn new(backend: Backend) -> Registrations {
        Registrations { backend, registered: Mutex::default() }
    }

    fn registered(&self) -> MutexGuard<'_, Vec<Registered>> {
        self.registered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Registrations {
    fn drop(&mut self) {
        for Registered { workflow, schedules } in self.registered().drain(..) {
            schedules.iter().for_each(AbortHandle::abort);
            self.backend.unregister(&workflow);
        }
    }
}

impl fmt::Debug for Registrations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registrations").field("workflows", &self.registered().len()).finish()
    }
}

impl WorkflowClient {
    /// Lets events and times start runs of a workflow, as `#[workflow(event = "..")]` and `#[workflow(cron = "..")]` say, for as long as
    /// a clone of this client lives. Under a durable driver, this process executes its runs from now on, those that others started, too.
    ///
    /// An event's payload is the run's input. A workflow that is started at times takes nothing, or a [`CronTick`](crate::CronTick); the run
    /// has the ID `report@2026-03-29T02:00:00Z`, so that a tick is run once. Where several were missed (the machine slept; under a durable
    /// driver also: no process ran), the last of them is run. Ticks before the first registration are not made up for.
    ///
    /// Times are those of the time zone (feature `cron`). A time of day that daylight saving leaves out comes when the clock has jumped; one
    /// that happens twice comes the first time. Schedules with a `*` in the hour or the minute go by the clock as it runs: they come in both
    /// of the hours that have the same name, and in none that is left out.
    ///
    /// ```
    /// use owf_runtime::prelude::*;
    ///
    /// #[workflow(event = "order.created")]
    /// async fn confirm(order: String) -> WorkflowResult<String> {
    ///     Ok(step!("mail", format!("Thank you for order {order}")).await?)
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), RunError> {
    /// let client = WorkflowClient::new(InMemoryDriver::new());
    /// client.register(confirm)?;
    /// let runs = client.send_event("order.created", "order-42").await?;
    /// let run = client.handle(confirm, runs[0].clone()).await?;
    /// assert_eq!(run.result().await?, "Thank you for order order-42");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When a workflow of the same name is registered (of the same name and version, under a durable driver), when an expression or a time
    /// zone is none, when the input is nothing that a schedule can give, or when the feature `cron` is needed and missing.
    pub fn register<W: Workflow>(&self, workflow: W) -> Result<(), RunError> {
        let refused = |reason| RunError::new(W::NAME, RunId::new(""), reason);
        let workflow = AnyWorkflow::new(workflow);
        let schedules = schedules::of(&workflow).map_err(|text| refused(RunErrorReason::Refused(text)))?;
        let runtime = if schedules.is_empty() { None } else { Some(needs_tokio().map_err(refused)?) };
        if !self.backend.register(workflow.clone()).map_err(refused)? {
            let text = "a workflow of this name is registered already".to_owned();
            return Err(refused(RunErrorReason::Refused(text)));
        }
        let start = |schedule| {
            let ticking = schedules::run(self.backend.clone(), workflow.clone(), schedule);
            runtime.as_ref().map(|runtime| runtime.spawn(ticking).abort_handle())
        };
        let schedules = schedules.into_iter().filter_map(start).collect();
        self.registrations().registered().push(Registered { workflow, schedules });
        Ok(())
    }
}

#[cfg(feature = "cron")]
mod schedules {
    use super::{AnyWorkflow, Backend, RunId};
    use crate::cron::CronTick;
    use crate::local::Origin;
    use crate::schedule::{Schedule, tick_id};
    use crate::workflow::Trigger;

    /// The times of one `cron` trigger.
    pub(super) struct Timetable {
        schedule: Schedule,
        expression: &'static str,
        timezone: Option<&'static str>,
    }

    /// The schedules of a workflow; the error says what is wrong with them.
    pub(super) fn of(workflow: &AnyWorkflow) -> Result<Vec<Timetable>, String> {
        let mut schedules = Vec::new();
        for trigger in workflow.triggers() {
            if let Trigger::Cron { expression, timezone } = *trigger {
                let schedule = Schedule::parse(expression, timezone)?;
                schedules.push(Timetable { schedule, expression, timezone });
            }
        }
        if !schedules.is_empty() && workflow.tick_input(CronTick::new(std::time::SystemTime::UNIX_EPOCH)).is_none() {
            return Err("a schedule cannot give it its input: let it take no argument, or a `CronTick`".to_owned());
        }
        Ok(schedules)
    }

    /// Starts a run at each of the times.
    pub(super) async fn run(backend: Backend, workflow: AnyWorkflow, timetable: Timetable) {
        let Timetable { schedule, expression, timezone } = timetable;
        let host = backend.host();
        let mut last = backend.last_tick(&workflow, expression, timezone).await.unwrap_or_else(|| host.now());
        while let Some(next) = schedule.after(last) {
            host.sleep_until(next).await;
            // Of several that were missed, the last one is run.
            last = schedule.last_until(host.now()).filter(|&missed| missed > next).unwrap_or(next);
            let id = RunId::from(tick_id(workflow.name(), last));
            let Some(input) = workflow.tick_input(CronTick::new(last)) else { return };
            match backend.begin(workflow.clone(), input, Some(id), Origin::Trigger).await {
                Ok(_) => backend.ticked(&workflow, expression, timezone, last).await,
                Err(error) => {
                    tracing::error!(target: "owf", workflow = workflow.name(), "a run was not started at its time: {error}");
                }
            }
            // A clock that jumps never waits; the run goes first.
            tokio::task::yield_now().await;
        }
    }
}

#[cfg(not(feature = "cron"))]
mod schedules {
    use super::{AnyWorkflow, Backend};
    use crate::workflow::Trigger;

    /// What cannot be made without the feature.
    pub(super) enum Schedule {}

    pub(super) fn of(workflow: &AnyWorkflow) -> Result<Vec<Schedule>, String> {
        if workflow.triggers().iter().any(|trigger| matches!(trigger, Trigger::Cron { .. })) {
            return Err("its `cron` trigger needs the feature `cron` of `owf-runtime`: write \
                        `owf-runtime = { version = \"..\", features = [\"cron\"] }` in `Cargo.toml`"
                .to_owned());
        }
        Ok(Vec::new())
    }

    pub(super) async fn run(_: Backend, _: AnyWorkflow, schedule: Schedule) {
        match schedule {}
    }
}

#[cfg(all(test, not(feature = "cron")))]
mod tests {
    use super::*;
    use crate::InMemoryDriver;
    use crate::error::WorkflowError;
    use crate::workflow::{Trigger, WorkflowOptions};

    #[derive(Clone, Copy)]
    struct Nightly;

    impl Workflow for Nightly {
        type Input = ();
        type Output = ();
        const NAME: &'static str = "nightly";

        fn options(&self) -> WorkflowOptions {
            WorkflowOptions::new()
        }

        fn triggers(&self) -> &'static [Trigger] {
            &[Trigger::Cron { expression: "0 2 * * *", timezone: None }]
        }

        fn run(&self, (): ()) -> crate::BoxDurable<'static, Result<(), WorkflowError>> {
            Box::pin(crate::durable::Block::new(async { Ok(()) }))
        }
    }

    #[test]
    fn a_schedule_without_the_feature_names_the_feature() {
        let error = WorkflowClient::new(InMemoryDriver::new()).register(Nightly).expect_err("there are no schedules");
        assert_eq!(
            error.to_string(),
            "workflow `nightly`: its `cron` trigger needs the feature `cron` of `owf-runtime`: write \
             `owf-runtime = { version = \"..\", features = [\"cron\"] }` in `Cargo.toml`"
        );
    }
}
