//! A workflow: what `#[workflow]` makes of an `async fn`.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "cron")]
use crate::cron::CronTick;
use crate::durable::{Await, Block, BoxDurable, Durable};
use crate::error::WorkflowError;
use crate::kernel::{Backoff, RetryPolicy};
use crate::value::{Json, JsonError, Value, WorkflowInput, WorkflowOutput};

/// A durable function, as `#[workflow]` declares it.
///
/// ```
/// use owf_runtime::prelude::*;
///
/// #[workflow]
/// async fn greet(name: String) -> WorkflowResult<String> {
///     let upper = step!("uppercase", name.to_uppercase()).await?;
///     Ok(format!("Hello, {upper}!"))
/// }
///
/// assert_eq!(<greet as owf_runtime::Workflow>::NAME, "greet");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a workflow",
    label = "expected the name of a `#[workflow] async fn`",
    note = "put `#[workflow]` on the function and pass its name, without calling it: `client.invoke(greet, input)`"
)]
pub trait Workflow: Copy + Send + Sync + 'static {
    /// The argument of the function; `()` if it has none.
    type Input: WorkflowInput;
    /// What the function returns, without the `Result` around it.
    type Output: WorkflowOutput;
    /// The name under which runs are recorded.
    const NAME: &'static str;
    /// The version of its code, from 1, which its runs are recorded with; 0 if it has none: `#[workflow(version = 3)]`.
    const VERSION: u32 = 0;
    /// Whether it has a `transaction!`, which only drivers with an SQL database can run. Helpers of its do not count.
    const HAS_TRANSACTIONS: bool = false;

    /// What the attribute's arguments say.
    fn options(&self) -> WorkflowOptions {
        WorkflowOptions::new()
    }

    /// What starts runs of it once it is [registered](crate::WorkflowClient::register).
    fn triggers(&self) -> &'static [Trigger] {
        &[]
    }

    /// What `#[workflow(inngest(..))]` says of it as a function of an Inngest app.
    #[cfg(feature = "inngest")]
    #[doc(hidden)]
    fn inngest(&self, function: crate::inngest::InngestFunction) -> crate::inngest::InngestFunction {
        function
    }

    /// The workflow's code, from the start.
    fn run(&self, input: Self::Input) -> BoxDurable<'static, Result<Self::Output, WorkflowError>>;
}

/// What starts a run of a workflow without anybody calling for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trigger {
    /// An event, whose payload is the run's input: `#[workflow(event = "order.created")]`.
    Event {
        /// The event's name.
        name: &'static str,
    },
    /// Times: `#[workflow(cron = "0 2 * * *", timezone = "Europe/Amsterdam")]`.
    Cron {
        /// Minute, hour, day of the month, month, day of the week.
        expression: &'static str,
        /// The IANA name of the time zone; `None` for UTC.
        timezone: Option<&'static str>,
    },
}

/// What the arguments of `#[workflow(...)]` say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkflowOptions {
    retries: Option<u32>,
    backoff: Option<Backoff>,
    timeout: Option<Duration>,
}

impl WorkflowOptions {
    /// Nothing said: the defaults.
    #[must_use]
    pub const fn new() -> WorkflowOptions {
        WorkflowOptions { retries: None, backoff: None, timeout: None }
    }

    /// How often the workflow's own failures are retried, and its steps' where they say nothing.
    #[must_use]
    pub const fn retries(mut self, retries: u32) -> WorkflowOptions {
        self.retries = Some(retries);
        self
    }

    /// The waits between attempts.
    #[must_use]
    pub fn backoff(mut self, backoff: impl Into<Backoff>) -> WorkflowOptions {
        self.backoff = Some(backoff.into());
        self
    }

    /// How long a run may take from its start; then it is cancelled.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> WorkflowOptions {
        self.timeout = Some(timeout);
        self
    }

    /// How long a run may take from its start; `None` if as long as it likes.
    #[must_use]
    pub const fn run_timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// How steps that say nothing else are retried.
    #[must_use]
    pub fn step_policy(&self) -> RetryPolicy {
        let default = RetryPolicy::default();
        RetryPolicy {
            retries: self.retries.unwrap_or(default.retries),
            backoff: self.backoff.unwrap_or(default.backoff),
        }
    }

    /// As [`step_policy`](WorkflowOptions::step_policy), with another number of retries where the workflow says none.
    pub(crate) fn step_policy_or(&self, retries_default: Option<u32>) -> RetryPolicy {
        let policy = self.step_policy();
        RetryPolicy { retries: self.retries.or(retries_default).unwrap_or(policy.retries), ..policy }
    }

    /// How often the function itself is retried, with another number where the workflow says none.
    pub(crate) fn run_retries_or(&self, retries_default: Option<u32>) -> u32 {
        self.retries.or(retries_default).unwrap_or(0)
    }

    /// The number of retries that the workflow says, if it says one.
    #[must_use]
    pub const fn retries_said(&self) -> Option<u32> {
        self.retries
    }

    /// How errors and panics of the function itself are retried: not at all unless the workflow says so, because
    /// deterministic code fails the same way again.
    #[must_use]
    pub fn run_policy(&self) -> RetryPolicy {
        RetryPolicy { retries: self.retries.unwrap_or(0), ..self.step_policy() }
    }
}

