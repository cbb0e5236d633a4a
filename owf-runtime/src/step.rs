//! A step: an effect whose result is recorded under its ID.

use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::durable::{Await, Block, Durable, sealed::Sealed};
use crate::error::{StepError, WorkflowError};
use crate::failure::Failure;
use crate::host::BoxFuture;
#[cfg(feature = "testing")]
use crate::kernel::MemoResult;
use crate::kernel::{
    Backoff, BeginUndo, Handle, OperationSpec, Provided, Start, StepName, StepSpec, Turn, borrow_out, with_state,
};
use crate::value::{Codec, Json, JsonError, StepValue};

/// What stands between a step's ID and its body.
#[derive(Debug, Default)]
pub struct StepOptions {
    spec: StepSpec,
}

impl StepOptions {
    /// Nothing said: the workflow's defaults.
    #[must_use]
    pub fn new() -> StepOptions {
        StepOptions::default()
    }

    /// How often a failed attempt is followed by another.
    #[must_use]
    pub fn retries(mut self, retries: u32) -> StepOptions {
        self.spec.retries = Some(retries);
        self
    }

    /// The waits between attempts.
    #[must_use]
    pub fn backoff(mut self, backoff: impl Into<Backoff>) -> StepOptions {
        self.spec.backoff = Some(backoff.into());
        self
    }

    /// How long an attempt may take.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> StepOptions {
        self.spec.timeout = Some(timeout);
        self
    }

    /// The body writes to the driver's database, together with the step's result.
    #[cfg(feature = "sqlite")]
    pub(crate) fn transacts(mut self) -> StepOptions {
        self.spec.transacts = true;
        self
    }

    /// A value to show as the step's input; encoded only where the client keeps values.
    #[must_use]
    pub fn input<T: Serialize + ?Sized>(mut self, input: &T) -> StepOptions {
        if with_state(|state| state.keeps_values()).unwrap_or(false) {
            // The input is for people to read: what has no form in JSON is shown as absent.
            self.spec.input = Json::encode(input).ok();
        }
        self
    }
}

/// A step's body: makes a future for each attempt.
pub trait Body {
    /// What an attempt yields.
    type Value;
    /// An attempt.
    type Future: Future<Output = Result<Self::Value, Failure>>;

    /// Begins an attempt, with what the driver gives to it; `None` if the body was used up by the one before.
    fn begin(&mut self, provided: Option<Provided>) -> Option<Self::Future>;
}

/// A body that borrows from the workflow.
#[derive(Debug)]
pub struct Borrowing<F>(pub(crate) F);

impl<F, Fut, T> Body for Borrowing<F>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<T, Failure>>,
{
    type Value = T;
    type Future = Fut;

    fn begin(&mut self, _: Option<Provided>) -> Option<Fut> {
        Some((self.0)())
    }
}

/// A body that owns what it uses, and gives each attempt a clone of it.
#[derive(Debug)]
pub struct Cloning<F>(pub(crate) F);

impl<F, Fut, T> Body for Cloning<F>
where
    F: FnOnce() -> Fut + Clone,
    Fut: Future<Output = Result<T, Failure>>,
{
    type Value = T;
    type Future = Fut;

    fn begin(&mut self, _: Option<Provided>) -> Option<Fut> {
        Some(self.0.clone()())
    }
}

/// A body that owns what it uses, and gives it to its only attempt.
#[derive(Debug)]
pub struct Once<F>(pub(crate) Option<F>);

impl<F, Fut, T> Body for Once<F>
where
    F: FnOnce() -> Fut,
    Fut: Future<Output = Result<T, Failure>>,
{
    type Value = T;
    type Future = Fut;

    fn begin(&mut self, _: Option<Provided>) -> Option<Fut> {
        Some(self.0.take()?())
    }
}

/// A body that owns what it uses, and can be begun more than once. Its name is read in rustc's error about what is not `Clone`.
pub trait CloneForEachAttempt: Clone {}

impl<F: Clone> CloneForEachAttempt for F {}

pin_project_lite::pin_project! {
    #[project = Parts]
    /// A step that was made by `step!`: awaiting it yields `Result<T, StepError>`.
    #[must_use = "a step does nothing unless it is awaited: add `.await`"]
    pub struct Step<B: Body> {
        handle: Handle,
        body: B,
        codec: Codec<B::Value>,
        #[pin]
        attempt: Option<B::Future>,
        value: Option<B::Value>,
        encode: bool,
        span: tracing::Span,
        undo: Option<BeginUndo>,
        recorded: Option<Json>,
    }

    impl<B: Body> PinnedDrop for Step<B> {
        /// An attempt that is given up may have effects still: its destructors are user code.
        fn drop(this: Pin<&mut Self>) {
            if this.attempt.is_none() && this.undo.is_none() {
                return;
            }
            let mut this = this;
            let mut current = borrow_out();
            let Parts { handle, undo, recorded, .. } = this.as_mut().project();
            if let (Some(undo), Some(state)) = (undo.take(), current.state()) {
                // Its effect may be recorded, even if the workflow did not come to see it.
                state.register_dropped(handle, recorded.take(), undo);
            }
            this.give_up();
        }
    }
}

