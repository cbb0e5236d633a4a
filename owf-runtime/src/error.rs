//! The errors that users meet: of a step and of a workflow here, of a run and of its driver in [`run`].

mod run;

pub use run::{DriverError, RunError, RunErrorReason};
use std::error::Error;
use std::fmt;
use std::time::Duration;

#[cfg(any(feature = "inngest", feature = "sqlite"))]
use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::failure::Failure;
use crate::kernel::StepId;
#[cfg(feature = "sqlite")]
use crate::value::{Json, JsonError};

/// What a workflow returns: `Result<T, WorkflowError>`.
pub type WorkflowResult<T> = Result<T, WorkflowError>;

/// The error of a step, as awaiting it returns it once its retries are used up.
///
/// Inside a step body it also says how to go on: [`StepError::fatal`] is not retried, and
/// [`retry_after`](StepError::retry_after) sets the wait before the next attempt.
#[derive(Clone, PartialEq, Eq)]
pub struct StepError(Cause);

/// What a step's error is caused by. It is the error's `source`, so that it is found within whatever wraps the error.
#[derive(Clone, PartialEq, Eq)]
struct Cause {
    failure: Failure,
    origin: Option<Origin>,
}

#[derive(Clone, PartialEq, Eq)]
struct Origin {
    step: StepId,
    attempts: u32,
}

impl StepError {
    /// An error with a text of its own, retried as the step's policy says.
    pub fn msg(message: impl fmt::Display) -> StepError {
        StepError(Cause { failure: Failure::msg(message), origin: None })
    }

    /// An error that is not retried, from a text or from any error.
    pub fn fatal(error: impl Into<Failure>) -> StepError {
        StepError(Cause { failure: error.into().into_fatal(), origin: None })
    }

    /// Takes a serde error whose value is to come back by [`downcast`](StepError::downcast).
    ///
    /// Only needed to add [`into_fatal`](StepError::into_fatal) or [`retry_after`](StepError::retry_after): a body that
    /// returns such an error as it is keeps its value anyway.
    pub fn typed<E: fmt::Display + Serialize + DeserializeOwned + Send + 'static>(error: E) -> StepError {
        StepError(Cause { failure: Failure::typed(&error), origin: None })
    }

    /// Marks the error as not to be retried.
    #[must_use]
    pub fn into_fatal(mut self) -> StepError {
        self.0.failure = self.0.failure.into_fatal();
        self
    }

    /// Sets how long to wait before the next attempt, in place of the policy's backoff.
    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> StepError {
        self.0.failure = self.0.failure.with_retry_after(delay);
        self
    }

    pub(crate) fn of_step(step: StepId, attempts: u32, failure: Failure) -> StepError {
        StepError(Cause { failure, origin: Some(Origin { step, attempts }) })
    }

    /// The step's error within a chain of errors, whatever wraps it.
    pub(crate) fn find<'e>(error: &'e (dyn Error + 'static)) -> Option<(Option<&'e StepId>, &'e Failure)> {
        let mut next = Some(error);
        while let Some(error) = next {
            let cause = error.downcast_ref::<StepError>().map(|step| &step.0).or_else(|| error.downcast_ref::<Cause>());
            if let Some(Cause { failure, origin }) = cause {
                return Some((origin.as_ref().map(|origin| &origin.step), failure));
            }
            next = error.source();
        }
        None
    }

    pub(crate) fn failure(&self) -> &Failure {
        &self.0.failure
    }

    pub(crate) fn into_failure(self) -> Failure {
        self.0.failure
    }

    /// The step that failed; `None` for an error that a step body has just made.
    #[must_use]
    pub fn step(&self) -> Option<&StepId> {
        self.0.origin.as_ref().map(|origin| &origin.step)
    }

    /// How often the step was attempted; 0 for an error that a step body has just made.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.origin.as_ref().map_or(0, |origin| origin.attempts)
    }

    /// The text of the error that the body returned.
    #[must_use]
    pub fn message(&self) -> &str {
        self.0.failure.message()
    }

    /// The texts of the error's sources, the nearest first.
    #[must_use]
    pub fn causes(&self) -> &[String] {
        self.0.failure.causes()
    }

    /// Whether it was marked as not to be retried.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        self.0.failure.is_fatal()
    }

    /// The value of the error that the body returned, where that was an `E` and `E` is serde.
    ///
    /// It is the same on a replay, in another process and under another driver.
    ///
    /// ```
    /// use owf_runtime::prelude::*;
    /// # use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Debug, Serialize, Deserialize)]
    /// struct Declined { limit: u32 }
    /// # impl std::fmt::Display for Declined {
    /// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "declined") }
    /// # }
    ///
    /// async fn charge(cents: u32) -> Result<u32, Declined> {
    ///     if cents > 5_000 { Err(Declined { limit: 5_000 }) } else { Ok(cents) }
    /// }
    ///
    /// #[workflow]
    /// async fn pay(cents: u32) -> WorkflowResult<u32> {
    ///     match step!("charge", retries = 0, charge(cents).await?).await {
    ///         Ok(paid) => Ok(paid),
    ///         Err(error) => match error.downcast::<Declined>() {
    ///             Some(Declined { limit }) => Ok(limit),
    ///             None => Err(error.into()),
    ///         },
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), RunError> {
    /// assert_eq!(WorkflowClient::new(InMemoryDriver::new()).invoke(pay, 9_900).await?, 5_000);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn downcast<E: DeserializeOwned + 'static>(&self) -> Option<E> {
        self.0.failure.downcast()
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cause { failure, origin } = &self.0;
        match origin {
            None => write!(f, "{failure}"),
            Some(Origin { step, attempts: 1 }) => write!(f, "step `{step}` failed: {failure}"),
            Some(Origin { step, attempts }) => write!(f, "step `{step}` failed after {attempts} attempts: {failure}"),
        }
    }
}

