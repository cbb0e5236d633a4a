//! An invocation that is alive: it can be advanced, or dropped and rebuilt from memos.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::SystemTime;

use super::cancel::{CANCEL_ID, Cancel};
use super::dialogue::{Hooks, Idle};
use super::divergence::{Divergence, OnDivergence};
use super::id::{RunId, StepId};
use super::mail::Inbox;
use super::memo::{Memo, MemoResult, Memos};
#[cfg(feature = "testing")]
use super::open::Met;
use super::open::Provided;
use super::operation::{Operation, OperationKind};
use super::state::{Settings, State};
use super::{current, drive};
use crate::driver::{FlowControl, Hook};
use crate::error::{DriverError, WorkflowError};
use crate::failure::Failure;
use crate::host::Host;
use crate::record::{StepOutcome, StepRecord};
use crate::value::{Json, JsonError, Value};
use crate::workflow::{AnyWorkflow, Return, WorkflowFuture, WorkflowOptions};

/// Which run it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunInfo {
    /// The run's ID.
    pub id: RunId,
    /// The workflow's name.
    pub workflow: &'static str,
    /// How often the workflow's own failure has begun it anew, from 1.
    pub attempt: u32,
    /// When the run was started.
    pub started_at: SystemTime,
}

impl RunInfo {
    /// A run that is in its first attempt.
    #[must_use]
    pub fn new(id: RunId, workflow: &'static str, started_at: SystemTime) -> RunInfo {
        RunInfo { id, workflow, attempt: 1, started_at }
    }
}

/// What a session is told besides the workflow and its run.
#[derive(Clone)]
pub struct SessionOptions {
    /// Where time and randomness come from.
    pub host: Arc<dyn Host>,
    /// What to do when recorded steps and today's code disagree.
    pub on_divergence: OnDivergence,
    /// Whether steps record their `input` option.
    pub keep_values: bool,
    /// Whether values of the host are found and wait for their turn, as steps do, for an engine that records each result by itself. If not,
    /// they are taken where the workflow comes to them.
    pub asks_for_values: bool,
    /// How often steps, and the workflow itself, are retried where they say nothing of it; `None` for the defaults of this library.
    pub retries_default: Option<u32>,
    /// Whether an error of the workflow's own code is for good, so that its effects are undone, where the engine decides that; `None` if the
    /// workflow's retries do. What cannot end otherwise, as a fatal error, is for good in any case.
    pub is_last_attempt: Option<bool>,
    /// Whether the operations that each pass comes to are noted.
    pub(crate) trace: bool,
}

impl SessionOptions {
    /// The defaults: divergence is warned of, inputs are not kept.
    #[must_use]
    pub fn new(host: Arc<dyn Host>) -> SessionOptions {
        SessionOptions {
            host,
            on_divergence: OnDivergence::default(),
            keep_values: false,
            asks_for_values: false,
            retries_default: None,
            is_last_attempt: None,
            trace: false,
        }
    }
}

impl fmt::Debug for SessionOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionOptions")
            .field("on_divergence", &self.on_divergence)
            .field("keep_values", &self.keep_values)
            .finish_non_exhaustive()
    }
}

/// What one advance did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The attempt of the target step that was made; `None` if today's code does not come to that step.
    pub ran: Option<StepRecord>,
    /// Where the workflow stands now.
    pub end: End,
}

/// Where a workflow stands after an advance.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// It returned a value.
    Completed(Json),
    /// It returned an error, or panicked outside a step.
    Failed(WorkflowError),
    /// Everything in it waits for one of these operations, listed in program order.
    Blocked(Vec<Operation>),
    /// The recorded steps and today's code disagree, and the session was told to fail.
    Diverged(Divergence),
    /// Its result cannot be encoded.
    Unstorable(JsonError),
}

