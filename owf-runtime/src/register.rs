//! Workflows that events and times start.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::task::AbortHandle;

use crate::client::{Origin, WorkflowClient, needs_tokio};
use crate::error::{RunError, RunErrorReason};
use crate::kernel::RunId;
use crate::local::LocalRuns;
use crate::value::Json;
use crate::workflow::{AnyWorkflow, Trigger, Workflow};

/// What was registered through a client and its clones. It ends with the last of them.
pub(crate) struct Registrations {
    runs: LocalRuns,
    registered: Mutex<Vec<Registered>>,
}

struct Registered {
    workflow: AnyWorkflow,
    /// The tasks that wait for its times.
    schedules: Vec<AbortHandle>,
}

impl Registrations {
    pub(crate) fn new(runs: LocalRuns) -> Registrations {
        Registrations { runs, registered: Mutex::default() }
    }

    fn registered(&self) -> MutexGuard<'_, Vec<Registered>> {
        self.registered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Registrations {
    fn drop(&mut self) {
        for Registered { workflow, schedules } in self.registered().drain(..) {
            schedules.iter().for_each(AbortHandle::abort);
            self.runs.unregister(&workflow);
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
    /// a clone of this client lives.
    ///
    /// An event's payload is the run's input. A workflow that is started at times takes nothing, or a [`CronTick`](crate::CronTick); the run
    /// has the ID `report@2026-03-29T02:00:00Z`, so that a tick is run once. Where several were missed (the machine slept), the last of
    /// them is run. Ticks before the registration are not made up for.
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
    /// When a workflow of the same name is registered, when an expression or a time zone is none, when the input is nothing that a schedule
    /// can give, or when the feature `cron` is needed and missing.
    pub fn register<W: Workflow>(&self, workflow: W) -> Result<(), RunError> {
        let refused = |reason| RunError::new(W::NAME, RunId::new(""), reason);
        let workflow = AnyWorkflow::new(workflow);
        let schedules = schedules::of(&workflow).map_err(|text| refused(RunErrorReason::Refused(text)))?;
        let runtime = if schedules.is_empty() { None } else { Some(needs_tokio().map_err(refused)?) };
        if !self.runs().register(workflow.clone()) {
            let text = "a workflow of this name is registered already".to_owned();
            return Err(refused(RunErrorReason::Refused(text)));
        }
        let Some(registrations) = self.registrations() else { return Ok(()) };
        let start = |schedule| {
            let ticking = schedules::run(self.without_registrations(), workflow.clone(), schedule);
            runtime.as_ref().map(|runtime| runtime.spawn(ticking).abort_handle())
        };
        let schedules = schedules.into_iter().filter_map(start).collect();
        registrations.registered().push(Registered { workflow, schedules });
        Ok(())
    }

    /// Gives an event to all who wait for it, and starts what it triggers; returns the runs that it started.
    pub(crate) fn publish(&self, name: &str, payload: &Json) -> Result<Vec<RunId>, RunError> {
        let mut started = Vec::new();
        for workflow in self.runs().publish(name, payload) {
            if workflow
                .triggers()
                .iter()
                .any(|trigger| matches!(trigger, Trigger::Event { name: wanted } if *wanted == name))
            {
                started.push(self.begin(workflow, payload.clone(), None, Origin::Trigger)?.id.clone());
            }
        }
        Ok(started)
    }
}

#[cfg(feature = "cron")]
mod schedules {
    use super::{AnyWorkflow, Origin, RunId, Trigger, WorkflowClient};
    use crate::cron::CronTick;
    use crate::schedule::{Schedule, tick_id};

    /// The schedules of a workflow; the error says what is wrong with them.
    pub(super) fn of(workflow: &AnyWorkflow) -> Result<Vec<Schedule>, String> {
        let mut schedules = Vec::new();
        for trigger in workflow.triggers() {
            if let Trigger::Cron { expression, timezone } = trigger {
                schedules.push(Schedule::parse(expression, *timezone)?);
            }
        }
        if !schedules.is_empty() && workflow.tick_input(CronTick::new(std::time::SystemTime::UNIX_EPOCH)).is_none() {
            return Err("a schedule cannot give it its input: let it take no argument, or a `CronTick`".to_owned());
        }
        Ok(schedules)
    }

    /// Starts a run at each of the times.
    pub(super) async fn run(client: WorkflowClient, workflow: AnyWorkflow, schedule: Schedule) {
        let host = client.driver().host();
        let mut last = host.now();
        while let Some(next) = schedule.after(last) {
            host.sleep_until(next).await;
            // Of several that were missed, the last one is run.
            last = schedule.last_until(host.now()).filter(|&missed| missed > next).unwrap_or(next);
            let id = RunId::from(tick_id(workflow.name(), last));
            let Some(input) = workflow.tick_input(CronTick::new(last)) else { return };
            if let Err(error) = client.begin(workflow.clone(), input, Some(id), Origin::Trigger) {
                tracing::error!(target: "owf", workflow = workflow.name(), "a run was not started at its time: {error}");
            }
            // A clock that jumps never waits; the run goes first.
            tokio::task::yield_now().await;
        }
    }
}

#[cfg(not(feature = "cron"))]
mod schedules {
    use super::{AnyWorkflow, Trigger, WorkflowClient};

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

    pub(super) async fn run(_: WorkflowClient, _: AnyWorkflow, schedule: Schedule) {
        match schedule {}
    }
}

#[cfg(all(test, not(feature = "cron")))]
mod tests {
    use super::*;
    use crate::InMemoryDriver;
    use crate::durable::Durable;
    use crate::error::WorkflowError;
    use crate::workflow::WorkflowOptions;

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

        fn run(&self, (): ()) -> impl Durable<Output = Result<(), WorkflowError>> + Send + 'static {
            crate::durable::Block::new(async { Ok(()) })
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
