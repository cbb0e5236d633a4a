//! The drivers under test, and what each of them declares.

use std::future::Future;
use std::sync::Arc;

use owf_runtime::kernel::RunInfo;
use owf_runtime::{
    CheckpointInMemoryDriver, Driver, Hook, Host, InMemoryDriver, Json, Memos, Operation, RunError, StepRecord,
    VirtualHost, Workflow, WorkflowClient, WorkflowError,
};

use crate::probe::fail_when_stalled;

/// What a behaviour returns: an error fails its test.
pub(crate) type Verdict = Result<(), Box<dyn std::error::Error>>;

/// The seed of every driver's randomness.
const SEED: u64 = 42;

/// A driver under test, with a clock that jumps.
pub(crate) struct Subject {
    pub(crate) host: Arc<VirtualHost>,
    pub(crate) driver: Arc<dyn Driver>,
    pub(crate) model: Model,
}

/// How a driver takes a run to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Model {
    /// The workflow's code is entered once.
    Continuous,
    /// The workflow's code is entered again after each step.
    Checkpoint,
}

pub(crate) fn in_memory() -> Subject {
    let host = Arc::new(VirtualHost::new(SEED));
    Subject { driver: Arc::new(InMemoryDriver::with_host(host.clone())), host, model: Model::Continuous }
}

pub(crate) fn checkpoint() -> Subject {
    let host = Arc::new(VirtualHost::new(SEED));
    Subject { driver: Arc::new(CheckpointInMemoryDriver::with_host(host.clone())), host, model: Model::Checkpoint }
}

/// Runs one behaviour to its verdict.
pub(crate) async fn judge(behaviour: impl Future<Output = Verdict>) -> Verdict {
    fail_when_stalled(behaviour).await
}

impl Subject {
    /// A new client of the driver, which knows no run yet.
    pub(crate) fn client(&self) -> WorkflowClient {
        WorkflowClient::new(Shared(self.driver.clone()))
    }

    /// How often the workflow's code is entered for this number of steps one after the other.
    pub(crate) fn entries(&self, steps: usize) -> usize {
        match self.model {
            Model::Continuous => 1,
            Model::Checkpoint => steps + 1,
        }
    }

    /// Runs a workflow by `invoke`, within this task.
    pub(crate) async fn invoke<W: Workflow>(&self, workflow: W, input: W::Input) -> Result<W::Output, RunError> {
        self.client().invoke(workflow, input).await
    }

    /// Runs a workflow by `start`, in a task of its own, and also tells what was executed.
    pub(crate) async fn start<W: Workflow>(
        &self,
        workflow: W,
        input: W::Input,
    ) -> Result<(W::Output, Vec<StepRecord>), RunError> {
        let run = self.client().start(workflow, input).await?;
        let output = run.result().await?;
        Ok((output, run.steps()))
    }

    /// The IDs that a workflow's attempts are recorded under, in the order of recording.
    pub(crate) async fn ids<W: Workflow>(&self, workflow: W, input: W::Input) -> Result<Vec<String>, RunError> {
        let (_, steps) = self.start(workflow, input).await?;
        Ok(steps.iter().map(|step| step.id.to_string()).collect())
    }
}

/// A driver that several clients share.
pub(crate) struct Shared(pub(crate) Arc<dyn Driver>);

impl Driver for Shared {
    fn host(&self) -> Arc<dyn Host> {
        self.0.host()
    }

    fn keeps_memos(&self) -> bool {
        self.0.keeps_memos()
    }

    fn on_run_started(&self, run: &RunInfo) -> Hook<Memos> {
        self.0.on_run_started(run)
    }

    fn on_steps_found(&self, run: &RunInfo, found: &[Operation]) -> Hook {
        self.0.on_steps_found(run, found)
    }

    fn on_step_executed(&self, run: &RunInfo, step: &StepRecord) -> Hook {
        self.0.on_step_executed(run, step)
    }

    fn on_workflow_completed(&self, run: &RunInfo, output: Option<&Json>) -> Hook {
        self.0.on_workflow_completed(run, output)
    }

    fn on_workflow_error(&self, run: &RunInfo, error: &WorkflowError, retry: bool) -> Hook {
        self.0.on_workflow_error(run, error, retry)
    }
}
