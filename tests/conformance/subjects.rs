//! The drivers under test, and what each of them declares.

use std::future::Future;
use std::sync::Arc;
use std::time::SystemTime;

use owf_runtime::{
    CheckpointInMemoryDriver, Driver, Host, InMemoryDriver, RunError, StepRecord, VirtualHost, Workflow, WorkflowClient,
};

use crate::clock::DrivenHost;
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
    /// A driver of the same kind, on a clock that the test moves.
    pub(crate) fn driven(&self) -> (DrivenHost, Arc<dyn Driver>) {
        let clock = DrivenHost::starting_at(SystemTime::UNIX_EPOCH);
        let host: Arc<dyn Host> = Arc::new(clock.clone());
        let driver: Arc<dyn Driver> = match self.model {
            Model::Continuous => Arc::new(InMemoryDriver::with_host(host)),
            Model::Checkpoint => Arc::new(CheckpointInMemoryDriver::with_host(host)),
        };
        (clock, driver)
    }

    /// A client of such a driver.
    pub(crate) fn driven_client(&self) -> (DrivenHost, WorkflowClient) {
        let (clock, driver) = self.driven();
        (clock, WorkflowClient::new(driver))
    }

    /// A new client of the driver, which knows no run yet.
    pub(crate) fn client(&self) -> WorkflowClient {
        WorkflowClient::new(self.driver.clone())
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
        Ok((output, run.steps().await?))
    }

    /// The IDs that a workflow's attempts are recorded under, in the order of recording.
    pub(crate) async fn ids<W: Workflow>(&self, workflow: W, input: W::Input) -> Result<Vec<String>, RunError> {
        let (_, steps) = self.start(workflow, input).await?;
        Ok(steps.iter().map(|step| step.id.to_string()).collect())
    }
}
