//! A workflow as a function of an Inngest app: what starts it, and within which limits it runs.

use std::time::Duration;

use serde::Serialize;

use super::failed_run::{FAILED_EVENT, FailedRun};
use super::limits::{Batch, CancelOn, Concurrency, Debounce, Length, RateLimit, Singleton, Throttle, Timeouts};
use crate::client::NO_DATABASE;
use crate::time::IntoDuration;
use crate::workflow::{AnyWorkflow, Trigger, Workflow};

/// The server's own limits; it refuses what goes beyond.
const CONCURRENCY_MAX: usize = 2;
const TRIGGERS_MAX: usize = 10;
const CANCELLATIONS_MAX: usize = 5;
const RETRIES_MAX: u32 = 20;
const BATCH_SIZES: std::ops::RangeInclusive<u32> = 2..=100;
const BATCH_TIMEOUTS: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(60);
const DEBOUNCE_PERIODS: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_secs(7 * 24 * 3600);

/// A workflow as a function of an Inngest app.
///
/// It begins with what `#[workflow(.., inngest(..))]` says; what is said here is added, or stands in place of it.
///
/// ```
/// use std::time::Duration;
///
/// use owf_runtime::inngest::{Concurrency, InngestFunction, Throttle};
/// use owf_runtime::prelude::*;
///
/// #[workflow(event = "order.created", retries = 5)]
/// async fn process_order(order: u64) -> WorkflowResult<u64> {
///     Ok(step!("charge", order * 2).await?)
/// }
///
/// let function = InngestFunction::new(process_order)
///     .concurrency(Concurrency::new(2).key("event.data.customer"))
///     .throttle(Throttle::new(10, Duration::from_secs(60)));
/// assert!(function.problems().is_empty());
/// ```
#[derive(Clone, Debug)]
#[must_use = "a function does nothing unless a driver serves it"]
pub struct InngestFunction {
    pub(super) workflow: AnyWorkflow,
    /// What it is called where that is not as its workflow is.
    name: Option<String>,
    display_name: Option<String>,
    pub(super) triggers: Vec<Starts>,
    pub(super) when: Option<String>,
    pub(super) config: Config,
    pub(super) cancel_on: Vec<CancelOn>,
    pub(super) timeouts: Timeouts,
    cancels_gracefully: bool,
    /// The workflow that is told of runs that fail.
    on_failure: Option<AnyWorkflow>,
}

/// What starts runs, on the wire.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Starts {
    Event {
        event: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        expression: Option<String>,
    },
    Cron {
        cron: String,
    },
}

/// The part of the configuration that is written as it is kept.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Config {
    #[serde(skip_serializing_if = "Option::is_none")]
    idempotency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    batch_events: Option<Batch>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_limit: Option<RateLimit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    throttle: Option<Throttle>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    concurrency: Vec<Concurrency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    debounce: Option<Debounce>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<Priority>,
    #[serde(skip_serializing_if = "Option::is_none")]
    singleton: Option<Singleton>,
}

#[derive(Clone, Debug, Serialize)]
struct Priority {
    run: String,
}

impl InngestFunction {
    /// A workflow with its triggers, and with what it says of Inngest.
    pub fn new<W: Workflow>(workflow: W) -> InngestFunction {
        let function = InngestFunction {
            workflow: AnyWorkflow::new(workflow),
            name: None,
            display_name: None,
            triggers: workflow.triggers().iter().filter_map(starts).collect(),
            when: None,
            config: Config::default(),
            cancel_on: Vec::new(),
            timeouts: Timeouts::default(),
            cancels_gracefully: false,
            on_failure: None,
        };
        workflow.inngest(function)
    }

    /// Says how the server's UI calls the function; otherwise it is the workflow's name.
    pub fn display_name(mut self, name: impl Into<String>) -> InngestFunction {
        self.display_name = Some(name.into());
        self
    }

    /// Starts a run with every event of this name.
    pub fn event(mut self, name: impl Into<String>) -> InngestFunction {
        self.triggers.push(Starts::Event { event: name.into(), expression: None });
        self
    }

    /// Starts a run with every event of this name for which an expression holds: `event.data.cents > 1000`.
    pub fn event_when(mut self, name: impl Into<String>, expression: impl Into<String>) -> InngestFunction {
        self.triggers.push(Starts::Event { event: name.into(), expression: Some(expression.into()) });
        self
    }