impl fmt::Debug for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        for cause in self.causes() {
            write!(f, "\n  caused by: {cause}")?;
        }
        Ok(())
    }
}

impl Error for StepError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.failure, f)
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.failure, f)
    }
}

impl Error for Cause {}

/// The error of a workflow: any error becomes one with `?`.
///
/// Like `anyhow::Error` it does not implement [`Error`] itself, so that `?` can convert everything that does
/// (and `anyhow::Error`, `Box<dyn Error + Send + Sync>`, `String` and `&str`).
#[derive(Clone, PartialEq, Eq)]
pub struct WorkflowError {
    failure: Failure,
    step: Option<StepId>,
    aftermath: Option<Box<Aftermath>>,
}

/// What else is known of how a run ended.
#[derive(Clone, Default, PartialEq, Eq)]
struct Aftermath {
    is_cancelled: bool,
    failed_undos: Vec<WorkflowError>,
}

impl WorkflowError {
    /// An error with a text of its own.
    pub fn msg(message: impl fmt::Display) -> WorkflowError {
        WorkflowError { failure: Failure::msg(message), step: None, aftermath: None }
    }

    /// An error after which the run is not retried, from a text or from any error.
    pub fn fatal(error: impl Into<Failure>) -> WorkflowError {
        WorkflowError { failure: error.into().into_fatal(), step: None, aftermath: None }
    }

    /// Sets how long to wait before the run is retried, in place of the policy's backoff.
    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> WorkflowError {
        self.failure = self.failure.with_retry_after(delay);
        self
    }

    pub(crate) fn of_failure(failure: Failure) -> WorkflowError {
        WorkflowError { failure, step: None, aftermath: None }
    }

    /// The end of a run that was cancelled, or took too long.
    pub(crate) fn cancelled(reason: String) -> WorkflowError {
        let aftermath = Aftermath { is_cancelled: true, failed_undos: Vec::new() };
        WorkflowError { failure: Failure::msg(reason).into_fatal(), step: None, aftermath: Some(Box::new(aftermath)) }
    }