#[track_caller]
pub(crate) fn new_step<'n, B>(name: StepName<'n>, options: StepOptions, body: B) -> Step<B>
where
    B: Body<Value: StepValue>,
{
    new_step_at(&name.0, options.spec, body, Location::caller())
}

fn new_step_at<B>(name: &str, spec: StepSpec, body: B, location: &'static Location<'static>) -> Step<B>
where
    B: Body<Value: StepValue>,
{
    Step {
        handle: Handle::new(name, location, OperationSpec::Step(spec)),
        body,
        codec: Codec::new(),
        attempt: None,
        value: None,
        encode: false,
        span: tracing::Span::none(),
        undo: None,
        recorded: None,
    }
}

impl<B: Body> Sealed for Step<B> {}

#[diagnostic::do_not_recommend]
impl<B: Body> Durable for Step<B> {
    type Output = Result<B::Value, StepError>;

    fn poll_durable(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // The body's code, a driver's and a value's must find no workflow around them.
        let mut current = borrow_out();
        let Some(state) = current.state() else { return Poll::Pending };
        loop {
            let result = match state.poll(self.as_mut().project().handle, cx.waker()) {
                Turn::Pending => return Poll::Pending,
                Turn::Recorded(json) => match (self.codec.decode)(&json) {
                    Ok(value) => {
                        let Parts { handle, undo, .. } = self.as_mut().project();
                        if let Some(undo) = undo.take() {
                            state.register_undo(handle, json, undo);
                        }
                        return Poll::Ready(Ok(value));
                    }
                    Err(problem) => {
                        state.undecodable(&self.handle, problem);
                        return Poll::Pending;
                    }
                },
                Turn::Failed(error) => return Poll::Ready(Err(error)),
                Turn::Live => {
                    let Parts { handle, value, undo, recorded, .. } = self.as_mut().project();
                    if let (Some(undo), Some(recorded)) = (undo.take(), recorded.take()) {
                        state.register_undo(handle, recorded, undo);
                    }
                    let Some(value) = value.take() else { return Poll::Pending };
                    return Poll::Ready(Ok(value));
                }
                Turn::TimedOut(timeout) => {
                    self.as_mut().give_up();
                    Err(Failure::msg(format_args!("timed out after {timeout:?}")))
                }
                Turn::Start(start) => match self.as_mut().begin(start) {
                    Some(mocked) => mocked,
                    None => ready!(self.as_mut().poll_body(cx)),
                },
                Turn::Poll => ready!(self.as_mut().poll_body(cx)),
                // Only what arrives is taken.
                Turn::Take(_) => return Poll::Pending,
            };
            let result = result.and_then(|value| self.as_mut().keep(value));
            *self.as_mut().project().span = tracing::Span::none();
            if !state.end(&self.handle, result) {
                return Poll::Pending;
            }
        }
    }
}

impl<B: Body> Step<B> {
    /// Begins an attempt; what stands in its place, if anything does.
    fn begin(self: Pin<&mut Self>, start: Start) -> Option<Result<B::Value, Failure>> {
        let mut this = self.project();
        (*this.span, *this.encode) = (start.span, start.encode);
        #[cfg(feature = "testing")]
        if let Some(mocked) = start.mocked {
            let unfit = |problem| Failure::msg(format_args!("its mock does not fit: {problem}")).into_fatal();
            return Some(match mocked {
                MemoResult::Value(json) => (this.codec.decode)(&json).map_err(unfit),
                MemoResult::Error(failure) => Err(failure),
            });
        }
        this.attempt.set(this.body.begin(start.provided));
        None
    }

