//! `check_determinism`: enters a workflow again after every step, and compares what it does.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::SystemTime;

use serde::Serialize;

use super::table::side_by_side;
use crate::failure::Failure;
use crate::host::{BoxFuture, VirtualHost};
use crate::kernel::{
    Action, End, Mail, Memos, Met, OnDivergence, Operation, RunId, RunInfo, Session, SessionOptions, StepId,
};
use crate::value::Json;
use crate::workflow::{AnyWorkflow, Workflow};
use crate::{JsonError, MemoResult};

/// How many orders of completion are tried where steps run in parallel.
const ORDERS: u64 = 24;

/// After how many of its operations at most a run is cancelled.
const CANCELLATIONS_MAX: usize = 100;

/// After how many steps a check gives up: each is followed by a pass through all steps before it.
const STEPS_MAX: usize = 2_000;

/// Runs a workflow, enters it again after every step, and compares what it does.
///
/// After each step a second pass is made from the memos recorded so far, as after a crash. It must come to the same operations, under the
/// same IDs, in the same order, with the same `input` (where a step says that), and to the same result. Where operations wait in parallel, this is repeated with their order of
/// completion permuted.
///
/// It finds what no compiler can see: a clock, a random number, a counter or an order of hashing that comes from another crate. It can't
/// find what stays the same within one process, such as an environment variable, nor what a step's body uses: say that as the step's `input`.
///
/// The bodies of steps run, once for each order that is tried, so give them effects that a test may have. Timers end at once, and what is sent
/// goes nowhere. A wait gets what [`signal`](CheckDeterminism::signal) or [`event`](CheckDeterminism::event) gives it; one with a timeout also
/// waits in vain, in another order. A child workflow is checked along with its parent, and
/// [`cancelled`](CheckDeterminism::cancelled) cancels the run after each of its operations, too.
///
/// ```
/// use owf_runtime::prelude::*;
/// use owf_runtime::testing::check_determinism;
///
/// #[workflow]
/// async fn double(n: u32) -> WorkflowResult<u32> {
///     Ok(step!("double", n * 2).await?)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), owf_runtime::testing::Nondeterminism> {
/// check_determinism(double, 21).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// The first difference, as a list of both passes' operations with the lines of the source they stand in.
pub fn check_determinism<W: Workflow>(workflow: W, input: W::Input) -> CheckDeterminism {
    CheckDeterminism {
        workflow: AnyWorkflow::new(workflow),
        input: Json::encode(&input),
        arrivals: Arrivals::default(),
        cancelled: false,
    }
}

/// A check that is about to be made; `.await` makes it.
#[must_use = "nothing is checked until this is awaited"]
#[derive(Debug)]
pub struct CheckDeterminism {
    workflow: AnyWorkflow,
    input: Result<Json, JsonError>,
    arrivals: Arrivals,
    cancelled: bool,
}

/// What is there for waits: the first of a name for the first of them.
#[derive(Clone, Debug, Default)]
struct Arrivals {
    signals: HashMap<String, VecDeque<Json>>,
    events: HashMap<String, VecDeque<Json>>,
}

impl CheckDeterminism {
    /// Gives a signal to a wait for this name; said again, to the next such wait.
    ///
    /// # Panics
    ///
    /// When the value has no form in JSON.
    #[track_caller]
    pub fn signal<T: Serialize + ?Sized>(mut self, name: impl Into<String>, value: &T) -> CheckDeterminism {
        self.arrivals.signals.entry(name.into()).or_default().push_back(encoded(value));
        self
    }

    /// Gives an event to a wait for this name; said again, to the next such wait.
    ///
    /// # Panics
    ///
    /// When the value has no form in JSON.
    #[track_caller]
    pub fn event<T: Serialize + ?Sized>(mut self, name: impl Into<String>, value: &T) -> CheckDeterminism {
        self.arrivals.events.entry(name.into()).or_default().push_back(encoded(value));
        self
    }

    /// Also runs the workflow anew for each of its operations, and cancels it there: its undos and cleanups are checked.
    pub fn cancelled(mut self) -> CheckDeterminism {
        self.cancelled = true;
        self
    }

    async fn check(self) -> Result<(), Nondeterminism> {
        let CheckDeterminism { workflow, input, arrivals, cancelled } = self;
        let input = input.map_err(|problem| Nondeterminism::unreadable(workflow.name(), problem))?;
        let mut check = Check { workflow, input, arrivals, seed: 0, cancel_after: None, parallel: false };
        for seed in 0..ORDERS {
            check.seed = seed;
            check.run().await?;
            if !check.parallel {
                break;
            }
        }
        check.seed = 0;
        for operations in 0..if cancelled { CANCELLATIONS_MAX } else { 0 } {
            check.cancel_after = Some(operations);
            if check.run().await?.operations <= operations {
                break;
            }
        }
        Ok(())
    }
}

