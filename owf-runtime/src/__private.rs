//! All that generated code names. Not for users: it changes without notice.

use std::future::{Future, Ready, ready};

pub use crate::__with_sqlite as with_sqlite;
use crate::child::Invoke;
pub use crate::cron::{Scheduler, Schedules, assert_scheduled, assert_scheduler};
use crate::durable::{Await, BoxDurable, Durable};
pub use crate::durable::{Awaited, Block, DurableEffect, Effect, Effected, NoEffect, NoFuture, PlainFuture};
use crate::error::WorkflowError;
pub use crate::failure::Failure;
pub use crate::kept::{Captured, KeepValue};
use crate::kernel::IntoStepName;
pub use crate::parallel::{
    Race1, Race2, Race3, Race4, Race5, Race6, Race7, Race8, Race9, Race10, Race11, Race12, boxed_durable, join, race,
    race_same,
};
pub use crate::probe::{
    Callee, Clock, Environment, Files, Fine, Harmless, Kept, ListedCallee, NoClock, NoEnvironment, NoFiles, NoThread,
    Probe, SameAddresses, SameFiles, SameOnReplay, SameOrder, SameText, SameTime, Thread, UnlistedCallee,
    WithOneArgument, WithoutArguments,
};
pub use crate::step::outcome::{
    Attempt, BorrowedValue, CausedFailure, Failed, FallibleValue, ForgottenFuture, NoError, PlainValue, TypedFailure,
    UntypedFailure, Value, attempt, failed, value,
};
pub use crate::step::{Attempted, AwaitedStep, Step, StepOptions};
use crate::step::{CloneForEachAttempt, new_step};
#[cfg(feature = "sqlite")]
pub use crate::transaction::Transacting;
#[cfg(feature = "sqlite")]
use crate::transaction::begin;
use crate::value::StepValue;
use crate::workflow::Workflow;
#[cfg(feature = "sqlite")]
pub use rusqlite::Connection;
pub use tokio::time::Instant as TokioInstant;

/// An `.await` in a workflow: `durable(expression).operation().await`.
pub fn durable<D: Durable>(durable: D) -> Awaited<D> {
    Awaited(durable)
}

/// An `.await` of a step where it is made.
pub fn awaited<'a, F, Fut, T>(step: Step<T, F, Fut>) -> AwaitedStep<'a, T>
where
    F: Send + 'a,
    Fut: Future<Output = Result<T, Failure>> + Send + 'a,
    T: StepValue,
{
    AwaitedStep::new(step)
}

/// An `.await` in a step: `effect(expression).effect().await`.
pub fn effect<F: Effect>(future: F) -> Effected<F> {
    Effected(future)
}

/// An `async` block in a workflow.
pub fn block<F: Future>(future: F) -> Block<F> {
    Block::new(future)
}

/// The body of a `#[durable]` function that calls itself.
pub fn boxed<'a, F: Future + Send + 'a>(future: F) -> BoxDurable<'a, F::Output> {
    Box::pin(Block::new(future))
}

/// A step whose body borrows.
#[track_caller]
pub fn step<'n, F, Fut, T>(id: impl IntoStepName<'n>, options: StepOptions, body: F) -> Step<T, F, Fut>
where
    F: Fn() -> Fut,
    // `Send` is asked here and not only of the whole workflow, so that the error is at the step.
    Fut: Future<Output = Result<T, Failure>> + Send,
    T: StepValue,
{
    new_step(id.into_step_name(), options, body, |body, _| Some(body()))
}

/// [`step`] whose body waits for nothing.
#[track_caller]
pub fn sync_step<'n, F, T>(
    id: impl IntoStepName<'n>,
    options: StepOptions,
    body: F,
) -> Step<T, F, Ready<Result<T, Failure>>>
where
    F: Fn() -> Result<T, Failure>,
    T: StepValue,
{
    new_step(id.into_step_name(), options, body, |body, _| Some(ready(body())))
}