/// One run's execution: the workflow's future, and what it waits for.
///
/// ```
/// # use std::sync::Arc;
/// use owf_runtime::kernel::{End, Memos, RunId, RunInfo, Session, SessionOptions};
/// use owf_runtime::{Json, SystemHost, prelude::*};
///
/// #[workflow]
/// async fn double(n: u32) -> WorkflowResult<u32> {
///     Ok(step!("double", n * 2).await?)
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let run = RunInfo::new(RunId::new("run-1"), "double", std::time::SystemTime::now());
/// let options = SessionOptions::new(Arc::new(SystemHost::new()));
/// let input = Json::encode(&21)?;
/// let mut session = Session::new(double, run, input, Memos::new(), options)?;
///
/// // An engine asks what there is to do, then has it done.
/// let End::Blocked(operations) = session.advance(None).await.end else { panic!() };
/// let outcome = session.advance(Some(&operations[0].id)).await;
/// assert_eq!(outcome.ran.unwrap().id, "double");
/// assert_eq!(outcome.end, End::Completed(Json::encode(&42)?));
/// # Ok::<_, owf_runtime::JsonError>(()) }).unwrap();
/// ```
pub struct Session {
    origin: Origin,
    options: SessionOptions,
    future: Option<WorkflowFuture>,
    /// `None` only while the workflow is polled.
    state: Option<Box<State>>,
    strays: Strays,
    inbox: Inbox,
}

/// How many recorded operations the passes so far did not come to.
#[derive(Debug, Default)]
struct Strays {
    last: usize,
    growing: u32,
}

/// After so many passes in a row that each strayed further from what is recorded, the run is ended: it would go on for ever, with a new
/// effect each time. An edit under a live run leaves the same operations behind on every pass.
const STRAYING_MAX: u32 = 16;

/// What a session can begin anew from.
enum Origin {
    Encoded {
        workflow: AnyWorkflow,
        input: Json,
    },
    /// The input was moved into the future.
    Live,
}

/// What an invocation came to.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) end: InvocationEnd,
    /// How many operations ended in it.
    pub(crate) told: u64,
    /// Whether it could go on at once: the workflow has not had all results that are recorded, is still to be cancelled, or has come to
    /// operations that the driver was not asked about.
    pub(crate) is_cut_short: bool,
    /// The last of them, where the hooks keep that.
    pub(crate) ran: Option<StepRecord>,
}

/// How an invocation ended; as [`End`], with a value that may be live.
#[derive(Debug)]
pub(crate) enum InvocationEnd {
    Returned(Return),
    Blocked(Vec<Operation>),
    Diverged(Divergence),
}

impl Session {
    /// Begins, or takes up again, a run with what it has recorded.
    ///
    /// `memos` may hold more than the workflow meets: it may have been edited since.
    ///
    /// # Errors
    ///
    /// When `input` is not what the workflow takes.
    pub fn new(
        workflow: impl Into<AnyWorkflow>,
        run: RunInfo,
        input: Json,
        memos: Memos,
        options: SessionOptions,
    ) -> Result<Session, JsonError> {
        let workflow = workflow.into();
        let future = workflow.begin(&input)?;
        let inbox = Inbox::new();
        let state = new_state(run, &workflow.options(), &options, false, memos, inbox.clone());
        let origin = Origin::Encoded { workflow, input };
        Ok(Session { origin, options, future: Some(future), state: Some(state), strays: Strays::default(), inbox })
    }

    /// Begins a run whose values are never encoded, and which therefore has one invocation.
    pub(crate) fn live(
        future: WorkflowFuture,
        run: RunInfo,
        workflow: &WorkflowOptions,
        options: SessionOptions,
    ) -> Session {
        let inbox = Inbox::new();
        let state = new_state(run, workflow, &options, true, Memos::new(), inbox.clone());
        let strays = Strays::default();
        Session { origin: Origin::Live, options, future: Some(future), state: Some(state), strays, inbox }
    }

    /// Where the run's mail arrives: put signals and results of operations in here, before an advance or during it.
    #[must_use]
    pub fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// Takes the run's mail from here. To be called before the session is first advanced.
    #[must_use]
    pub fn with_inbox(mut self, inbox: Inbox) -> Session {
        self.state_mut().post.inbox = inbox.clone();
        self.inbox = inbox;
        self
    }

