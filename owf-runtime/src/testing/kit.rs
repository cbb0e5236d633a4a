//! The test kit: runs workflows on the real client and drivers, in virtual time.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::agenda::{At, Undelivered};
use super::clock::{PausedHost, paused_runtime};
use super::mocks::{Mock, Mocks};
use super::table::side_by_side;
use crate::client::{Backend, Start, WorkflowClient};
use crate::driver::{Driver, Hook};
use crate::drivers::{CheckpointInMemoryDriver, InMemoryDriver};
use crate::error::{RunError, WorkflowError};
use crate::handle::RunHandle;
use crate::host::Host;
use crate::kernel::{Attempt, MemoResult, Memos, Operation, OperationKind, RunInfo};
use crate::local::{LocalClient, LocalRuns, RunState};
use crate::record::{StepOutcome, StepRecord};
use crate::value::Json;
use crate::workflow::Workflow;

/// The seed of what is random in a test.
const SEED: u64 = 42;

/// How often all that can go on gets its turn, after time was moved.
const ROUNDS: usize = 1_000;

/// Runs workflows in a test, in virtual time: what [`#[owf_runtime::test]`](macro@crate::test) hands to a test.
///
/// Time begins at [`begins_at`](super::begins_at), stands still while anything can go on, and then jumps to the next timer, be it a workflow's `sleep`, a
/// retry, a timeout, or `tokio::time::sleep` in a step's body or in the test. A run takes the real client and driver: [`InMemoryDriver`], or
/// [`CheckpointInMemoryDriver`] after [`checkpoint`](TestKit::checkpoint).
///
/// At the end of the test, a mock that no step has used fails it, and so does a signal or a cancellation that came too late.
///
/// ```
/// use std::time::Duration;
///
/// use owf_runtime::prelude::*;
/// use owf_runtime::testing::TestKit;
///
/// const DAY: Duration = Duration::from_secs(24 * 3600);
///
/// #[workflow]
/// async fn order(id: String) -> WorkflowResult<String> {
///     let receipt = step!("charge", format!("charged {id}")).await?;
///     let approved = wait_for_signal::<bool>("approval", "approved").timeout(7 * DAY).await?;
///     if approved != Some(true) {
///         step!("refund", println!("refunding {id}")).await?;
///     }
///     Ok(receipt)
/// }
///
/// # fn main() { owf_runtime::testing::run_test(what_nobody_approves_of_is_refunded).unwrap() }
/// # /* The harness of Rust calls it only in a test.
/// #[owf_runtime::test]
/// # */
/// async fn what_nobody_approves_of_is_refunded(kit: TestKit) -> Result<(), RunError> {
///     kit.mock("charge").attempt(1).fail_with("the bank is asleep").attempt(2).with("receipt 7");
///     let run = kit.start(order, "order-42".to_owned()).await?;
///     assert_eq!(run.result().await?, "receipt 7");
///     kit.assert_steps(&run, ["charge", "refund"]);
///     assert!(kit.elapsed() > 7 * DAY);
///     Ok(())
/// }
/// ```
#[derive(Clone)]
pub struct TestKit {
    client: WorkflowClient,
    local: LocalClient,
    host: Arc<PausedHost>,
    mocks: Mocks,
    undelivered: Undelivered,
}

impl TestKit {
    fn new() -> TestKit {
        let (host, mocks) = (Arc::new(PausedHost::new(SEED)), Mocks::default());
        let (client, local) = client(InMemoryDriver::with_host(host.clone()), &mocks);
        TestKit { client, local, host, mocks, undelivered: Undelivered::default() }
    }

    /// The same kit, with runs that are entered again after each step.
    #[must_use]
    pub fn checkpoint(mut self) -> TestKit {
        (self.client, self.local) = client(CheckpointInMemoryDriver::with_host(self.host.clone()), &self.mocks);
        self
    }

    /// The client, for all that the kit has no word of its own for. It keeps the values of steps.
    #[must_use]
    pub fn client(&self) -> &WorkflowClient {
        &self.client
    }

    /// Starts a run; await what it returns for a [`RunHandle`].
    pub fn start<W: Workflow>(&self, workflow: W, input: W::Input) -> Start<W> {
        self.client.start(workflow, input)
    }

    /// Starts a run, and waits for its result.
    ///
    /// # Errors
    ///
    /// [`RunErrorReason`](crate::RunErrorReason) lists what keeps a run from its result.
    pub async fn run<W: Workflow>(&self, workflow: W, input: W::Input) -> Result<W::Output, RunError> {
        self.start(workflow, input).await?.result().await
    }

    /// Puts something in the place of a step's body, in all runs; an ID that is met again is a step of its own (`charge:1`), and so is an undo
    /// (`hotel:undo`).
    pub fn mock(&self, step: impl AsRef<str>) -> Mock {
        self.mocks.mock(step.as_ref())
    }

    /// Speaks of a virtual time, counted from the beginning of the test: `kit.at(DAY).signal(&run, "approved", &true)`. A time that is past is
    /// now.
    pub fn at(&self, time: Duration) -> At {
        let wait = time.saturating_sub(self.elapsed());
        At { client: self.local.clone(), undelivered: self.undelivered.clone(), time, wait }
    }