/// A step whose body is a future and a `?`.
pub type FutureStep<T, F, Fut, E> = Step<T, (F, fn(E) -> Failure), Attempted<Fut, E>>;

/// [`step`] whose body is a future and a `?`. What the future borrows is the workflow's, and nothing of the body's own.
#[track_caller]
pub fn future_step<'n, F, Fut, T, E>(
    id: impl IntoStepName<'n>,
    options: StepOptions,
    body: F,
    failure: fn(E) -> Failure,
) -> FutureStep<T, F, Fut, E>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<T, E>> + Send,
    T: StepValue,
{
    new_step(id.into_step_name(), options, (body, failure), |(body, failure), _| Some(Attempted::new(body(), *failure)))
}

/// [`step`] without options that is awaited where it is made: most steps are of this kind.
#[track_caller]
pub fn awaited_step<'a, 'n, F, Fut, T>(id: impl IntoStepName<'n>, body: F) -> AwaitedStep<'a, T>
where
    F: Fn() -> Fut + Send + 'a,
    Fut: Future<Output = Result<T, Failure>> + Send + 'a,
    T: StepValue,
{
    AwaitedStep::new(step(id, StepOptions::new(), body))
}

/// [`sync_step`] without options that is awaited where it is made.
#[track_caller]
pub fn awaited_sync_step<'a, 'n, F, T>(id: impl IntoStepName<'n>, body: F) -> AwaitedStep<'a, T>
where
    F: Fn() -> Result<T, Failure> + Send + 'a,
    T: StepValue,
{
    AwaitedStep::new(sync_step(id, StepOptions::new(), body))
}

/// [`future_step`] without options that is awaited where it is made.
#[track_caller]
pub fn awaited_future_step<'a, 'n, F, Fut, T, E>(
    id: impl IntoStepName<'n>,
    body: F,
    failure: fn(E) -> Failure,
) -> AwaitedStep<'a, T>
where
    F: Fn() -> Fut + Send + 'a,
    Fut: Future<Output = Result<T, E>> + Send + 'a,
    T: StepValue,
    E: 'a,
{
    AwaitedStep::new(future_step(id, StepOptions::new(), body, failure))
}

/// A step whose body owns what it uses, and is begun with a clone of it.
#[track_caller]
pub fn owned_step<'n, F, Fut, T>(id: impl IntoStepName<'n>, options: StepOptions, body: F) -> Step<T, F, Fut>
where
    F: FnOnce() -> Fut + CloneForEachAttempt,
    Fut: Future<Output = Result<T, Failure>> + Send,
    T: StepValue,
{
    new_step(id.into_step_name(), options, body, |body, _| Some(body.clone()()))
}

/// A step whose body owns what it uses, and is begun once.
#[track_caller]
pub fn single_step<'n, F, Fut, T>(id: impl IntoStepName<'n>, options: StepOptions, body: F) -> Step<T, Option<F>, Fut>
where
    F: FnOnce() -> Fut,
    Fut: Future<Output = Result<T, Failure>> + Send,
    T: StepValue,
{
    new_step(id.into_step_name(), options, Some(body), |body, _| Some(body.take()?()))
}

/// A step whose body is a transaction on the driver's database.
#[cfg(feature = "sqlite")]
#[track_caller]
pub fn transaction<'n, F, T>(id: impl IntoStepName<'n>, options: StepOptions, body: F) -> Step<T, F, Transacting<T>>
where
    F: FnOnce(&Connection) -> Result<T, Failure> + Clone + Send + 'static,
    T: StepValue + Send,
{
    new_step(id.into_step_name(), options.transacts(), body, |body, provided| Some(begin(provided, body.clone())))
}

/// A step inside a step, which is an error of the macro: it has the type that it would have outside.
pub async fn nested_step<'n, F, Fut, T>(
    _: impl IntoStepName<'n>,
    _: StepOptions,
    _: F,
) -> Result<T, crate::error::StepError>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<T, Failure>>,
{
    never()
}