    /// Advances the workflow until it is finished or everything in it waits.
    ///
    /// With a `target`, one attempt of that step is made, whatever its time, and the workflow goes on with the value; no other step
    /// runs. Without one, the workflow only goes as far as its memos carry it. A workflow that is finished gives the same end again.
    pub async fn advance(&mut self, target: Option<&StepId>) -> Outcome {
        self.drive_to(TargetHooks { target: target.cloned(), stops: false, ran: None }).await
    }

    /// Makes one attempt of a step, and stops there: the workflow's code does not go on with the result. `None` if today's code does not
    /// come to that step.
    ///
    /// For an engine that enters the workflow anew for each step.
    pub async fn attempt(&mut self, target: &StepId) -> Option<StepRecord> {
        self.drive_to(TargetHooks { target: Some(target.clone()), stops: true, ran: None }).await.ran
    }

    async fn drive_to(&mut self, hooks: TargetHooks) -> Outcome {
        if self.future.is_none() {
            self.reenter();
        }
        match drive::run(self, Box::new(hooks)).await {
            Ok(Invocation { end, ran, .. }) => Outcome { ran, end: end.into_end() },
            Err(error) => unreachable!("these hooks return no error, and yet: {error}"),
        }
    }

    /// Says that so many attempts of a step that waits to be run were made before: its next attempt is the one after them.
    pub fn set_attempts(&mut self, step: &StepId, attempts: u32) {
        self.state_mut().set_attempts(step, attempts);
    }

    /// The name that the workflow's code gave an operation, and the number that was added to it where the name was met before.
    #[must_use]
    pub fn written(&self, id: &StepId) -> (StepId, Option<u32>) {
        self.state().memos.written(id)
    }

    /// The reason of the run's cancellation, and the ID that it is recorded under, once it was cancelled.
    #[must_use]
    pub fn cancellation(&self) -> Option<(StepId, Json)> {
        match self.state().memos.get(CANCEL_ID) {
            Some(Memo::Done { result: MemoResult::Value(reason), .. }) => {
                Some((StepId::new(CANCEL_ID), reason.clone()))
            }
            _ => None,
        }
    }

    /// Whether the workflow has come to a `race!` in this pass: it may have gone on while a loser was still at work elsewhere.
    #[must_use]
    pub fn has_raced(&self) -> bool {
        self.state().has_raced
    }

    /// The operations without a result that the workflow has come to in this pass, also those that it waits for no longer: the losers of races.
    pub fn met(&self) -> impl Iterator<Item = &StepId> {
        let met = self.state().memos.met();
        met.filter(|(_, memo)| !matches!(memo, Some(Memo::Done { .. }))).map(|(id, _)| id)
    }

    /// Whether something would be undone if the run failed where it stands.
    #[must_use]
    pub fn has_undos(&self) -> bool {
        !self.state().undos.is_empty()
    }

    /// Takes in the result of an operation that ended outside: a timer that fired, a signal that came.
    ///
    /// The workflow goes on with it at the next [`advance`](Session::advance).
    pub fn resolve(&mut self, id: &StepId, kind: OperationKind, result: MemoResult) {
        self.state_mut().resolve(id, kind, result);
    }

    /// The operations that the current pass has come to, if they are noted.
    #[cfg(feature = "testing")]
    pub(crate) fn trace(&self) -> &[Met] {
        self.state().trace.as_deref().unwrap_or_default()
    }

    /// What the run has recorded.
    #[must_use]
    pub fn memos(&self) -> &Memos {
        &self.state().memos
    }

    /// Ends the session and hands back what the run has recorded, to build another one from.
    #[must_use]
    pub fn into_memos(mut self) -> Memos {
        self.future = None;
        std::mem::take(&mut self.state_mut().memos)
    }