    pub(crate) fn with_failed_undos(mut self, failed: Vec<WorkflowError>) -> WorkflowError {
        if !failed.is_empty() {
            self.aftermath.get_or_insert_default().failed_undos = failed;
        }
        self
    }

    /// Whether the run was cancelled, or took longer than `#[workflow(timeout = ..)]` allows; the message is the reason.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.aftermath.as_ref().is_some_and(|aftermath| aftermath.is_cancelled)
    }

    /// The errors of the undos and cleanups that failed for good when the run did not complete.
    ///
    /// ```
    /// use owf_runtime::prelude::*;
    ///
    /// #[workflow]
    /// async fn trip(days: u32) -> WorkflowResult<u32> {
    ///     let booking = step!("hotel", retries = 0, days, undo = |_| Err::<(), _>("the desk is closed")?).await?;
    ///     Err(WorkflowError::msg(format!("no flight for booking {booking}")))
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let client = WorkflowClient::new(InMemoryDriver::new());
    /// let error = client.invoke(trip, 7).await.unwrap_err();
    /// let failed = error.workflow_error().unwrap().failed_undos();
    /// assert_eq!(failed[0].step().unwrap(), "hotel:undo");
    /// assert_eq!(failed[0].message(), "the desk is closed");
    /// # }
    /// ```
    #[must_use]
    pub fn failed_undos(&self) -> &[WorkflowError] {
        self.aftermath.as_ref().map_or(&[], |aftermath| &aftermath.failed_undos)
    }

    pub(crate) fn into_failure(self) -> Failure {
        self.failure
    }

    /// The error as a store keeps it.
    #[cfg(feature = "sqlite")]
    pub(crate) fn to_json(&self) -> Json {
        Json::encode(&RecordedError::of(self)).unwrap_or_else(|_| Json::null())
    }

    /// Reads an error that a store has kept.
    #[cfg(feature = "sqlite")]
    pub(crate) fn from_json(json: &Json) -> Result<WorkflowError, JsonError> {
        json.decode::<RecordedError>().map(RecordedError::into_error)
    }

    /// The error as it is recorded.
    #[must_use]
    pub fn failure(&self) -> &Failure {
        &self.failure
    }

    /// The step whose error this is, where the workflow passed one on.
    #[must_use]
    pub fn step(&self) -> Option<&StepId> {
        self.step.as_ref()
    }

    /// The error's text.
    #[must_use]
    pub fn message(&self) -> &str {
        self.failure.message()
    }

    /// The value of the error, where it was an `E` and `E` is serde.
    #[must_use]
    pub fn downcast<E: DeserializeOwned + 'static>(&self) -> Option<E> {
        self.failure.downcast()
    }

    /// Whether running the workflow again could end otherwise: a recorded step error is returned on every replay.
    pub(crate) fn is_final(&self) -> bool {
        self.failure.is_fatal() || self.step.is_some()
    }
}

/// A [`WorkflowError`] as a store or a server keeps it.
#[cfg(any(feature = "inngest", feature = "sqlite"))]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RecordedError {
    error: Failure,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    step: Option<StepId>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    cancelled: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    failed_undos: Vec<RecordedError>,
}

#[cfg(any(feature = "inngest", feature = "sqlite"))]
impl RecordedError {
    pub(crate) fn of(error: &WorkflowError) -> RecordedError {
        RecordedError {
            error: error.failure.clone(),
            step: error.step.clone(),
            cancelled: error.is_cancelled(),
            failed_undos: error.failed_undos().iter().map(RecordedError::of).collect(),
        }
    }

    pub(crate) fn into_error(self) -> WorkflowError {
        let RecordedError { error: failure, step, cancelled: is_cancelled, failed_undos } = self;
        let failed_undos: Vec<_> = failed_undos.into_iter().map(RecordedError::into_error).collect();
        let aftermath = (is_cancelled || !failed_undos.is_empty()).then_some(Aftermath { is_cancelled, failed_undos });
        WorkflowError { failure, step, aftermath: aftermath.map(Box::new) }
    }
}