#[track_caller]
fn encoded<T: Serialize + ?Sized>(value: &T) -> Json {
    Json::encode(value).unwrap_or_else(|problem| panic!("what arrives cannot be recorded: {problem}"))
}

impl IntoFuture for CheckDeterminism {
    type Output = Result<(), Nondeterminism>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.check())
    }
}

/// A workflow did otherwise when it was entered again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nondeterminism {
    workflow: &'static str,
    after: Option<StepId>,
    /// The number of the order of completion, for which the difference was found.
    seed: u64,
    problem: Problem,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Problem {
    Differs {
        first: Vec<String>,
        again: Vec<String>,
    },
    Endless,
    /// It waits for what the check was not given.
    Waits {
        waits: Vec<String>,
    },
    Unreadable(JsonError),
}

impl Nondeterminism {
    fn unreadable(workflow: &'static str, problem: JsonError) -> Nondeterminism {
        Nondeterminism { workflow, after: None, seed: 0, problem: Problem::Unreadable(problem) }
    }
}

impl fmt::Display for Nondeterminism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Nondeterminism { workflow, after, seed, problem } = self;
        match problem {
            Problem::Unreadable(problem) => write!(f, "the input of `{workflow}` cannot be recorded: {problem}"),
            Problem::Endless => write!(
                f,
                "`{workflow}` came to no end within {STEPS_MAX} steps: check it with an input that takes fewer, and see \
                 that its step IDs are the same on every pass"
            ),
            Problem::Waits { waits } => write!(
                f,
                "`{workflow}` cannot be checked further than where it waits for {}: give it what it waits for, as in \
                 `check_determinism({workflow}, input).signal(\"name\", &value)`",
                waits.join(", ")
            ),
            Problem::Differs { first, again } => {
                match after {
                    Some(step) => {
                        write!(f, "`{workflow}` did otherwise when it was entered again after step `{step}`")?
                    }
                    None => write!(f, "`{workflow}` did otherwise when it was entered again before its first step")?,
                }
                writeln!(f, " (order of completion number {seed}):")?;
                f.write_str(&side_by_side(["the first time", "when entered again"], first, again))?;
                f.write_str("what differs must come from a step, or from the input")
            }
        }
    }
}

impl std::error::Error for Nondeterminism {}

struct Check {
    workflow: AnyWorkflow,
    input: Json,
    arrivals: Arrivals,
    seed: u64,
    /// The run is cancelled when so many operations have ended.
    cancel_after: Option<usize>,
    /// Whether operations ever waited in parallel.
    parallel: bool,
}

/// What a run to its end came to.
struct Ran {
    end: End,
    operations: usize,
}

/// What makes an operation go on.
enum Move {
    /// A step is run.
    Step,
    Result(MemoResult),
    Mail(Mail),
    /// The end of a child run.
    Child {
        workflow: AnyWorkflow,
        input: Json,
    },
}

impl Check {
    /// Runs the workflow to its end in one order of completion, with another pass after each step.
    async fn run(&mut self) -> Result<Ran, Nondeterminism> {
        let mut order = fastrand::Rng::with_seed(self.seed);
        let mut arrivals = self.arrivals.clone();
        let mut session = self.session(Memos::new())?;
        let (mut target, mut after) = (None, None);
        for count in 0..STEPS_MAX {
            if self.cancel_after == Some(count) {
                session.inbox().push(Mail::Cancel { reason: "the check cancels it".to_owned() });
            }
            let end = session.advance(target.as_ref()).await.end;
            let first = lines(session.trace(), &end);
            self.compare(session.memos().clone(), first, after).await?;
            let End::Blocked(mut operations) = end else { return Ok(Ran { end, operations: count }) };
            self.parallel |= operations.len() > 1;
            // The first order is that of the program; what cannot go on is passed over.
            let waits: Vec<String> = operations.iter().map(described).collect();
            let chosen = loop {
                if operations.is_empty() {
                    return Err(self.found(None, Problem::Waits { waits }));
                }
                let chosen = operations.remove(if self.seed == 0 { 0 } else { order.usize(..operations.len()) });
                if let Some(how) = self.how(&chosen, &mut arrivals, &mut order) {
                    break (chosen, how);
                }
            };
            let (operation, how) = chosen;
            target = None;
            match how {
                Move::Step => target = Some(operation.id.clone()),
                Move::Result(result) => session.resolve(&operation.id, operation.kind(), result),
                Move::Mail(mail) => drop(session.inbox().push(mail)),
                Move::Child { workflow, input } => {
                    let (id, result) = (operation.id.clone(), self.run_child(workflow, input).await?);
                    session.inbox().push(Mail::Answer { id, result });
                }
            }
            after = Some(operation.id);
        }
        Err(self.found(after, Problem::Endless))
    }

