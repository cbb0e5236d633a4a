//! Tools for tests of workflows: no server, no real time.

use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::SystemTime;

use crate::host::VirtualHost;
use crate::kernel::{
    End, Memos, Met, OnDivergence, Operation, OperationKind, RunId, RunInfo, Session, SessionOptions, StepId,
};
use crate::value::Json;
use crate::workflow::{AnyWorkflow, Workflow};
use crate::{JsonError, MemoResult};

/// How many orders of completion are tried where steps run in parallel.
const ORDERS: u64 = 24;

/// After how many steps a check gives up: each is followed by a pass through all steps before it.
const STEPS_MAX: usize = 2_000;

/// The lines around the first difference that a report shows.
const CONTEXT: usize = 3;

/// Runs a workflow, enters it again after every step, and compares what it does.
///
/// After each step a second pass is made from the memos recorded so far, as after a crash. It must come to the same operations, under the
/// same IDs, in the same order, with the same `input` (where a step says that), and to the same result. Where operations wait in parallel, this is repeated with their order of
/// completion permuted.
///
/// It finds what no compiler can see: a clock, a random number, a counter or an order of hashing that comes from another crate. It can't
/// find what stays the same within one process, such as an environment variable, nor what a step's body uses: say that as the step's `input`.
///
/// The bodies of steps run, once for each order that is tried, so give them effects that a test may have. Timers end at once.
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
pub async fn check_determinism<W: Workflow>(workflow: W, input: W::Input) -> Result<(), Nondeterminism> {
    let input = Json::encode(&input).map_err(|problem| Nondeterminism::unreadable(W::NAME, problem))?;
    let mut check = Check { workflow: AnyWorkflow::new(workflow), input, seed: 0, parallel: false };
    for seed in 0..ORDERS {
        check.seed = seed;
        check.run().await?;
        if !check.parallel {
            break;
        }
    }
    Ok(())
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
    Differs { first: Vec<String>, again: Vec<String> },
    Endless,
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
            Problem::Differs { first, again } => {
                match after {
                    Some(step) => {
                        write!(f, "`{workflow}` did otherwise when it was entered again after step `{step}`")?
                    }
                    None => write!(f, "`{workflow}` did otherwise when it was entered again before its first step")?,
                }
                writeln!(f, " (order of completion number {seed}):")?;
                f.write_str(&side_by_side(first, again))?;
                f.write_str("what differs must come from a step, or from the input")
            }
        }
    }
}

impl std::error::Error for Nondeterminism {}

struct Check {
    workflow: AnyWorkflow,
    input: Json,
    seed: u64,
    /// Whether operations ever waited in parallel.
    parallel: bool,
}

impl Check {
    /// Runs the workflow to its end in one order of completion, with another pass after each step.
    async fn run(&mut self) -> Result<(), Nondeterminism> {
        let mut order = fastrand::Rng::with_seed(self.seed);
        let mut session = self.session(Memos::new())?;
        let (mut target, mut after) = (None, None);
        for _ in 0..STEPS_MAX {
            let end = session.advance(target.as_ref()).await.end;
            self.compare(&session, &end, after).await?;
            let End::Blocked(operations) = end else { return Ok(()) };
            self.parallel |= operations.len() > 1;
            // The first order is that of the program.
            let chosen = if self.seed == 0 { 0 } else { order.usize(..operations.len().max(1)) };
            let Some(Operation { id, .. }) = operations.get(chosen) else { return Ok(()) };
            target = Some(id.clone());
            let kind = operations[chosen].kind();
            if kind != OperationKind::Step {
                // A timer is over, a wait has waited in vain, something was sent.
                session.resolve(id, kind, MemoResult::Value(Json::null()));
                target = None;
            }
            after = Some(id.clone());
        }
        Err(self.found(after, Problem::Endless))
    }

    /// Makes a pass from the memos, and compares it with what the live session came to.
    async fn compare(&self, live: &Session, end: &End, after: Option<StepId>) -> Result<(), Nondeterminism> {
        let mut replay = self.session(live.memos().clone())?;
        let again = replay.advance(None).await.end;
        let (first, again) = (lines(live.trace(), end), lines(replay.trace(), &again));
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

/// The lines around the first difference, those of the first pass on the left.
fn side_by_side(first: &[String], again: &[String]) -> String {
    let count = first.len().max(again.len());
    let differs = (0..count).find(|&line| first.get(line) != again.get(line)).unwrap_or(0);
    let (from, to) = (differs.saturating_sub(CONTEXT), count.min(differs + CONTEXT + 1));
    let cell = |lines: &[String], line: usize| lines.get(line).map_or("-", String::as_str).to_owned();
    let title = "the first time";
    let width = (from..to).map(|line| cell(first, line).chars().count()).max().unwrap_or(0).max(title.len());
    let mut text = format!("    {title:width$}     when entered again\n");
    for line in from..to {
        let (left, right) = (cell(first, line), cell(again, line));
        let mark = if left == right { " " } else { "≠" };
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "    {left:width$}  {mark}  {right}");
    }
    text
}