/// A workflow whose types are erased: its input and output are JSON.
#[derive(Clone)]
pub struct AnyWorkflow(Arc<dyn Erased>);

impl AnyWorkflow {
    /// Erases a workflow's types.
    #[must_use]
    pub fn new<W: Workflow>(workflow: W) -> AnyWorkflow {
        AnyWorkflow(Arc::new(Typed(workflow)))
    }

    /// The workflow's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.0.name()
    }

    /// The version of the workflow's code; 0 if it has none.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.0.version()
    }

    /// Whether the workflow has a `transaction!`, which only drivers with an SQL database can run.
    #[must_use]
    pub fn has_transactions(&self) -> bool {
        self.0.has_transactions()
    }

    /// What the attribute's arguments say.
    #[must_use]
    pub fn options(&self) -> WorkflowOptions {
        self.0.options()
    }

    /// What starts runs of it.
    #[must_use]
    pub fn triggers(&self) -> &'static [Trigger] {
        self.0.triggers()
    }

    pub(crate) fn begin(&self, input: &Json) -> Result<WorkflowFuture, JsonError> {
        self.0.begin(input)
    }

    /// Whether its input is a `T`.
    #[cfg(feature = "inngest")]
    pub(crate) fn takes<T: 'static>(&self) -> bool {
        self.0.input_type() == std::any::TypeId::of::<T>()
    }

    /// The input of a run that a schedule starts; `None` if it takes something else.
    #[cfg(feature = "cron")]
    pub(crate) fn tick_input(&self, tick: CronTick) -> Option<Json> {
        self.0.tick_input(tick)
    }
}

impl fmt::Debug for AnyWorkflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AnyWorkflow").field(&self.name()).finish()
    }
}

/// Two are the same if their names are, whatever their versions: they are the same workflow, then and now.
impl PartialEq for AnyWorkflow {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for AnyWorkflow {}

impl<W: Workflow> From<W> for AnyWorkflow {
    fn from(workflow: W) -> Self {
        AnyWorkflow::new(workflow)
    }
}

/// How a workflow's code ended.
#[derive(Debug)]
pub(crate) enum Return {
    Value(Value),
    Error(WorkflowError),
    /// Its value cannot be encoded.
    Unstorable(JsonError),
}

pub(crate) type WorkflowFuture = Pin<Box<dyn Durable<Output = Return> + Send>>;

/// Begins a workflow whose result is handed on as it is.
pub(crate) fn begin_live<W: Workflow>(workflow: W, input: W::Input) -> WorkflowFuture {
    Box::pin(Block::new(async move {
        match Await::new(workflow.run(input)).await {
            Ok(output) => Return::Value(Value::Live(Box::new(output))),
            Err(error) => Return::Error(error),
        }
    }))
}

trait Erased: Send + Sync {
    fn name(&self) -> &'static str;
    fn version(&self) -> u32;
    fn has_transactions(&self) -> bool;
    fn options(&self) -> WorkflowOptions;
    fn triggers(&self) -> &'static [Trigger];
    fn begin(&self, input: &Json) -> Result<WorkflowFuture, JsonError>;
    #[cfg(feature = "inngest")]
    fn input_type(&self) -> std::any::TypeId;
    #[cfg(feature = "cron")]
    fn tick_input(&self, tick: CronTick) -> Option<Json>;
}

struct Typed<W>(W);

impl<W: Workflow> Erased for Typed<W> {
    fn name(&self) -> &'static str {
        W::NAME
    }

    fn version(&self) -> u32 {
        W::VERSION
    }

    fn has_transactions(&self) -> bool {
        W::HAS_TRANSACTIONS
    }

    fn options(&self) -> WorkflowOptions {
        self.0.options()
    }

    fn triggers(&self) -> &'static [Trigger] {
        self.0.triggers()
    }

    #[cfg(feature = "inngest")]
    fn input_type(&self) -> std::any::TypeId {
        std::any::TypeId::of::<W::Input>()
    }

    #[cfg(feature = "cron")]
    fn tick_input(&self, tick: CronTick) -> Option<Json> {
        crate::cron::tick_input::<W::Input>(tick)
    }

    fn begin(&self, input: &Json) -> Result<WorkflowFuture, JsonError> {
        let (workflow, input) = (self.0, input.decode::<W::Input>()?);
        Ok(Box::pin(Block::new(async move {
            match Await::new(workflow.run(input)).await {
                Ok(output) => match Json::encode_to_decode(&output) {
                    Ok(json) => Return::Value(Value::Encoded(json)),
                    Err(problem) => Return::Unstorable(problem),
                },
                Err(error) => Return::Error(error),
            }
        })))
    }
}
