//! A driver that writes down which hooks are called, and answers some of them in place of the driver below.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use owf_runtime::kernel::RunInfo;
use owf_runtime::{
    Driver, DriverError, FlowControl, Hook, Host, InMemoryDriver, Json, Memos, Operation, StepOutcome, StepRecord,
    VirtualHost, WorkflowClient, WorkflowError,
};

/// What a script makes of a call; `None` leaves the answer to the driver below.
type Script = dyn Fn(&str) -> Option<Hook> + Send + Sync;

#[derive(Clone)]
pub(crate) struct Spy(Arc<Inner>);

struct Inner {
    driver: Arc<dyn Driver>,
    keeps_memos: bool,
    memos: Option<Memos>,
    script: Box<Script>,
    calls: Mutex<Vec<String>>,
    found: Mutex<Vec<Operation>>,
    records: Mutex<Vec<StepRecord>>,
}

impl Spy {
    /// Only watches.
    pub(crate) fn on(driver: Arc<dyn Driver>) -> Spy {
        Spy::scripted_on(driver, |_| None)
    }

    /// Watches, and answers as `script` says.
    pub(crate) fn scripted_on(
        driver: Arc<dyn Driver>,
        script: impl Fn(&str) -> Option<Hook> + Send + Sync + 'static,
    ) -> Spy {
        let keeps_memos = driver.keeps_memos();
        Spy::new(driver, keeps_memos, None, script)
    }

    /// A driver that keeps memos and says `Continue` wherever `script` says nothing else.
    pub(crate) fn scripted(script: impl Fn(&str) -> Option<Hook> + Send + Sync + 'static) -> Spy {
        Spy::new(Arc::new(InMemoryDriver::with_host(Arc::new(VirtualHost::new(1)))), true, None, script)
    }

    /// As [`scripted`](Spy::scripted) without a script, for a run of which something is recorded.
    pub(crate) fn with_memos(memos: Memos) -> Spy {
        let driver = InMemoryDriver::with_host(Arc::new(VirtualHost::new(1)));
        Spy::new(Arc::new(driver), true, Some(memos), |_| None)
    }

    fn new(
        driver: Arc<dyn Driver>,
        keeps_memos: bool,
        memos: Option<Memos>,
        script: impl Fn(&str) -> Option<Hook> + Send + Sync + 'static,
    ) -> Spy {
        let (calls, found, records) = Default::default();
        Spy(Arc::new(Inner { driver, keeps_memos, memos, script: Box::new(script), calls, found, records }))
    }

    pub(crate) fn client(&self) -> WorkflowClient {
        WorkflowClient::new(self.clone())
    }

    /// The calls so far: `started`, `found a b`, `executed a#1+`, `completed 42`, `error text`.
    pub(crate) fn calls(&self) -> Vec<String> {
        locked(&self.0.calls).clone()
    }

    /// Every operation that was found.
    pub(crate) fn found(&self) -> Vec<Operation> {
        locked(&self.0.found).clone()
    }

    /// Every record that was told.
    pub(crate) fn records(&self) -> Vec<StepRecord> {
        locked(&self.0.records).clone()
    }

    fn called(&self, call: String) -> Option<Hook> {
        let answer = (self.0.script)(&call);
        locked(&self.0.calls).push(call);
        answer
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The answer of a driver whose disk is full.
pub(crate) fn disk_full() -> Option<Hook> {
    Some(Hook::now(Err(DriverError::new("write to the journal", "disk full"))))
}

pub(crate) fn interrupt() -> Option<Hook> {
    Some(FlowControl::Interrupt.into())
}

impl Driver for Spy {
    fn host(&self) -> Arc<dyn Host> {
        self.0.driver.host()
    }

    fn keeps_memos(&self) -> bool {
        self.0.keeps_memos
    }

    fn on_run_started(&self, run: &RunInfo, input: Option<&Json>) -> Hook<Memos> {
        if let Some(hook) = self.called("started".to_owned()) {
            return Hook::later(async move { hook.await.map(|_| Memos::new()) });
        }
        match &self.0.memos {
            Some(memos) => Hook::now(Ok(memos.clone())),
            None => self.0.driver.on_run_started(run, input),
        }
    }

    fn on_steps_found(&self, run: &RunInfo, found: &[Operation]) -> Hook {
        locked(&self.0.found).extend_from_slice(found);
        let ids: Vec<&str> = found.iter().map(|operation| operation.id.as_str()).collect();
        let answer = self.called(format!("found {}", ids.join(" ")));
        answer.unwrap_or_else(|| self.0.driver.on_steps_found(run, found))
    }

    fn on_step_executed(&self, run: &RunInfo, step: &StepRecord) -> Hook {
        locked(&self.0.records).push(step.clone());
        let mark = match step.outcome {
            StepOutcome::Succeeded { .. } => '+',
            StepOutcome::Failed { .. } => '-',
            StepOutcome::Retrying { .. } => '~',
        };
        let answer = self.called(format!("executed {}#{}{mark}", step.id, step.attempt));
        answer.unwrap_or_else(|| self.0.driver.on_step_executed(run, step))
    }

    fn on_workflow_completed(&self, run: &RunInfo, output: Option<&Json>) -> Hook {
        let answer = self.called(format!("completed {}", output.map_or("nothing", Json::as_str)));
        answer.unwrap_or_else(|| self.0.driver.on_workflow_completed(run, output))
    }

    fn on_workflow_error(&self, run: &RunInfo, error: &WorkflowError, retry: bool) -> Hook {
        let last = if retry { "retry" } else { "last" };
        let answer = self.called(format!("error {} ({last})", error.message()));
        answer.unwrap_or_else(|| self.0.driver.on_workflow_error(run, error, retry))
    }
}
