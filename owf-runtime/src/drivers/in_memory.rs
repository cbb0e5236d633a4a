//! Continuous execution: one invocation, no state.

use std::fmt;
use std::sync::Arc;

use crate::driver::{Driver, FlowControl, Hook};
use crate::error::WorkflowError;
use crate::host::{Host, SystemHost};
use crate::kernel::{Memos, Operation, RunInfo};
use crate::local::LocalRuns;
use crate::record::StepRecord;
use crate::value::Json;

/// Runs a workflow once, from its start to its end, in memory.
///
/// Nothing is encoded and nothing is kept, so a crash loses the run. Use it in tests, and where a run is short and can
/// be started anew.
///
/// A workflow with `#[workflow(retries = ..)]` is the exception: its memos are kept until it ends, so that the retry of
/// the workflow itself does not repeat its steps.
#[derive(Clone)]
pub struct InMemoryDriver {
    host: Arc<dyn Host>,
    runs: LocalRuns,
}

impl InMemoryDriver {
    /// A driver on the machine's clock.
    #[must_use]
    pub fn new() -> InMemoryDriver {
        InMemoryDriver::with_host(Arc::new(SystemHost::new()))
    }

    /// A driver on another clock and randomness, for tests.
    #[must_use]
    pub fn with_host(host: Arc<dyn Host>) -> InMemoryDriver {
        InMemoryDriver { host, runs: LocalRuns::new() }
    }
}

impl Default for InMemoryDriver {
    fn default() -> Self {
        InMemoryDriver::new()
    }
}

impl fmt::Debug for InMemoryDriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InMemoryDriver")
    }
}

impl Driver for InMemoryDriver {
    fn host(&self) -> Arc<dyn Host> {
        self.host.clone()
    }

    fn local_runs(&self) -> Option<LocalRuns> {
        Some(self.runs.clone())
    }

    fn keeps_memos(&self) -> bool {
        false
    }

    fn on_run_started(&self, _: &RunInfo, _: Option<&Json>) -> Hook<Memos> {
        Hook::now(Ok(Memos::new()))
    }

    fn on_steps_found(&self, _: &RunInfo, _: &[Operation]) -> Hook {
        FlowControl::Continue.into()
    }

    fn on_step_executed(&self, _: &RunInfo, _: &StepRecord) -> Hook {
        FlowControl::Continue.into()
    }

    fn on_workflow_completed(&self, _: &RunInfo, _: Option<&Json>) -> Hook {
        FlowControl::Continue.into()
    }

    fn on_workflow_error(&self, _: &RunInfo, _: &WorkflowError, _: bool) -> Hook {
        FlowControl::Continue.into()
    }
}