    /// Lets this virtual time pass, with all that happens in it.
    pub async fn advance(&self, time: Duration) {
        tokio::time::sleep(time).await;
        // What is due at this very time has its turn, too.
        for _ in 0..ROUNDS {
            tokio::task::yield_now().await;
        }
    }

    /// The virtual time that has passed since the beginning of the test.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.host.elapsed()
    }

    /// The virtual time now.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.host.now()
    }

    /// The steps of a run that have ended, in the order in which they did; each once, however many attempts it took.
    #[must_use]
    pub fn steps<W: Workflow>(&self, run: &RunHandle<W>) -> Vec<String> {
        let is_over = |record: &&StepRecord| {
            record.kind == OperationKind::Step && !matches!(record.outcome, StepOutcome::Retrying { .. })
        };
        let steps = run.local().map(RunState::steps).unwrap_or_default();
        steps.iter().filter(is_over).map(|record| record.id.to_string()).collect()
    }

    /// Checks which steps of a run have ended, and in which order.
    ///
    /// # Panics
    ///
    /// When they differ; the message shows both lists side by side.
    #[track_caller]
    pub fn assert_steps<W: Workflow>(&self, run: &RunHandle<W>, expected: impl IntoIterator<Item: Into<String>>) {
        let expected: Vec<String> = expected.into_iter().map(Into::into).collect();
        let executed = self.steps(run);
        let table = || side_by_side(["expected", "executed"], &expected, &executed);
        assert!(expected == executed, "run `{}` of `{}` took other steps:\n{}", run.id(), W::NAME, table());
    }

    /// What is wrong at the end of a test, in words.
    fn complaints(&self) -> Vec<String> {
        let unused = |step: String| {
            format!(
                "no step has used the mock of `{step}`: see that the ID is that of the step, and that a run comes to it"
            )
        };
        let mut complaints: Vec<String> = self.mocks.unused().into_iter().map(unused).collect();
        complaints.append(&mut self.undelivered.lines());
        complaints
    }
}

impl fmt::Debug for TestKit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestKit").field("elapsed", &self.elapsed()).finish_non_exhaustive()
    }
}

fn client(driver: impl Driver, mocks: &Mocks) -> (WorkflowClient, LocalClient) {
    let mut local = LocalClient::new(Arc::new(KitDriver { driver, mocks: mocks.clone() }));
    local.settings.keep_values = true;
    (WorkflowClient::over(Backend::Local(local.clone())), local)
}

/// Runs a test in virtual time: what `#[owf_runtime::test]` makes of it.
///
/// # Panics
///
/// When the test does, when a mock was not used, or when something could not be delivered.
#[track_caller]
pub fn run_test<F, T>(test: impl FnOnce(TestKit) -> F) -> T
where
    F: Future<Output = T>,
    T: TestOutcome,
{
    let (outcome, complaints) = paused_runtime().block_on(async {
        let kit = TestKit::new();
        let outcome = test(kit.clone()).await;
        (outcome, kit.complaints())
    });
    // A test that has failed says why by itself.
    assert!(outcome.has_failed() || complaints.is_empty(), "{}", complaints.join("\n"));
    outcome
}

/// What a test may return: nothing, or a `Result`.
#[diagnostic::on_unimplemented(
    message = "a test returns nothing or a `Result`, and not `{Self}`",
    label = "the return type of this test",
    note = "write `-> WorkflowResult<()>`, or `-> Result<(), RunError>`"
)]
pub trait TestOutcome {
    /// Whether it is an error.
    fn has_failed(&self) -> bool;
}

impl TestOutcome for () {
    fn has_failed(&self) -> bool {
        false
    }
}

impl<T, E> TestOutcome for Result<T, E> {
    fn has_failed(&self) -> bool {
        self.is_err()
    }
}

/// A driver with mocks.
struct KitDriver<D> {
    driver: D,
    mocks: Mocks,
}

impl<D: Driver> Driver for KitDriver<D> {
    fn host(&self) -> Arc<dyn Host> {
        self.driver.host()
    }

    fn keeps_memos(&self) -> bool {
        self.driver.keeps_memos()
    }

    fn on_run_started(&self, run: &RunInfo, input: Option<&Json>) -> Hook<Memos> {
        self.driver.on_run_started(run, input)
    }

    fn on_steps_found(&self, run: &RunInfo, found: &[Operation]) -> Hook {
        self.driver.on_steps_found(run, found)
    }

    fn on_step_executed(&self, run: &RunInfo, step: &StepRecord) -> Hook {
        self.driver.on_step_executed(run, step)
    }

    fn on_workflow_completed(&self, run: &RunInfo, output: Option<&Json>) -> Hook {
        self.driver.on_workflow_completed(run, output)
    }

    fn on_workflow_error(&self, run: &RunInfo, error: &WorkflowError, retry: bool) -> Hook {
        self.driver.on_workflow_error(run, error, retry)
    }

    fn lets(&self, operation: &Operation) -> bool {
        self.driver.lets(operation)
    }

    fn local_runs(&self) -> Option<LocalRuns> {
        self.driver.local_runs()
    }

    fn has_mocks(&self) -> bool {
        true
    }

    fn on_body_begins(&self, _: &RunInfo, attempt: &Attempt<'_>) -> Option<MemoResult> {
        self.mocks.of(attempt)
    }
}