    /// What makes an operation go on; `None` if nothing does.
    fn how(&self, operation: &Operation, arrivals: &mut Arrivals, order: &mut fastrand::Rng) -> Option<Move> {
        let in_vain = Move::Result(MemoResult::Value(Json::null()));
        // Where it may also wait in vain, it does in some of the orders.
        let mut arrives = |until: Option<SystemTime>| until.is_none() || self.seed == 0 || order.bool();
        match &operation.action {
            Action::Run { .. } => Some(Move::Step),
            Action::WaitForSignal { name, until, .. } => {
                let given = arrivals.signals.get_mut(name).filter(|given| !given.is_empty());
                match given.filter(|_| arrives(*until)).and_then(VecDeque::pop_front) {
                    Some(payload) => Some(Move::Mail(Mail::Signal { name: name.clone(), payload, sent_as: None })),
                    None => until.map(|_| in_vain),
                }
            }
            Action::WaitForEvent { event, until, .. } => {
                let given = arrivals.events.get_mut(&event.name);
                let given =
                    given.filter(|given| given.front().is_some_and(|payload| event.matches(&event.name, payload)));
                match given.filter(|_| arrives(*until)).and_then(VecDeque::pop_front) {
                    Some(payload) => {
                        let (id, result) = (operation.id.clone(), MemoResult::Value(payload));
                        Some(Move::Mail(Mail::Answer { id, result }))
                    }
                    None => until.map(|_| in_vain),
                }
            }
            Action::Invoke { until, .. } if !arrives(*until) => Some(in_vain),
            Action::Invoke { workflow, input, .. } => {
                Some(Move::Child { workflow: workflow.clone(), input: input.clone() })
            }
            // A timer is over, something was sent.
            Action::Value
            | Action::Sleep { .. }
            | Action::SendSignal { .. }
            | Action::SendEvent { .. }
            | Action::SendEvents { .. } => Some(in_vain),
        }
    }

    /// Checks a child in the same order, and returns what it came to. Boxed, for a child may have children.
    fn run_child(&self, workflow: AnyWorkflow, input: Json) -> BoxFuture<'static, Result<MemoResult, Nondeterminism>> {
        let (arrivals, seed) = (self.arrivals.clone(), self.seed);
        let mut child = Check { workflow, input, arrivals, seed, cancel_after: None, parallel: false };
        Box::pin(async move {
            Ok(match child.run().await?.end {
                End::Completed(output) => MemoResult::Value(output),
                End::Failed(error) => MemoResult::Error(error.failure().clone()),
                other => MemoResult::Error(Failure::msg(format_args!("it came to no end: {other:?}")).into_fatal()),
            })
        })
    }

    /// Makes a pass from the memos, and compares it with what the live session came to.
    async fn compare(&self, memos: Memos, first: Vec<String>, after: Option<StepId>) -> Result<(), Nondeterminism> {
        let mut replay = self.session(memos)?;
        let end = replay.advance(None).await.end;
        let again = lines(replay.trace(), &end);
        if first == again { Ok(()) } else { Err(self.found(after, Problem::Differs { first, again })) }
    }

    fn session(&self, memos: Memos) -> Result<Session, Nondeterminism> {
        let run = RunInfo::new(RunId::new("check-determinism"), self.workflow.name(), SystemTime::UNIX_EPOCH);
        let mut options = SessionOptions::new(Arc::new(VirtualHost::new(self.seed)));
        options.on_divergence = OnDivergence::Ignore;
        options.keep_values = true;
        options.trace = true;
        Session::new(self.workflow.clone(), run, self.input.clone(), memos, options)
            .map_err(|problem| self.unreadable(problem))
    }

    fn unreadable(&self, problem: JsonError) -> Nondeterminism {
        Nondeterminism::unreadable(self.workflow.name(), problem)
    }

    fn found(&self, after: Option<StepId>, problem: Problem) -> Nondeterminism {
        Nondeterminism { workflow: self.workflow.name(), after, seed: self.seed, problem }
    }
}

fn described(operation: &Operation) -> String {
    match &operation.action {
        Action::WaitForSignal { name, .. } => format!("signal `{name}` in `{}`", operation.id),
        Action::WaitForEvent { event, .. } => format!("event `{}` in `{}`", event.name, operation.id),
        _ => format!("{} `{}`", operation.kind(), operation.id),
    }
}

/// A pass as text: its operations, then how it ended.
fn lines(trace: &[Met], end: &End) -> Vec<String> {
    let met = trace.iter().map(|met| {
        let input = met.input.as_ref().map(|input| format!(" of {input}")).unwrap_or_default();
        format!("{} `{}`{input} at {}", met.kind, met.id, met.location)
    });
    let end = match end {
        End::Completed(json) => format!("returned {json}"),
        End::Failed(error) => format!("failed: {error}"),
        End::Diverged(divergence) => divergence.to_string(),
        End::Unstorable(problem) => problem.to_string(),
        End::Blocked(operations) => {
            let ids: Vec<String> = operations.iter().map(|operation| format!("`{}`", operation.id)).collect();
            format!("waits for {}", ids.join(", "))
        }
    };
    met.chain([end]).collect()
}