    /// Encodes no values from here on, so that the run has one invocation.
    pub(crate) fn forget_values(&mut self) {
        self.origin = Origin::Live;
        self.state_mut().settings.live = true;
    }

    /// Drops the workflow's future; [`reenter`](Session::reenter) makes a new one.
    pub(crate) fn suspend(&mut self) {
        if matches!(self.origin, Origin::Encoded { .. }) {
            self.future = None;
        }
    }

    /// Begins the workflow's code again from the start, with the same memos.
    ///
    /// A session without memos cannot: it goes on where it is.
    pub(crate) fn reenter(&mut self) {
        let Origin::Encoded { workflow, input } = &self.origin else { return };
        // It decoded when the session was made, and decoding is deterministic.
        let Ok(future) = workflow.begin(input) else { return };
        let workflow = workflow.options();
        let old = self.state_mut();
        let (run, memos) = (old.settings.run.clone(), std::mem::take(&mut old.memos));
        let live = old.settings.live;
        self.state = Some(new_state(run, &workflow, &self.options, live, memos, self.inbox.clone()));
        self.future = Some(future);
    }

    pub(crate) fn begin_attempt(&mut self, attempt: u32) {
        self.state_mut().settings.run.attempt = attempt;
    }

    /// Runs one invocation under a driver's hooks.
    pub(crate) async fn invoke(&mut self, hooks: impl Hooks + 'static) -> Result<Invocation, DriverError> {
        drive::run(self, Box::new(hooks)).await
    }

    /// Whether the run is over with this: an error that is not retried.
    pub(super) fn is_final(&self, end: &Return) -> bool {
        let Settings { run, run_retries, .. } = &self.state().settings;
        matches!(end, Return::Error(error) if !self.state().compensating && (error.is_final() || run.attempt > *run_retries))
    }

    /// Undoes what the workflow did, in its place; gives the error back if there is nothing to undo.
    pub(super) fn compensate(&mut self, error: WorkflowError) -> Result<(), WorkflowError> {
        let state = self.state_mut();
        self.future = Some(state.compensate(error)?);
        self.state_mut().movable = true;
        Ok(())
    }

    /// Drops the workflow's code where it stands: its operations are closed, running steps given up.
    pub(crate) fn drop_workflow(&mut self) {
        let Some(future) = self.future.take() else { return };
        let state = self.state.take().expect("the state is here whenever the workflow is not being polled");
        // Destructors are user code, whose panic must not take the run's undos with it.
        let dropping = || catch_unwind(AssertUnwindSafe(|| drop(future)));
        (self.state, _) = current::inside(state, dropping);
    }

    /// When the run's time is over, if it is not ending already.
    pub(crate) fn deadline(&self) -> Option<SystemTime> {
        self.state().deadline()
    }

    /// Whether the run is being cancelled, or has failed, so that no cancellation changes anything.
    pub(crate) fn is_ending(&self) -> bool {
        self.state().cancel != Cancel::No || self.state().compensating
    }

    /// A pass did not come to so many recorded operations; whether that has gone on for too long.
    pub(super) fn strays(&mut self, count: usize) -> bool {
        let Strays { last, growing } = &mut self.strays;
        *growing = if count > *last { *growing + 1 } else { 0 };
        *last = count;
        *growing >= STRAYING_MAX
    }

    pub(super) fn on_divergence(&self) -> OnDivergence {
        self.options.on_divergence
    }

    pub(super) fn state(&self) -> &State {
        self.state.as_deref().expect("the state is here whenever the workflow is not being polled")
    }

    pub(super) fn state_mut(&mut self) -> &mut State {
        self.state.as_deref_mut().expect("the state is here whenever the workflow is not being polled")
    }

