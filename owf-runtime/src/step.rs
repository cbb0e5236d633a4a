//! A step: an effect whose result is recorded under its ID.

pub(crate) mod outcome;

use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use serde::Serialize;

use crate::durable::{Await, Block, BoxDurable, Durable, sealed::Sealed};
use crate::error::{StepError, WorkflowError};
use crate::failure::Failure;
use crate::host::BoxFuture;
#[cfg(feature = "testing")]
use crate::kernel::MemoResult;
use crate::kernel::{
    Backoff, BeginUndo, Handle, OperationSpec, Provided, Start, State, StepName, StepSpec, Turn, borrow_out, with_state,
};
use crate::value::{Codec, Json, JsonError, StepValue};

/// What stands between a step's ID and its body.
#[derive(Debug, Default)]
pub struct StepOptions {
    /// `None` where nothing is said, as of most steps: they are moved to where they are awaited, and what they say with them.
    spec: Option<Box<StepSpec>>,
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
        self.spec.get_or_insert_default().retries = Some(retries);
        self
    }

    /// The waits between attempts.
    #[must_use]
    pub fn backoff(mut self, backoff: impl Into<Backoff>) -> StepOptions {
        self.spec.get_or_insert_default().backoff = Some(backoff.into());
        self
    }

    /// How long an attempt may take.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> StepOptions {
        self.spec.get_or_insert_default().timeout = Some(timeout);
        self
    }

    /// The body writes to the driver's database, together with the step's result.
    #[cfg(feature = "sqlite")]
    pub(crate) fn transacts(mut self) -> StepOptions {
        self.spec.get_or_insert_default().transacts = true;
        self
    }

    /// A value to show as the step's input; encoded only where the client keeps values.
    #[must_use]
    pub fn input<T: Serialize + ?Sized>(mut self, input: &T) -> StepOptions {
        if with_state(|state| state.keeps_values()).unwrap_or(false) {
            // The input is for people to read: what has no form in JSON is shown as absent.
            self.spec.get_or_insert_default().input = Json::encode(input).ok();
        }
        self
    }
}

/// A body that owns what it uses, and can be begun more than once. Its name is read in rustc's error about what is not `Clone`.
pub trait CloneForEachAttempt: Clone {}

impl<F: Clone> CloneForEachAttempt for F {}

pin_project_lite::pin_project! {
    #[project = Parts]
    /// A step that was made by `step!`: awaiting it yields `Result<T, StepError>`.
    ///
    /// `F` is its body, and `Fut` an attempt. They are spelled out, and how an attempt begins is a function pointer, because rustc proves much
    /// of each step, and traits with associated types would make it prove that several times.
    #[must_use = "a step does nothing unless it is awaited: add `.await`"]
    pub struct Step<T, F, Fut> {
        handle: Handle,
        body: F,
        begin: Begin<F, Fut>,
        codec: Codec<T>,
        #[pin]
        attempt: Option<Fut>,
        value: Option<T>,
        encode: bool,
        span: tracing::Span,
        undo: Option<Box<Undoable>>,
    }

    impl<T, F, Fut> PinnedDrop for Step<T, F, Fut> {
        /// An attempt that is given up may have effects still: its destructors are user code.
        fn drop(this: Pin<&mut Self>) {
            if this.attempt.is_none() && this.undo.is_none() {
                return;
            }
            let mut this = this;
            let mut current = borrow_out();
            let Parts { handle, undo, .. } = this.as_mut().project();
            if let (Some(undo), Some(state)) = (undo.take(), current.state()) {
                // Its effect may be recorded, even if the workflow did not come to see it.
                state.register_dropped(handle, undo.value, undo.begin);
            }
            this.give_up();
        }
    }
}

/// The recorded value of a step.
fn recorded<T>(
    state: &mut State,
    handle: &Handle,
    codec: &Codec<T>,
    undo: &mut Option<Box<Undoable>>,
) -> Poll<Result<T, StepError>> {
    let Some(json) = state.recorded_value(handle) else { return Poll::Pending };
    match (codec.decode)(json) {
        Ok(value) => {
            if let Some(undo) = undo.take() {
                let json = json.clone();
                state.register_undo(handle, json, undo.begin);
            }
            Poll::Ready(Ok(value))
        }
        Err(problem) => {
            state.undecodable(handle, problem);
            Poll::Pending
        }
    }
}

/// Begins an attempt, with what the driver gives to it; `None` if the body was used up by the one before.
type Begin<F, Fut> = fn(&mut F, Option<Provided>) -> Option<Fut>;

#[track_caller]
pub(crate) fn new_step<T: StepValue, F, Fut>(
    name: StepName<'_>,
    options: StepOptions,
    body: F,
    begin: Begin<F, Fut>,
) -> Step<T, F, Fut> {
    new_step_at(&name.0, options.spec, Location::caller(), body, begin)
}