/// An `.await` in a closure, which is an error of the macro: it has the type that it would have outside.
pub fn misplaced_await<D: Durable>(_: D) -> D::Output {
    never()
}

/// An `.await?` in a closure, which is an error of the macro: it has the type that it would have outside.
pub fn misplaced_try<D: Durable<Output = Result<T, E>>, T, E>(_: D) -> T {
    never()
}

/// An operation that ought to be awaited, which is an error of the macro: a value of any type.
pub fn misplaced_value<D: Durable, T>(_: D) -> T {
    never()
}

/// An operand of `join!` that is awaited with `?`, which is an error of the macro: an operation with that value.
pub fn misplaced_operand<D: Durable<Output = Result<T, E>>, T, E>(_: D) -> Block<std::future::Pending<T>> {
    never()
}

/// A workflow that is called, which is an error of the macro: what it is where it is invoked.
pub fn called_workflow<W: Workflow>(_: W, _: W::Input) -> Invoke<W> {
    never()
}

/// `workflow(input).await`, which is an error of the macro.
pub fn called_workflow_await<W: Workflow>(_: W, _: W::Input) -> Result<W::Output, WorkflowError> {
    never()
}

/// `workflow(input).await?`, which is an error of the macro.
pub fn called_workflow_try<W: Workflow>(_: W, _: W::Input) -> W::Output {
    never()
}

/// An `.await` in a transaction, which is an error of the macro: it has the type that it would have in a step.
pub fn misplaced_effect<F: Future>(_: F) -> F::Output {
    never()
}

/// An `.await` of a combinator in a step, which is an error of the macro: it has the type that it would have outside.
pub fn misplaced_durable<D: Durable>(durable: D) -> Await<D> {
    Await::new(durable)
}

/// A step that changes a variable of the workflow, which is an error of the macro: it may do so here.
pub fn mutating_step<'n, Fut, T>(
    _: impl IntoStepName<'n>,
    _: StepOptions,
    body: Fut,
) -> Block<impl Future<Output = Result<T, crate::error::StepError>>>
where
    Fut: Future<Output = Result<T, Failure>>,
{
    block(async move { body.await.map_err(|_| never()) })
}

/// An `.await` of such a step where it is made.
pub fn awaited_mutating<D: Durable>(step: D) -> Await<D> {
    Await::new(step)
}

/// A value of any type, in code that is never reached.
pub fn never<T>() -> T {
    unreachable!("generated code that only the type checker reads")
}

/// What a workflow returns when it is declared with a `Result`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `Result`",
    label = "declared as what this workflow returns",
    note = "a workflow returns `Result<T, E>`, `WorkflowResult<T>`, or a plain `T` whose name does not end in `Result`"
)]
pub trait WorkflowReturn {
    /// The value of a success.
    type Output;
    /// The error of a failure.
    type Error;

    /// The value as a `Result`.
    fn into_result(self) -> Result<Self::Output, Self::Error>;
}

impl<T, E> WorkflowReturn for Result<T, E> {
    type Output = T;
    type Error = E;

    fn into_result(self) -> Result<T, E> {
        self
    }
}

/// A workflow whose error is a [`WorkflowError`].
pub fn run<F, T>(body: F) -> BoxDurable<'static, Result<T, WorkflowError>>
where
    F: Future<Output = Result<T, WorkflowError>> + Send + 'static,
{
    Box::pin(Block::new(body))
}

/// A workflow with a `Result`, whose error becomes a [`WorkflowError`] by `error`.
pub fn run_fallible<F>(
    body: F,
    error: fn(<F::Output as WorkflowReturn>::Error) -> WorkflowError,
) -> BoxDurable<'static, Result<<F::Output as WorkflowReturn>::Output, WorkflowError>>
where
    F: Future<Output: WorkflowReturn> + Send + 'static,
{
    Box::pin(Block::new(async move { body.await.into_result().map_err(error) }))
}

