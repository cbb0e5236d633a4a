//! What a step's body yields: a value or a `Result`, whose error is serde or is not.
//!
//! Generated code calls a method on a wrapper of the value, and the value's type decides which of several methods of that name is meant: an
//! inherent one first, then one that takes the wrapper by value, then one that takes it by reference.

use std::error::Error;
use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::failure::Failure;

/// A body's value, to be told apart: a `Result` is a success or a failure, anything else a success.
///
/// A method call tries the `result`s below in this order, so the first that fits the value's type is taken.
#[derive(Debug)]
pub struct Value<V>(Option<V>);

/// Wraps a body's value.
pub fn value<V>(value: V) -> Value<V> {
    Value(Some(value))
}

impl<T> Value<Result<T, NoError>> {
    /// The value as it is. A body that ends in `Ok(..)` and says nothing of the error gets this one's error type.
    pub fn result(self) -> Result<T, NoError> {
        self.0.expect("a value is taken once")
    }
}

/// What [`Value::result`] is for `&str`, which passes for serde: it can be written down, and not be read back without a place
/// to stand in.
pub trait BorrowedValue {
    /// An error, with a value of the type that is expected.
    fn result<T>(self) -> Result<T, NoError>
    where
        Self: OwnsItsText;
}

impl BorrowedValue for Value<&str> {
    fn result<T>(self) -> Result<T, NoError>
    where
        Self: OwnsItsText,
    {
        crate::__private::never()
    }
}

/// What a `&str` does not.
#[diagnostic::on_unimplemented(
    message = "a step's result must survive a restart, and `&str` cannot be stored",
    label = "this step returns `&str`, which borrows its text",
    note = "return a `String`: `.to_owned()`"
)]
pub trait OwnsItsText {}

/// What [`Value::result`] is for a future, which does nothing unless somebody awaits it.
pub trait ForgottenFuture {
    /// An error, with a value of the type that is expected.
    fn result<T>(self) -> Result<T, NoError>
    where
        Self: IsAwaited;
}

impl<F: Future> ForgottenFuture for Value<F> {
    fn result<T>(self) -> Result<T, NoError>
    where
        Self: IsAwaited,
    {
        crate::__private::never()
    }
}

/// What a future is not that is the value of a body.
#[diagnostic::on_unimplemented(
    message = "this is a future that nobody awaits: what it stands for would never be done",
    label = "`.await` is missing behind it",
    note = "await it in the body: `charge(cents).await?`"
)]
pub trait IsAwaited {}

/// What [`Value::result`] is for any other `Result`.
pub trait FallibleValue<T, E> {
    /// The value as it is.
    fn result(self) -> Result<T, E>;
}

impl<T, E> FallibleValue<T, E> for Value<Result<T, E>> {
    fn result(self) -> Result<T, E> {
        self.0.expect("a value is taken once")
    }
}

/// What [`Value::result`] is for everything but a `Result`.
pub trait PlainValue<T> {
    /// The value as a success.
    fn result(&mut self) -> Result<T, NoError>;
}

impl<T> PlainValue<T> for Value<T> {
    fn result(&mut self) -> Result<T, NoError> {
        Ok(self.0.take().expect("a value is taken once"))
    }
}

/// What `?` may stand behind in a step.
#[diagnostic::on_unimplemented(
    message = "`?` in a step needs a `Result`, and this is `{Self}`",
    label = "`{Self}` has no error that could be recorded",
    note = "give an `Option` an error: `.ok_or(\"not found\")?`"
)]
pub trait Attempt {
    /// The value of a success.
    type Value;
    /// The error of a failure.
    type Error;

    /// The `Result`.
    fn into_result(self) -> Result<Self::Value, Self::Error>;
}

#[diagnostic::do_not_recommend]
impl<T, E> Attempt for Result<T, E> {
    type Value = T;
    type Error = E;

    fn into_result(self) -> Result<T, E> {
        self
    }
}

/// What a `?` in a step stands behind.
pub fn attempt<A: Attempt>(attempt: A) -> Result<A::Value, A::Error> {
    attempt.into_result()
}

/// The error of a body that has none.
#[derive(Debug)]
pub enum NoError {}

impl fmt::Display for NoError {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl Error for NoError {}

/// A body's error, to be told apart: one that is serde keeps its value.
///
/// As with [`Value`], the first `failure` that fits the error's type is taken.
#[derive(Debug)]
pub struct Failed<E>(Option<E>);

/// Wraps a body's error.
pub fn failed<E>(error: E) -> Failed<E> {
    Failed(Some(error))
}

impl<E> Failed<E> {
    fn take(&mut self) -> E {
        self.0.take().expect("an error is taken once")
    }
}

impl Failed<&str> {
    /// The text. It comes first because `&str` passes for serde, and can't be read back without a place to stand in.
    pub fn failure(mut self) -> Failure {
        Failure::msg(self.take())
    }
}

/// What [`Failed::failure`] is for errors that are serde, and of the standard library's kind.
pub trait CausedFailure {
    /// The error with its value and its causes.
    fn failure(self) -> Failure;
}

impl<E> CausedFailure for Failed<E>
where
    E: Error + Serialize + DeserializeOwned + Send + 'static,
{
    fn failure(mut self) -> Failure {
        let error = self.take();
        Failure::typed(&error).caused_by(error.source())
    }
}

/// What [`Failed::failure`] is for other errors that are serde.
pub trait TypedFailure {
    /// The error with its value.
    fn failure(&self) -> Failure;
}

impl<E> TypedFailure for Failed<E>
where
    E: fmt::Display + Serialize + DeserializeOwned + Send + 'static,
{
    fn failure(&self) -> Failure {
        Failure::typed(self.0.as_ref().expect("an error is taken once"))
    }
}

/// What [`Failed::failure`] is for all other errors.
pub trait UntypedFailure<E> {
    /// The error's text and causes.
    fn failure(&mut self) -> Failure
    where
        E: FailureSource;
}

impl<E> UntypedFailure<E> for Failed<E> {
    fn failure(&mut self) -> Failure
    where
        E: FailureSource,
    {
        self.take().into()
    }
}

/// An error that a step or a workflow may end with.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a step or a workflow",
    label = "this error has the type `{Self}`",
    note = "it must be `Send + 'static` and implement `std::error::Error` (or `Display` and serde's traits): `#[derive(Debug, thiserror::Error)]`, or turn it into a text: `.map_err(|error| StepError::msg(format!(\"{{error:?}}\")))`"
)]
pub trait FailureSource: Into<Failure> {}

#[diagnostic::do_not_recommend]
impl<E: Into<Failure>> FailureSource for E {}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Serialize, Deserialize)]
    struct Declined {
        limit: u32,
        #[serde(skip)]
        cause: Option<fmt::Error>,
    }

    impl fmt::Display for Declined {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("declined")
        }
    }

    impl Error for Declined {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.cause.as_ref().map(|cause| cause as &(dyn Error + 'static))
        }
    }

    #[test]
    fn an_error_that_is_serde_keeps_its_value_and_its_causes() {
        let failure = failed(Declined { limit: 7, cause: Some(fmt::Error) }).failure();
        assert_eq!(failure.downcast::<Declined>().map(|declined| declined.limit), Some(7));
        assert_eq!(failure.causes(), [fmt::Error.to_string()]);
    }

    #[test]
    fn a_value_that_is_no_error_of_the_standard_librarys_is_kept_too() {
        assert_eq!(failed(51).failure().downcast::<i32>(), Some(51));
        assert_eq!(failed("text".to_owned()).failure().downcast::<String>().as_deref(), Some("text"));
    }
}
