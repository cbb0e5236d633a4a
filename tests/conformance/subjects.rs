//! The drivers under test, and what each of them declares.

use std::future::Future;
use std::sync::Arc;
use std::time::SystemTime;

use owf_runtime::{
    CheckpointInMemoryDriver, Driver, Host, InMemoryDriver, RunError, StepRecord, VirtualHost, Workflow, WorkflowClient,
};

use crate::clock::DrivenHost;
use crate::probe::fail_when_stalled;
#[cfg(feature = "sqlite")]
use crate::sqlite::SqliteFile;

/// What the behaviours start runs with.
pub(crate) type Client = WorkflowClient;

/// What a behaviour returns: an error fails its test.
pub(crate) type Verdict = Result<(), Box<dyn std::error::Error>>;

/// The seed of every driver's randomness.
const SEED: u64 = 42;

/// A driver under test, with a clock that jumps.
pub(crate) struct Subject {
    pub(crate) host: Arc<VirtualHost>,
    pub(crate) model: Model,
    kind: Kind,
}

/// How a driver takes a run to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Model {
    /// The workflow's code is entered once.
    Continuous,
    /// The workflow's code is entered again after each step.
    Checkpoint,
    /// The workflow's code is entered again after each wait.
    #[cfg_attr(not(feature = "sqlite"), expect(dead_code, reason = "a durable driver does"))]
    Suspending,
}

/// What kind of driver it is.
enum Kind {
    /// One that decides by hooks.
    Hooks(Arc<dyn Driver>),
    /// A durable one, on a file.
    #[cfg(feature = "sqlite")]
    Sqlite(SqliteFile),
}

pub(crate) fn in_memory() -> Subject {
    let host = Arc::new(VirtualHost::new(SEED));
    let driver = Arc::new(InMemoryDriver::with_host(host.clone()));
    Subject { kind: Kind::Hooks(driver), host, model: Model::Continuous }
}

pub(crate) fn checkpoint() -> Subject {
    let host = Arc::new(VirtualHost::new(SEED));
    let driver = Arc::new(CheckpointInMemoryDriver::with_host(host.clone()));
    Subject { kind: Kind::Hooks(driver), host, model: Model::Checkpoint }
}

/// A durable driver that keeps what waits in memory.
#[cfg(feature = "sqlite")]
pub(crate) fn sqlite() -> Subject {
    let host = Arc::new(VirtualHost::new(SEED));
    Subject { kind: Kind::Sqlite(SqliteFile::new(host.clone(), false)), host, model: Model::Continuous }
}

/// A durable driver that drops at every wait what it has in memory.
#[cfg(feature = "sqlite")]
pub(crate) fn sqlite_suspending() -> Subject {
    let host = Arc::new(VirtualHost::new(SEED));
    Subject { kind: Kind::Sqlite(SqliteFile::new(host.clone(), true)), host, model: Model::Suspending }
}

/// Runs one behaviour of a subject to its verdict.
pub(crate) async fn judge(_: &str, _: &str, behaviour: impl Future<Output = Verdict>) -> Verdict {
    fail_when_stalled(behaviour).await
}

impl Subject {
    /// The driver, where it is one that decides by hooks.
    pub(crate) fn driver(&self) -> Arc<dyn Driver> {
        match &self.kind {
            Kind::Hooks(driver) => driver.clone(),
            #[cfg(feature = "sqlite")]
            Kind::Sqlite(_) => panic!("declared: it has no hooks"),
        }
    }

    /// Whether the driver records what a run does.
    pub(crate) fn keeps_memos(&self) -> bool {
        match &self.kind {
            Kind::Hooks(driver) => driver.keeps_memos(),
            #[cfg(feature = "sqlite")]
            Kind::Sqlite(_) => true,
        }
    }

    /// Whether what the driver knows outlives the process.
    pub(crate) fn outlives_processes(&self) -> bool {
        match &self.kind {
            Kind::Hooks(_) => false,
            #[cfg(feature = "sqlite")]
            Kind::Sqlite(_) => true,
        }
    }

    /// The latest time that the driver can record, if there is one.
    pub(crate) fn latest_time(&self) -> Option<SystemTime> {
        match &self.kind {
            Kind::Hooks(_) => None,
            // In the year 2262.
            #[cfg(feature = "sqlite")]
            Kind::Sqlite(_) => Some(SystemTime::UNIX_EPOCH + std::time::Duration::from_nanos(i64::MAX.unsigned_abs())),
        }
    }

    /// A client of a driver of the same kind, on a clock that the test moves.
    pub(crate) fn driven_client(&self) -> (DrivenHost, WorkflowClient) {
        let (clock, mut clients) = self.driven_clients(1);
        (clock, clients.remove(0))
    }

    /// As [`driven_client`](Subject::driven_client), with several clients of the one driver.
    pub(crate) fn driven_clients(&self, count: usize) -> (DrivenHost, Vec<WorkflowClient>) {
        let clock = DrivenHost::starting_at(SystemTime::UNIX_EPOCH);
        let host: Arc<dyn Host> = Arc::new(clock.clone());
        let driver: Arc<dyn Driver> = match &self.kind {
            Kind::Hooks(_) if self.model == Model::Continuous => Arc::new(InMemoryDriver::with_host(host)),
            Kind::Hooks(_) => Arc::new(CheckpointInMemoryDriver::with_host(host)),
            #[cfg(feature = "sqlite")]
            Kind::Sqlite(file) => {
                let driver = file.open_beside(host);
                return (clock, (0..count).map(|_| WorkflowClient::new(driver.clone())).collect());
            }
        };
        (clock, (0..count).map(|_| WorkflowClient::new(driver.clone())).collect())
    }

    /// A new client of the driver, which knows no run yet.
    pub(crate) fn client(&self) -> WorkflowClient {
        match &self.kind {
            Kind::Hooks(driver) => WorkflowClient::new(driver.clone()),
            #[cfg(feature = "sqlite")]
            Kind::Sqlite(file) => WorkflowClient::new(file.driver.clone()),
        }
    }

    /// Tells of a workflow that runs are going to invoke. A driver that executes its runs itself learns of it from them.
    pub(crate) fn knows<W: Workflow>(&self, _: W) {}

    /// How often the workflow's code is entered for this number of steps one after the other.
    pub(crate) fn entries(&self, steps: usize) -> usize {
        match self.model {
            Model::Continuous | Model::Suspending => 1,
            Model::Checkpoint => steps + 1,
        }
    }

    /// Runs a workflow by `invoke`.
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
