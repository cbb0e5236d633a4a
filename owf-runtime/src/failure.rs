//! An error as it is recorded: the same before and after a replay, under every driver.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{StepError, WorkflowError};
use crate::kernel::StepId;
use crate::value::Json;

/// The most causes that are kept of one error; deeper chains are cut.
pub(crate) const CAUSES_MAX: usize = 16;

/// What a failed step or workflow leaves behind.
///
/// The live error value is gone after a replay, so it is gone before one, too: what can be kept is its text, the
/// texts of its causes, and, for an error type that is serde, its value.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
// Boxed, because every `Result` of a step or a workflow carries its size.
pub struct Failure(Box<Content>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Content {
    message: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    causes: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    typed: Option<TypedError>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    fatal: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_after: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct TypedError {
    name: String,
    value: Json,
}

impl Failure {
    /// A failure with a text of its own.
    pub fn msg(message: impl fmt::Display) -> Failure {
        Failure(Box::new(Content {
            message: message.to_string(),
            causes: Vec::new(),
            typed: None,
            fatal: false,
            retry_after: None,
        }))
    }

    /// A failure that keeps the value of a serde error, so that [`downcast`](Failure::downcast) returns it.
    pub(crate) fn typed<E: fmt::Display + Serialize + 'static>(error: &E) -> Failure {
        if let Some(recorded) = (error as &dyn std::any::Any).downcast_ref::<Failure>() {
            return recorded.clone();
        }
        let mut failure = Failure::msg(error);
        match Json::encode(error) {
            Ok(value) => failure.0.typed = Some(TypedError { name: short_type_name::<E>(), value }),
            Err(problem) => failure.0.causes.push(format!("its value is not kept: {problem}")),
        }
        failure
    }

    fn of_error(error: &(dyn Error + 'static)) -> Failure {
        let failure = match StepError::find(error) {
            // What wraps a step's error has a text of its own; the rest is the step's.
            Some((_, inner)) => {
                let mut failure = inner.clone();
                (failure.0.message, failure.0.causes) = (error.to_string(), Vec::new());
                failure
            }
            None => Failure::msg(error),
        };
        failure.caused_by(error.source())
    }

    /// Adds the texts of an error's sources.
    pub(crate) fn caused_by(mut self, mut source: Option<&(dyn Error + 'static)>) -> Failure {
        while let Some(cause) = source
            && self.0.causes.len() < CAUSES_MAX
        {
            self.0.causes.push(cause.to_string());
            source = cause.source();
        }
        self
    }

    /// A failure, and the step that it is of if it is a step's error, or wraps one.
    pub(crate) fn of_boxed(error: Box<dyn Error + Send + Sync>) -> (Option<StepId>, Failure) {
        match error.downcast::<StepError>() {
            Ok(step) => (step.step().cloned(), step.into_failure()),
            Err(other) => {
                let step = StepError::find(&*other).and_then(|(step, _)| step.cloned());
                (step, Failure::of_error(&*other))
            }
        }
    }

    /// The error's text.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The texts of the error's sources, the nearest first.
    #[must_use]
    pub fn causes(&self) -> &[String] {
        &self.0.causes
    }

    /// Whether it must not be retried.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        self.0.fatal
    }

    /// How long to wait before the next attempt, where the error says so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The error's value, where it was an `E` and `E` is serde.
    ///
    /// The recorded type is compared by its name without modules, so a type that moved to another module is found.
    #[must_use]
    pub fn downcast<E: DeserializeOwned + 'static>(&self) -> Option<E> {
        let typed = self.0.typed.as_ref()?;
        if typed.name != short_type_name::<E>() {
            return None;
        }
        typed.value.decode().ok()
    }

    /// The name of the error's type, where its value is kept.
    #[cfg(feature = "inngest")]
    pub(crate) fn type_name(&self) -> Option<&str> {
        self.0.typed.as_ref().map(|typed| typed.name.as_str())
    }

    /// The error's value, where it is kept.
    #[cfg(feature = "inngest")]
    pub(crate) fn value(&self) -> Option<&Json> {
        self.0.typed.as_ref().map(|typed| &typed.value)
    }

    /// Keeps a value that was recorded elsewhere, under the name of its type there.
    #[cfg(feature = "inngest")]
    pub(crate) fn of_type(mut self, name: &str, value: Json) -> Failure {
        self.0.typed = Some(TypedError { name: name.to_owned(), value });
        self
    }

    /// Adds the texts of causes that were recorded elsewhere, the nearest first.
    #[cfg(feature = "inngest")]
    pub(crate) fn with_causes(mut self, causes: impl IntoIterator<Item = String>) -> Failure {
        self.0.causes.extend(causes);
        self.0.causes.truncate(CAUSES_MAX);
        self
    }

    pub(crate) fn into_fatal(mut self) -> Failure {
        self.0.fatal = true;
        self
    }

    pub(crate) fn with_retry_after(mut self, delay: Duration) -> Failure {
        self.0.retry_after = Some(delay);
        self
    }

    /// A body that panicked, told by what `catch_unwind` caught.
    pub(crate) fn panic(payload: &(dyn std::any::Any + Send)) -> Failure {
        let text = payload
            .downcast_ref::<&'static str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        match text {
            Some(text) => Failure::msg(format_args!("panicked: {text}")),
            None => Failure::msg("panicked"),
        }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        for cause in self.causes() {
            write!(f, "\n  caused by: {cause}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl<E> From<E> for Failure
where
    E: Into<Box<dyn Error + Send + Sync>>,
{
    fn from(error: E) -> Self {
        Failure::of_boxed(error.into()).1
    }
}

impl From<WorkflowError> for Failure {
    fn from(error: WorkflowError) -> Self {
        error.into_failure()
    }
}

/// The type's name without the modules before it, also within generics: `Declined`, `Vec<Item>`.
fn short_type_name<T: ?Sized>() -> String {
    let full = std::any::type_name::<T>();
    let mut short = String::with_capacity(full.len());
    let mut rest = full;
    while let Some(end) = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')) {
        short.push_str(last_segment(&rest[..end]));
        let width = rest[end..].chars().next().map_or(1, char::len_utf8);
        short.push_str(&rest[end..end + width]);
        rest = &rest[end + width..];
    }
    short.push_str(last_segment(rest));
    short
}

fn last_segment(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Declined {
        code: u32,
    }

    impl fmt::Display for Declined {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "declined with code {}", self.code)
        }
    }

    #[test]
    fn a_typed_error_survives_encoding() {
        let failure = Failure::typed(&Declined { code: 51 });
        let text = serde_json::to_string(&failure).expect("a failure is JSON");
        let back: Failure = serde_json::from_str(&text).expect("a failure reads back");
        assert_eq!(back, failure);
        assert_eq!(back.downcast::<Declined>(), Some(Declined { code: 51 }));
        assert_eq!(back.message(), "declined with code 51");
    }

    #[test]
    fn an_error_of_another_type_is_not_found() {
        assert_eq!(Failure::typed(&Declined { code: 51 }).downcast::<String>(), None);
    }

    #[test]
    fn the_causes_of_an_error_are_kept_in_order() {
        let inner = std::io::Error::other("disk on fire");
        let failure = Failure::from(std::io::Error::other(inner));
        assert_eq!(failure.message(), "disk on fire");
        let text = Failure::from("plain text");
        assert!(text.causes().is_empty());
    }

    #[test]
    fn modules_are_left_out_of_type_names() {
        assert_eq!(short_type_name::<Vec<Declined>>(), "Vec<Declined>");
        assert_eq!(
            short_type_name::<(u32, std::collections::BTreeMap<String, Declined>)>(),
            "(u32, BTreeMap<String, Declined>)"
        );
    }
}