    /// Polls the workflow's code once; a panic in it is an error of it.
    pub(super) fn poll_workflow(&mut self, cx: &mut Context<'_>) -> Poll<Return> {
        let Some(future) = &mut self.future else { return Poll::Pending };
        let mut state = self.state.take().expect("the state is here whenever the workflow is not being polled");
        state.movable = false;
        let poll = || catch_unwind(AssertUnwindSafe(|| future.as_mut().poll_durable(cx)));
        let (state, polled) = current::inside(state, poll);
        self.state = state;
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(end)) => {
                self.future = None;
                Poll::Ready(end)
            }
            Err(payload) => {
                self.future = None;
                Poll::Ready(Return::Error(WorkflowError::of_failure(Failure::panic(&*payload))))
            }
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("run", &self.state().settings.run).finish_non_exhaustive()
    }
}

impl InvocationEnd {
    fn into_end(self) -> End {
        match self {
            InvocationEnd::Blocked(operations) => End::Blocked(operations),
            InvocationEnd::Diverged(divergence) => End::Diverged(divergence),
            InvocationEnd::Returned(Return::Error(error)) => End::Failed(error),
            InvocationEnd::Returned(Return::Unstorable(problem)) => End::Unstorable(problem),
            InvocationEnd::Returned(Return::Value(Value::Encoded(json))) => End::Completed(json),
            InvocationEnd::Returned(Return::Value(Value::Live(_))) => {
                unreachable!("a session made of JSON returns JSON")
            }
        }
    }
}

/// Runs one step, and goes on.
struct TargetHooks {
    target: Option<StepId>,
    /// Whether it does not go on.
    stops: bool,
    ran: Option<StepRecord>,
}

impl Hooks for TargetHooks {
    fn found(&mut self, _: &RunInfo, found: &[Operation]) -> Hook {
        let wanted = self.ran.is_none() && found.iter().any(|operation| self.lets(operation));
        if wanted { FlowControl::Continue.into() } else { FlowControl::Interrupt.into() }
    }

    fn lets(&self, operation: &Operation) -> bool {
        matches!(operation.kind(), OperationKind::Step | OperationKind::Value)
            && Some(&operation.id) == self.target.as_ref()
    }

    fn waits(&self) -> bool {
        false
    }

    #[cfg(feature = "testing")]
    fn begins(&mut self, _: &RunInfo, _: &super::dialogue::Attempt<'_>) -> Option<MemoResult> {
        None
    }

    fn provides(&mut self, _: &RunInfo, _: StepRecord) -> Option<Provided> {
        None
    }

    fn executed(&mut self, _: &RunInfo, step: &StepRecord) -> Hook {
        let is_target = Some(&step.id) == self.target.as_ref();
        if is_target || step.kind == OperationKind::Step {
            self.ran = Some(step.clone());
        }
        match step.outcome {
            // The engine makes the next attempt, when it thinks fit.
            StepOutcome::Retrying { .. } => FlowControl::Interrupt.into(),
            _ if self.stops && is_target => FlowControl::Interrupt.into(),
            _ => FlowControl::Continue.into(),
        }
    }

    fn given_up(&mut self, _: &RunInfo, _: &[Operation]) {}

    fn details(&mut self, _: &RunInfo, _: &Json) {}

    fn idle(&mut self, _: &Idle, _: &mut Context<'_>) -> Poll<Result<(), DriverError>> {
        Poll::Pending
    }

    fn ran(&mut self) -> Option<StepRecord> {
        self.ran.take()
    }
}

fn new_state(
    run: RunInfo,
    workflow: &WorkflowOptions,
    options: &SessionOptions,
    live: bool,
    memos: Memos,
    inbox: Inbox,
) -> Box<State> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let settings = Settings {
        session: NEXT.fetch_add(1, Ordering::Relaxed),
        run,
        host: options.host.clone(),
        live,
        keep_values: options.keep_values,
        asks_for_values: options.asks_for_values,
        retry: workflow.step_policy_or(options.retries_default),
        run_retries: match options.is_last_attempt {
            Some(true) => 0,
            Some(false) => u32::MAX,
            None => workflow.run_retries_or(options.retries_default),
        },
        timeout: workflow.run_timeout(),
    };
    let mut state = State::new(settings, memos, inbox);
    state.trace = options.trace.then(Vec::new);
    Box::new(state)
}