/// What a server keeps of how a run has ended, beside the error itself.
#[cfg(feature = "inngest")]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RecordedEnd {
    /// What the error says by itself, where undos have failed besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    step: Option<StepId>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    cancelled: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    failed_undos: Vec<RecordedError>,
}

#[cfg(feature = "inngest")]
impl RecordedEnd {
    /// `None` if the error itself says it all.
    pub(crate) fn of(error: &WorkflowError) -> Option<RecordedEnd> {
        let RecordedError { step, cancelled, failed_undos, .. } = RecordedError::of(error);
        let says_more = step.is_some() || cancelled || !failed_undos.is_empty();
        let message = (!failed_undos.is_empty()).then(|| error.message().to_owned());
        says_more.then_some(RecordedEnd { message, step, cancelled, failed_undos })
    }

    pub(crate) fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled
    }

    pub(crate) fn into_error(self, error: Failure) -> WorkflowError {
        let RecordedEnd { step, cancelled, failed_undos, .. } = self;
        RecordedError { error, step, cancelled, failed_undos }.into_error()
    }
}

impl fmt::Display for WorkflowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.step {
            Some(step) => write!(f, "step `{step}` failed: {}", self.failure)?,
            None => write!(f, "{}", self.failure)?,
        }
        match self.failed_undos() {
            [] => Ok(()),
            [one] => write!(f, " (and an undo failed: {one})"),
            [first, others @ ..] => write!(f, " (and {} undos failed, the first: {first})", others.len() + 1),
        }
    }
}

impl fmt::Debug for WorkflowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        for cause in self.failure.causes() {
            write!(f, "\n  caused by: {cause}")?;
        }
        Ok(())
    }
}

impl<E> From<E> for WorkflowError
where
    E: Into<Box<dyn Error + Send + Sync>>,
{
    fn from(error: E) -> Self {
        let (step, failure) = Failure::of_boxed(error.into());
        WorkflowError { failure, step, aftermath: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_step_error_is_final_for_the_run() {
        let step = StepError::of_step(StepId::new("charge"), 4, Failure::msg("declined"));
        assert_eq!(step.to_string(), "step `charge` failed after 4 attempts: declined");
        let error = WorkflowError::from(step);
        assert!(error.is_final());
        assert_eq!(error.to_string(), "step `charge` failed: declined");
        assert!(!WorkflowError::msg("out of stock").is_final());
    }

    #[test]
    fn texts_and_boxed_errors_convert() {
        let boxed: Box<dyn Error + Send + Sync> = "boxed".into();
        assert_eq!(WorkflowError::from(boxed).message(), "boxed");
        assert_eq!(WorkflowError::from("text").message(), "text");
        assert_eq!(WorkflowError::from(std::io::Error::other("io")).message(), "io");
    }

    /// As `anyhow::Error` does: it hides the type of what it wraps, and passes on its source.
    #[derive(Debug)]
    struct Wrapped(StepError);

    impl fmt::Display for Wrapped {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "wrapped: {}", self.0.message())
        }
    }

    impl Error for Wrapped {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.0.source()
        }
    }

    #[test]
    fn a_step_error_is_found_within_what_wraps_it() {
        let typed = StepError::of_step(StepId::new("charge"), 2, Failure::typed(&"51".to_owned()));
        let error = WorkflowError::from(Wrapped(typed));
        assert_eq!(error.step(), Some(&StepId::new("charge")));
        assert_eq!(error.message(), "wrapped: 51");
        assert_eq!(error.downcast::<String>(), Some("51".to_owned()));
        assert!(error.is_final());
        assert!(Failure::from(Wrapped(StepError::fatal("stolen"))).is_fatal());
    }

    #[test]
    fn a_fatal_step_error_stays_fatal_through_a_question_mark() {
        let failure = Failure::from(StepError::fatal("card stolen"));
        assert!(failure.is_fatal());
    }
}
