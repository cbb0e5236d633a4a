//! Errors: of steps and of functions, caught or not, with types and causes.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use owf_runtime::inngest::InngestDriver;
use owf_runtime::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::count;

pub(super) fn add(driver: InngestDriver) -> InngestDriver {
    driver
        .function(custom_error)
        .function(custom_error_uncaught)
        .function(causes)
        .function(caught_then_throws)
        .function(rethrown)
        .function(wrapped)
        .function(function_exhausted)
        .function(function_fails_first)
        .function(function_retry_after)
        .function(step_retry_after_date)
        .function(retry_after_exhausted)
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct CardError {
    message: String,
    /// What JavaScript adds to an error of its own is not on the wire.
    #[serde(default)]
    limit: u32,
    #[serde(skip)]
    cause: Option<Caused>,
}

impl CardError {
    pub(super) fn new(message: &str) -> CardError {
        CardError { message: message.to_owned(), limit: 5000, cause: None }
    }
}

impl fmt::Display for CardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for CardError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as &(dyn Error + 'static))
    }
}

/// An error with a cause, which may have one.
#[derive(Debug)]
pub(super) struct Caused(&'static str, Option<Box<Caused>>);

impl Caused {
    pub(super) fn by(message: &'static str, cause: &'static str) -> Caused {
        Caused(message, Some(Box::new(Caused(cause, None))))
    }
}

impl fmt::Display for Caused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Caused {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_ref().map(|cause| &**cause as &(dyn Error + 'static))
    }
}

#[workflow(name = "custom-error", event = "rec/custom-error", retries = 0)]
async fn custom_error() -> WorkflowResult<Value> {
    let charged = step!("charge", {
        let cause = Some(Caused("5000 is too much", None));
        Err::<(), _>(CardError { cause, ..CardError::new("the card is declined") })?
    })
    .await;
    let Err(error) = charged else { return Ok(Value::Null) };
    let name = if error.downcast::<CardError>().is_some() { "CardError" } else { "Error" };
    let found = json!({ "name": name, "message": error.message(), "cause": error.causes().first() });
    Ok(step!("report", found.clone()).await?)
}

#[workflow(name = "custom-error-uncaught", event = "rec/custom-error-uncaught", retries = 0)]
async fn custom_error_uncaught() -> WorkflowResult<()> {
    Ok(step!("charge", Err::<(), _>(CardError::new("the card is declined"))?).await?)
}

#[workflow(event = "rec/causes", retries = 0)]
async fn causes() -> WorkflowResult<()> {
    Err(Caused("outer", Some(Box::new(Caused::by("middle", "inner")))).into())
}

#[workflow(name = "caught-then-throws", event = "rec/caught-then-throws", retries = 1)]
async fn caught_then_throws() -> WorkflowResult<()> {
    let first = step!("hopeless", Err::<(), _>(StepError::fatal("hopeless"))?).await;
    let Err(first) = first else { return Ok(()) };
    Err(WorkflowError::msg(format!("gives up: {}", first.message())))
}

#[workflow(event = "rec/rethrown", retries = 2)]
async fn rethrown() -> WorkflowResult<()> {
    match step!("hopeless", Err::<(), _>(StepError::fatal("hopeless"))?).await {
        Ok(()) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug)]
struct CannotGoOn(StepError);

impl fmt::Display for CannotGoOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it cannot go on")
    }
}

impl Error for CannotGoOn {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

#[workflow(event = "rec/wrapped", retries = 1)]
async fn wrapped() -> WorkflowResult<()> {
    let hopeless = step!("hopeless", Err::<(), _>(StepError::fatal("hopeless"))?).await;
    Ok(hopeless.map_err(CannotGoOn)?)
}

#[workflow(name = "fn-exhausted", event = "rec/fn-exhausted", retries = 2)]
async fn function_exhausted() -> WorkflowResult<()> {
    let a = step!("a", 1).await?;
    let b = step!("b", a + 1).await?;
    Err(WorkflowError::msg(format!("fails with {b}")))
}

#[workflow(
    name = "fn-fails-first",
    event = "rec/fn-fails-first",
    retries = 1,
    allow(shared_state, reason = "as it was recorded: the function itself fails once")
)]
async fn function_fails_first() -> WorkflowResult<u32> {
    if count("fn-fails-first") < 2 {
        return Err(WorkflowError::msg("before any step"));
    }
    Ok(step!("a", 1).await?)
}

#[workflow(
    name = "fn-retry-after",
    event = "rec/fn-retry-after",
    retries = 2,
    allow(shared_state, reason = "as it was recorded: the function itself fails once")
)]
async fn function_retry_after() -> WorkflowResult<u32> {
    let a = step!("a", 1).await?;
    if count("fn-retry-after") < 2 {
        return Err(StepError::msg("in a second").retry_after(Duration::from_secs(1)).into());
    }
    Ok(a)
}

#[workflow(name = "step-retry-after-date", event = "rec/step-retry-after-date", retries = 1)]
async fn step_retry_after_date() -> WorkflowResult<String> {
    Ok(step!(
        "later",
        match count("step-retry-after-date") {
            1 => Err(StepError::msg("at a date").retry_after(Duration::from_secs(1)))?,
            _ => "ok".to_owned(),
        }
    )
    .await?)
}

#[workflow(name = "retry-after-exhausted", event = "rec/retry-after-exhausted", retries = 0)]
async fn retry_after_exhausted() -> WorkflowResult<()> {
    Ok(step!("later", Err::<(), _>(StepError::msg("in an hour").retry_after(Duration::from_secs(3600)))?).await?)
}