    /// Starts a run at times: `0 2 * * *`, in UTC or in a zone, as `Europe/Amsterdam`.
    pub fn cron(mut self, expression: impl AsRef<str>, timezone: Option<&str>) -> InngestFunction {
        self.triggers.push(Starts::Cron { cron: zoned(expression.as_ref(), timezone) });
        self
    }

    /// The expression that has to hold for the events that the workflow itself names.
    pub fn when(mut self, expression: impl Into<String>) -> InngestFunction {
        self.when = Some(expression.into());
        self
    }

    /// Limits how many steps run at a time. May be said twice, with different keys.
    pub fn concurrency(mut self, limit: Concurrency) -> InngestFunction {
        self.config.concurrency.push(limit);
        self
    }

    /// Limits how many runs start in a while; those beyond wait.
    pub fn throttle(mut self, throttle: Throttle) -> InngestFunction {
        self.config.throttle = Some(throttle);
        self
    }

    /// Limits how many runs start in a while; events beyond start none.
    pub fn rate_limit(mut self, limit: RateLimit) -> InngestFunction {
        self.config.rate_limit = Some(limit);
        self
    }

    /// Starts a run when no event has come for a while.
    pub fn debounce(mut self, debounce: Debounce) -> InngestFunction {
        self.config.debounce = Some(debounce);
        self
    }

    /// Says by an expression how many seconds a run is put before others, or behind them.
    pub fn priority(mut self, expression: impl Into<String>) -> InngestFunction {
        self.config.priority = Some(Priority { run: expression.into() });
        self
    }

    /// Starts a run with several events: the workflow's input is a list of their data.
    pub fn batch(mut self, batch: Batch) -> InngestFunction {
        self.config.batch_events = Some(batch);
        self
    }

    /// Lets one run be there at a time.
    pub fn singleton(mut self, singleton: Singleton) -> InngestFunction {
        self.config.singleton = Some(singleton);
        self
    }

    /// Starts one run within a day for each value of an expression.
    pub fn idempotency(mut self, expression: impl Into<String>) -> InngestFunction {
        self.config.idempotency = Some(expression.into());
        self
    }

    /// Cancels runs on an event. May be said up to five times.
    pub fn cancel_on(mut self, event: CancelOn) -> InngestFunction {
        self.cancel_on.push(event);
        self
    }

    /// Lets runs be cancelled by [`InngestClient::cancel`](super::InngestClient::cancel), so that what they did is undone.
    ///
    /// Whatever the server cancels by itself, by [`cancel_on`](InngestFunction::cancel_on), in its UI or by its API, it does not call any more: no undo
    /// and no cleanup runs. So runs of this function wait for a signal of their own beside all else that they do. It costs
    /// every step a second call, and [`checkpointing`](super::InngestDriver::checkpointing) does nothing for them.
    pub fn cancel_gracefully(mut self) -> InngestFunction {
        self.cancels_gracefully = true;
        self
    }

    /// How long a run may wait for its start; then it is cancelled.
    pub fn start_timeout(mut self, timeout: impl IntoDuration) -> InngestFunction {
        self.timeouts.start = Some(Length(timeout.into_duration()));
        self
    }

    /// How long a run may take from its start; then the server ends it, without undoing anything. `#[workflow(timeout = ..)]` undoes.
    pub fn finish_timeout(mut self, timeout: impl IntoDuration) -> InngestFunction {
        self.timeouts.finish = Some(Length(timeout.into_duration()));
        self
    }

    /// Runs another workflow, with a [`FailedRun`], for each run that has failed for good, once its undos are done. It is served as a function of its
    /// own, which is named after this one: `shop-process_order-failure`.
    ///
    /// A run that the server cancels does not fail, and is not told of.
    pub fn on_failure<W: Workflow<Input = FailedRun>>(mut self, workflow: W) -> InngestFunction {
        self.on_failure = Some(AnyWorkflow::new(workflow));
        self
    }

    /// The function that is told of runs that fail, if one is.
    pub(super) fn failure_function(&self, app: &str) -> Option<InngestFunction> {
        let condition = format!("event.data.function_id == '{}'", self.id(app));
        Some(InngestFunction {
            workflow: self.on_failure.clone()?,
            name: Some(format!("{}-failure", self.name())),
            display_name: Some(format!("{} (failure)", self.shown_name())),
            triggers: vec![Starts::Event { event: FAILED_EVENT.to_owned(), expression: Some(condition) }],
            when: None,
            config: Config::default(),
            cancel_on: Vec::new(),
            timeouts: Timeouts::default(),
            cancels_gracefully: false,
            on_failure: None,
        })
    }