fn new_step_at<T: StepValue, F, Fut>(
    name: &str,
    spec: Option<Box<StepSpec>>,
    location: &'static Location<'static>,
    body: F,
    begin: Begin<F, Fut>,
) -> Step<T, F, Fut> {
    Step {
        handle: Handle::new(name, location, OperationSpec::Step(spec)),
        body,
        begin,
        codec: Codec::new(),
        attempt: None,
        value: None,
        encode: false,
        span: tracing::Span::none(),
        undo: None,
    }
}

impl<T, F, Fut> Sealed for Step<T, F, Fut> {}

#[diagnostic::do_not_recommend]
impl<T, F, Fut> Durable for Step<T, F, Fut>
where
    Fut: Future<Output = Result<T, Failure>>,
{
    type Output = Result<T, StepError>;

    fn poll_durable(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // The body's code, a driver's and a value's must find no workflow around them.
        let mut current = borrow_out();
        let Some(state) = current.state() else { return Poll::Pending };
        loop {
            let result = match state.poll(self.as_mut().project().handle, cx.waker()) {
                Turn::Pending => return Poll::Pending,
                Turn::Recorded => {
                    let Parts { handle, codec, undo, .. } = self.as_mut().project();
                    return recorded(state, handle, codec, undo);
                }
                Turn::Failed(error) => return Poll::Ready(Err(error)),
                Turn::Live => {
                    let Parts { handle, value, undo, .. } = self.as_mut().project();
                    if let Some(undo) = undo.take()
                        && let Some(recorded) = undo.value
                    {
                        state.register_undo(handle, recorded, undo.begin);
                    }
                    let Some(value) = value.take() else { return Poll::Pending };
                    return Poll::Ready(Ok(value));
                }
                Turn::TimedOut(timeout) => {
                    self.as_mut().give_up();
                    Err(Failure::msg(format_args!("timed out after {timeout:?}")))
                }
                Turn::Start(start) => ready!(self.as_mut().begin(start, cx)),
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

impl<T, F, Fut> Step<T, F, Fut>
where
    Fut: Future<Output = Result<T, Failure>>,
{
    /// Begins an attempt; a body that does not wait ends with it.
    fn begin(mut self: Pin<&mut Self>, start: Start, cx: &mut Context<'_>) -> Poll<Result<T, Failure>> {
        let mut this = self.as_mut().project();
        (*this.span, *this.encode) = (start.span, start.encode);
        #[cfg(feature = "testing")]
        if let Some(mocked) = start.mocked {
            let unfit = |problem| Failure::msg(format_args!("its mock does not fit: {problem}")).into_fatal();
            return Poll::Ready(match mocked {
                MemoResult::Value(json) => (this.codec.decode)(&json).map_err(unfit),
                MemoResult::Error(failure) => Err(failure),
            });
        }
        let span = &*this.span;
        let begin = || span.in_scope(|| this.attempt.set((this.begin)(this.body, start.provided)));
        match catch_unwind(AssertUnwindSafe(begin)) {
            Ok(()) => self.poll_body(cx),
            Err(payload) => Poll::Ready(Err(Failure::panic(&*payload))),
        }
    }

    /// Polls the attempt; a panic in it fails it.
    fn poll_body(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T, Failure>> {
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

    /// Keeps the value for the workflow, and encodes it where the driver wants it.
    fn keep(self: Pin<&mut Self>, value: T) -> Result<Option<Json>, Failure> {
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
        if let Some(undo) = this.undo {
            undo.value.clone_from(&json);
        }
        Ok(json.filter(|_| *this.encode))
    }
}

impl<T, F, Fut> Step<T, F, Fut> {
    /// What the step yields, where that is recorded and its place is the only one that can go on.
    fn replay(&mut self) -> Option<Result<T, StepError>> {
        if !with_state(|state| state.has_recorded(&self.handle))? {
            return None;
        }
        // Decoding runs code of the user's.
        let mut current = borrow_out();
        let state = current.state()?;
        match state.poll(&mut self.handle, Waker::noop()) {
            Turn::Recorded => match recorded(state, &self.handle, &self.codec, &mut self.undo) {
                Poll::Ready(result) => Some(result),
                Poll::Pending => None,
            },
            Turn::Failed(error) => Some(Err(error)),
            _ => None,
        }
    }

    /// Drops an attempt that did not end by itself.
    fn give_up(self: Pin<&mut Self>) {
        let mut this = self.project();
        // Its destructors are user code, too; the attempt has failed whether they panic or not.
        let _ = catch_unwind(AssertUnwindSafe(|| this.attempt.set(None)));
    }
}

impl<T: StepValue, F, Fut> Step<T, F, Fut> {
    /// Registers what undoes the step, should the run not complete: a step of its own, `hotel:undo`, with the options of this one.
    pub fn undo<U, Undoing, V>(self, undo: U) -> Self
    where
        U: Fn(T) -> Undoing + Send + 'static,
        Undoing: Future<Output = Result<V, Failure>> + Send + 'static,
        V: 'static,
    {
        self.undone_by(false, undo, Undo::begin)
    }

    /// Registers what undoes the step, and how an attempt of that begins.
    pub(crate) fn undone_by<U, Undoing>(mut self, transacts: bool, undo: U, begin: Begin<Undo<U, T>, Undoing>) -> Self
    where
        U: Send + 'static,
        Undoing: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        #[cfg(feature = "testing")]
        self.handle.note_undo();
        let (mut spec, location, decode) = (self.handle.step_spec(), self.handle.location(), self.codec.decode);
        if transacts {
            spec.get_or_insert_default().transacts = true;
        }
        let begin: BeginUndo = Box::new(move |id, value| {
            let body = Undo { undo, value: value.clone(), decode };
            let step = new_step_at(&format!("{id}:undo"), spec, location, body, begin);
            Box::pin(Block::new(async move { Await::new(step).await.map_err(WorkflowError::from) }))
        });
        self.undo = Some(Box::new(Undoable { begin, value: None }));
        self
    }
}

/// What undoes a step, with what that one returned.
struct Undoable {
    begin: BeginUndo,
    /// `None` until it has.
    value: Option<Json>,
}

/// The body of a step that undoes another, from what that one returned.
pub(crate) struct Undo<F, T> {
    pub(crate) undo: F,
    pub(crate) value: Json,
    pub(crate) decode: fn(&Json) -> Result<T, JsonError>,
}

impl<F, T> Undo<F, T> {
    fn begin<Fut, U>(&mut self, _: Option<Provided>) -> Option<BoxFuture<'static, Result<(), Failure>>>
    where
        F: Fn(T) -> Fut,
        Fut: Future<Output = Result<U, Failure>> + Send + 'static,
        U: 'static,
    {
        let undoing = (self.decode)(&self.value).map(&self.undo);
        Some(Box::pin(async move {
            // What it yields is nobody's concern.
            undoing.map_err(|problem| Failure::msg(problem).into_fatal())?.await.map(drop)
        }))
    }
}

impl<T, F, Fut> fmt::Debug for Step<T, F, Fut> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Step").finish_non_exhaustive()
    }
}

/// The future of a step that is awaited where it is made.
///
/// It does not say what the step's body is: rustc looks into all that a workflow holds where it waits, and bodies are most of that.
#[derive(Debug)]
pub struct AwaitedStep<'a, T>(Stage<'a, T>);

enum Stage<'a, T> {
    /// It needs no more than its result, and no memory of its own.
    Replayed(Option<Result<T, StepError>>),
    Live(BoxDurable<'a, Result<T, StepError>>),
}

impl<'a, T: 'a> AwaitedStep<'a, T> {
    pub(crate) fn new<F, Fut>(mut step: Step<T, F, Fut>) -> Self
    where
        F: Send + 'a,
        Fut: Future<Output = Result<T, Failure>> + Send + 'a,
        T: Send,
    {
        AwaitedStep(match step.replay() {
            Some(result) => Stage::Replayed(Some(result)),
            None => Stage::Live(Box::pin(step)),
        })
    }
}

impl<T> Unpin for AwaitedStep<'_, T> {}

impl<T> Future for AwaitedStep<'_, T> {
    type Output = Result<T, StepError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.get_mut().0 {
            Stage::Replayed(result) => result.take().map_or(Poll::Pending, Poll::Ready),
            Stage::Live(step) => step.as_mut().poll_durable(cx),
        }
    }
}

impl<T> fmt::Debug for Stage<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stage::Replayed(_) => "Replayed",
            Stage::Live(_) => "Live",
        })
    }
}

pin_project_lite::pin_project! {
    /// An attempt that is a future of the user's, whose error becomes a [`Failure`].
    #[derive(Debug)]
    pub struct Attempted<Fut, E> {
        #[pin]
        future: Fut,
        failure: fn(E) -> Failure,
    }
}

impl<Fut, E> Attempted<Fut, E> {
    pub(crate) fn new(future: Fut, failure: fn(E) -> Failure) -> Self {
        Attempted { future, failure }
    }
}

impl<Fut, T, E> Future for Attempted<Fut, E>
where
    Fut: Future<Output = Result<T, E>>,
{
    type Output = Result<T, Failure>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.future.poll(cx).map_err(this.failure)
    }
}