/// A workflow without a `Result`.
pub fn run_plain<F>(body: F) -> BoxDurable<'static, Result<F::Output, WorkflowError>>
where
    F: Future + Send + 'static,
{
    Box::pin(Block::new(async move { Ok(body.await) }))
}

/// A workflow's error, to be told apart: one that is serde keeps its value.
///
/// As with [`Value`], the first `error` that fits the error's type is taken.
#[derive(Debug)]
pub struct Returned<E>(Option<E>);

/// Wraps a workflow's error.
pub fn returned<E>(error: E) -> Returned<E> {
    Returned(Some(error))
}

impl<E> Returned<E> {
    fn take(&mut self) -> E {
        self.0.take().expect("an error is taken once")
    }
}

impl Returned<WorkflowError> {
    /// The error as it is.
    pub fn error(mut self) -> WorkflowError {
        self.take()
    }
}

impl Returned<&str> {
    /// The text. It comes first because `&str` passes for serde, and can't be read back without a place to stand in.
    pub fn error(mut self) -> WorkflowError {
        WorkflowError::of_failure(Failure::msg(self.take()))
    }
}

/// What [`Returned::error`] is for errors that are serde.
pub trait TypedReturn {
    /// The error with its value.
    fn error(self) -> WorkflowError;
}

impl<E> TypedReturn for Returned<E>
where
    E: std::fmt::Display + serde::Serialize + serde::de::DeserializeOwned + Send + 'static,
{
    fn error(mut self) -> WorkflowError {
        WorkflowError::of_failure(failed(self.take()).failure())
    }
}

/// What [`Returned::error`] is for all other errors.
pub trait UntypedReturn<E> {
    /// The error's text and causes.
    fn error(&mut self) -> WorkflowError
    where
        E: ReturnedSource;
}

impl<E> UntypedReturn<E> for Returned<E> {
    fn error(&mut self) -> WorkflowError
    where
        E: ReturnedSource,
    {
        self.take().into()
    }
}

/// Accepts a workflow's version, when the workflow is compiled.
#[track_caller]
pub const fn assert_version(version: u32) {
    assert!(version > 0, "versions are whole numbers from 1, and this is 0");
}

/// An error that a workflow may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a workflow",
    label = "this workflow's error has the type `{Self}`",
    note = "it must be `Send + 'static` and implement `std::error::Error` (or `Display` and serde's traits): `#[derive(Debug, thiserror::Error)]`, or return `WorkflowResult<T>`"
)]
pub trait ReturnedSource: Into<WorkflowError> {}

#[diagnostic::do_not_recommend]
impl<E: Into<WorkflowError>> ReturnedSource for E {}

/// Finds out whether a return type that is not written as a `Result` is one all the same.
#[derive(Debug)]
pub struct Plain<T>(pub std::marker::PhantomData<fn() -> T>);

impl<T, E> Plain<Result<T, E>> {
    /// It is.
    pub fn verdict(&self) -> AliasOfResult {
        AliasOfResult
    }
}

/// What [`Plain::verdict`] is for everything but a `Result`.
pub trait NotAResult {
    /// It is not.
    fn verdict(&self) -> PlainType {
        PlainType
    }
}

impl<T> NotAResult for Plain<T> {}

/// A return type that hides a `Result`.
#[derive(Debug)]
pub struct AliasOfResult;

/// A return type that is no `Result`.
#[derive(Debug)]
pub struct PlainType;

/// A return type that is what it looks like.
#[diagnostic::on_unimplemented(
    message = "the return type of this workflow is another name of a `Result`",
    label = "write the `Result` out here: `Result<T, E>` or `WorkflowResult<T>`"
)]
pub trait IsPlain {}

impl IsPlain for PlainType {}

/// Accepts a return type that is what it looks like.
pub fn assert_plain<V: IsPlain>(_: V) {}