    /// What the server would refuse: limits that are passed, and options that exclude each other. A driver serves no such function.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut check = |holds: bool, problem: &str| {
            if !holds {
                problems.push(format!("function `{}`: {problem}", self.name()));
            }
        };
        let Config { concurrency, throttle, rate_limit, debounce, batch_events, priority, singleton, idempotency } =
            &self.config;
        check(concurrency.len() <= CONCURRENCY_MAX, "it has at most two limits of concurrency");
        check(concurrency.iter().all(|limit| limit.limit > 0), "a limit of concurrency is at least 1");
        let is_keyed = |limit: &Concurrency| {
            limit.key.is_some() || limit.scope.is_none_or(|scope| scope == super::limits::Scope::Function)
        };
        check(concurrency.iter().all(is_keyed), "a limit of concurrency beyond the function needs a key");
        check(throttle.as_ref().is_none_or(|throttle| throttle.limit > 0), "a throttle lets at least 1 run start");
        check(rate_limit.as_ref().is_none_or(|rate| rate.limit > 0), "a rate limit lets at least 1 run start");
        let period = |length: &Length| length.0 >= Duration::from_secs(1);
        check(throttle.as_ref().is_none_or(|throttle| period(&throttle.period)), "a throttle's period is at least 1s");
        check(rate_limit.as_ref().is_none_or(|rate| period(&rate.period)), "a rate limit's period is at least 1s");
        let debounced = debounce.as_ref().is_none_or(|debounce| DEBOUNCE_PERIODS.contains(&debounce.period.0));
        check(debounced, "a debounce's period is from 1s to 7d");
        if let Some(batch) = batch_events {
            check(BATCH_SIZES.contains(&batch.max_size), "a batch has from 2 to 100 events");
            check(BATCH_TIMEOUTS.contains(&batch.timeout.0), "a batch is gathered for 1s to 60s");
            check(debounce.is_none(), "a batch and a debounce exclude each other");
            check(singleton.is_none(), "a batch and a singleton exclude each other");
            check(priority.is_none(), "a batch and a priority exclude each other");
            check(self.cancel_on.is_empty(), "a batch and `cancel_on` exclude each other");
        }
        check(idempotency.is_none() || rate_limit.is_none(), "idempotency is a rate limit: say one of them");
        check(self.cancel_on.len() <= CANCELLATIONS_MAX, "at most five events cancel its runs");
        check(self.triggers.len() <= TRIGGERS_MAX, "it has at most ten triggers");
        check(!self.workflow.has_transactions(), NO_DATABASE);
        let retries = self.workflow.options().retries_said();
        check(retries.is_none_or(|retries| retries <= RETRIES_MAX), "the server retries at most 20 times");
        problems
    }

    pub(super) fn workflow(&self) -> &AnyWorkflow {
        &self.workflow
    }

    pub(super) fn cancels_gracefully(&self) -> bool {
        self.cancels_gracefully
    }

    pub(super) fn is_batch(&self) -> bool {
        self.config.batch_events.is_some()
    }

    /// The function's ID within its app.
    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.workflow.name())
    }

    pub(super) fn shown_name(&self) -> &str {
        self.display_name.as_deref().unwrap_or_else(|| self.name())
    }

    /// The function's ID within all apps.
    pub(super) fn id(&self, app: &str) -> String {
        format!("{app}-{}", self.name())
    }

    /// The event by which clients start a run, where one does.
    pub(super) fn first_event(&self) -> Option<&str> {
        if self.name.is_some() {
            return None;
        }
        self.triggers.iter().find_map(|trigger| match trigger {
            Starts::Event { event, .. } => Some(event.as_str()),
            Starts::Cron { .. } => None,
        })
    }
}

impl<W: Workflow> From<W> for InngestFunction {
    fn from(workflow: W) -> Self {
        InngestFunction::new(workflow)
    }
}

fn starts(trigger: &Trigger) -> Option<Starts> {
    Some(match *trigger {
        Trigger::Event { name } => Starts::Event { event: name.to_owned(), expression: None },
        Trigger::Cron { expression, timezone } => Starts::Cron { cron: zoned(expression, timezone) },
    })
}

fn zoned(expression: &str, timezone: Option<&str>) -> String {
    match timezone {
        Some(timezone) => format!("TZ={timezone} {expression}"),
        None => expression.to_owned(),
    }
}