    /// Polls the attempt; a panic in it fails it.
    fn poll_body(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<B::Value, Failure>> {
        let mut this = self.as_mut().project();
        let span = &*this.span;
        let poll = || {
            let Some(attempt) = this.attempt.as_mut().as_pin_mut() else {
                return Poll::Ready(Err(Failure::msg("its body was used up by the attempt before").into_fatal()));
            };
            let ended = ready!(span.in_scope(|| attempt.poll(cx)));
            // The future goes before its result is seen, as at the end of an `.await`.
            this.attempt.set(None);
            Poll::Ready(ended)
        };
        match catch_unwind(AssertUnwindSafe(poll)) {
            Ok(polled) => polled,
            Err(payload) => {
                self.give_up();
                Poll::Ready(Err(Failure::panic(&*payload)))
            }
        }
    }

    /// Drops an attempt that did not end by itself.
    fn give_up(self: Pin<&mut Self>) {
        let mut this = self.project();
        // Its destructors are user code, too; the attempt has failed whether they panic or not.
        let _ = catch_unwind(AssertUnwindSafe(|| this.attempt.set(None)));
    }

    /// Keeps the value for the workflow, and encodes it where the driver wants it.
    fn keep(self: Pin<&mut Self>, value: B::Value) -> Result<Option<Json>, Failure> {
        let this = self.project();
        let json = if *this.encode || this.undo.is_some() {
            let encode = || (this.codec.encode)(&value);
            let encoded = catch_unwind(AssertUnwindSafe(encode)).map_err(|payload| Failure::panic(&*payload))?;
            let unstorable = |problem| Failure::msg(format_args!("its result cannot be stored: {problem}"));
            let json = encoded.map_err(|problem| unstorable(problem).into_fatal())?;
            tracing::trace!(target: "owf", parent: &*this.span, output = json.as_str(), "step ended");
            Some(json)
        } else {
            None
        };
        *this.value = Some(value);
        if this.undo.is_some() {
            this.recorded.clone_from(&json);
        }
        Ok(json.filter(|_| *this.encode))
    }
}

impl<B: Body<Value: StepValue>> Step<B> {
    /// Registers what undoes the step, should the run not complete: a step of its own, `hotel:undo`, with the options of this one.
    pub fn undo<F, Fut, T>(self, undo: F) -> Self
    where
        F: Fn(B::Value) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, Failure>> + Send + 'static,
        T: 'static,
    {
        let decode = self.codec.decode;
        self.undone_by(false, move |value| Undo { undo, value, decode })
    }

    /// Registers a body that undoes the step, made of the recorded value.
    pub(crate) fn undone_by<U>(mut self, transacts: bool, undo: impl FnOnce(Json) -> U + Send + 'static) -> Self
    where
        U: Body<Value = (), Future: Send> + Send + 'static,
    {
        #[cfg(feature = "testing")]
        self.handle.note_undo();
        let spec = StepSpec { transacts, ..self.handle.step_spec() };
        let location = self.handle.location();
        self.undo = Some(Box::new(move |id, value| {
            let step = new_step_at(&format!("{id}:undo"), spec, undo(value.clone()), location);
            Box::pin(Block::new(async move { Await::new(step).await.map_err(WorkflowError::from) }))
        }));
        self
    }

    /// What reads a recorded value.
    #[cfg(feature = "sqlite")]
    pub(crate) fn decode(&self) -> fn(&Json) -> Result<B::Value, JsonError> {
        self.codec.decode
    }
}

/// The body of a step that undoes another, from what that one returned.
struct Undo<F, T> {
    undo: F,
    value: Json,
    decode: fn(&Json) -> Result<T, JsonError>,
}

impl<F, Fut, T, U> Body for Undo<F, T>
where
    F: Fn(T) -> Fut,
    Fut: Future<Output = Result<U, Failure>> + Send + 'static,
    U: 'static,
{
    type Value = ();
    type Future = BoxFuture<'static, Result<(), Failure>>;

    fn begin(&mut self, _: Option<Provided>) -> Option<Self::Future> {
        let undoing = (self.decode)(&self.value).map(&self.undo);
        Some(Box::pin(async move {
            // What it yields is nobody's concern.
            undoing.map_err(|problem| Failure::msg(problem).into_fatal())?.await.map(drop)
        }))
    }
}

impl<B: Body> fmt::Debug for Step<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Step").finish_non_exhaustive()
    }
}

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

impl std::error::Error for NoError {}

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

/// What [`Failed::failure`] is for errors that are serde.
pub trait TypedFailure {
    /// The error with its value.
    fn failure(self) -> Failure;
}

impl<E> TypedFailure for Failed<E>
where
    E: fmt::Display + Serialize + DeserializeOwned + Send + 'static,
{
    fn failure(mut self) -> Failure {
        Failure::typed(&self.take())
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
    note = "it must be `Send + 'static` and implement `std::error::Error` (or `Display` and serde's traits): `#[derive(Debug, thiserror::Error)]`, or turn it into a text with `.map_err(StepError::msg)`"
)]
pub trait FailureSource: Into<Failure> {}

#[diagnostic::do_not_recommend]
impl<E: Into<Failure>> FailureSource for E {}
