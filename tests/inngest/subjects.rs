//! The subjects of `tests/conformance` behind HTTP: each run is driven by a server that the test plays.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use owf_runtime::inngest::{Checkpointing, InngestDriver, InngestFunction};
use owf_runtime::{Host, RunError, StepRecord, VirtualHost, Workflow};

use crate::clients::Cancels;
use crate::clock::DrivenHost;
use crate::declared;
use crate::engine::{Configure, Engine, Time};
use crate::probe::{fail_when_stalled, waits_for_others};

pub(crate) use crate::clients::Client;

pub(crate) type Verdict = Result<(), Box<dyn std::error::Error>>;

/// How long a behaviour that is declared may take to fail.
const PATIENCE: Duration = Duration::from_millis(500);

/// Tells a client's server of a workflow.
type Tell = Box<dyn Fn(&Client) + Send>;

/// A driver under test.
pub(crate) struct Subject {
    pub(crate) host: Arc<VirtualHost>,
    pub(crate) model: Model,
    client: Client,
    kind: Kind,
    /// For the servers of clients to come: the workflows that runs are going to invoke.
    known: Mutex<Vec<Tell>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Model {
    Continuous,
    Checkpoint,
    #[expect(dead_code, reason = "the behaviours ask for it of durable drivers")]
    Suspending,
}

/// How the driver is configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Step by step.
    Plain,
    /// With steps that are reported along the way.
    Checkpointing,
    /// With functions whose runs hear of their cancellation.
    Graceful,
}

pub(crate) fn plain() -> Subject {
    Subject::new(Kind::Plain)
}

pub(crate) fn checkpointing() -> Subject {
    Subject::new(Kind::Checkpointing)
}

pub(crate) fn graceful() -> Subject {
    Subject::new(Kind::Graceful)
}

/// Judges a behaviour. One that is declared has to fail: what passes is not to be declared.
pub(crate) async fn judge(subject: &str, name: &str, behaviour: impl Future<Output = Verdict>) -> Verdict {
    waits_for_others();
    let Some(declared) = declared::find(subject, name) else { return fail_when_stalled(behaviour).await };
    if declared.may_hold {
        return Ok(());
    }
    let mut behaviour = std::pin::pin!(behaviour);
    let caught = std::future::poll_fn(|cx| {
        let polled = std::panic::catch_unwind(AssertUnwindSafe(|| behaviour.as_mut().poll(cx)));
        polled.unwrap_or(std::task::Poll::Ready(Err("it panicked".into())))
    });
    match tokio::time::timeout(PATIENCE, caught).await {
        Ok(Ok(())) => Err(format!("it passes, and is declared: {}", declared.why).into()),
        _ => Ok(()),
    }
}

impl Kind {
    fn configure(self) -> Configure {
        let plain: fn(InngestDriver) -> InngestDriver = |driver| driver.signals_per_run(true);
        match self {
            Kind::Plain => Configure { driver: plain, function: std::convert::identity },
            Kind::Checkpointing => Configure {
                driver: |driver| {
                    let runtime = Duration::from_secs(3600);
                    driver.signals_per_run(true).checkpointing(Checkpointing::new().runtime(runtime))
                },
                function: std::convert::identity,
            },
            Kind::Graceful => Configure { driver: plain, function: InngestFunction::cancel_gracefully },
        }
    }

    fn client(self, host: Arc<dyn Host>, time: Time) -> Client {
        let cancels = if self == Kind::Graceful { Cancels::Asking } else { Cancels::AtServer };
        Client::new(Engine::start(host, time, self.configure()), cancels)
    }
}

impl Subject {
    fn new(kind: Kind) -> Subject {
        let host = Arc::new(VirtualHost::new(42));
        let model = if kind == Kind::Checkpointing { Model::Continuous } else { Model::Checkpoint };
        Subject { client: kind.client(host.clone(), Time::Jumps), host, model, kind, known: Mutex::default() }
    }

    pub(crate) fn client(&self) -> Client {
        self.client.clone()
    }

    /// As [`client`](Subject::client), on a clock that the test moves.
    pub(crate) fn driven_client(&self) -> (DrivenHost, Client) {
        let (clock, mut clients) = self.driven_clients(1);
        (clock, clients.remove(0))
    }

    pub(crate) fn driven_clients(&self, count: usize) -> (DrivenHost, Vec<Client>) {
        let clock = DrivenHost::starting_at(UNIX_EPOCH);
        let client = self.kind.client(Arc::new(clock.clone()), Time::IsDriven);
        self.known().iter().for_each(|tell| tell(&client));
        (clock, vec![client; count])
    }

    /// Tells the server of a workflow that runs are going to invoke.
    pub(crate) fn knows<W: Workflow>(&self, workflow: W) {
        self.client.knows(workflow);
        self.known().push(Box::new(move |client| client.knows(workflow)));
    }

    fn known(&self) -> MutexGuard<'_, Vec<Tell>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn keeps_memos(&self) -> bool {
        true
    }

    pub(crate) fn outlives_processes(&self) -> bool {
        true
    }

    pub(crate) fn latest_time(&self) -> Option<SystemTime> {
        None
    }

    pub(crate) fn entries(&self, steps: usize) -> usize {
        match self.kind {
            Kind::Plain => steps + 1,
            Kind::Checkpointing => 1,
            // Each is planned before it runs.
            Kind::Graceful => 2 * steps + 1,
        }
    }

    pub(crate) async fn invoke<W: Workflow>(&self, workflow: W, input: W::Input) -> Result<W::Output, RunError> {
        self.client().invoke(workflow, input).await
    }

    pub(crate) async fn start<W: Workflow>(
        &self,
        workflow: W,
        input: W::Input,
    ) -> Result<(W::Output, Vec<StepRecord>), RunError> {
        let run = self.client().start(workflow, input).await?;
        let output = run.result().await?;
        Ok((output, run.steps().await?))
    }

    pub(crate) async fn ids<W: Workflow>(&self, workflow: W, input: W::Input) -> Result<Vec<String>, RunError> {
        let (_, steps) = self.start(workflow, input).await?;
        Ok(steps.iter().map(|step| step.id.to_string()).collect())
    }
}
