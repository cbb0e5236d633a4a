//! Checkpoint and re-entry: each invocation executes one step, or the parallel ones, and ends.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::driver::{Driver, FlowControl, Hook};
use crate::error::{DriverError, WorkflowError};
use crate::host::{Host, SystemHost};
use crate::kernel::{Memos, Operation, OperationKind, RunId, RunInfo};
use crate::local::LocalRuns;
use crate::record::StepRecord;
use crate::value::Json;

/// Runs a workflow as an engine does: step by step, with a re-entry after each, its memos in a map.
///
/// N sequential steps take N + 1 invocations. While a run waits for a timer or a retry, its future is dropped. Runs are
/// lost with the process; a client that starts a run of the same ID on the same driver takes it up where it stood.
#[derive(Clone)]
pub struct CheckpointInMemoryDriver {
    host: Arc<dyn Host>,
    recorded: Arc<Mutex<HashMap<RunId, Recorded>>>,
    runs: LocalRuns,
}

#[derive(Default)]
struct Recorded {
    input: Option<Json>,
    memos: Memos,
}

impl CheckpointInMemoryDriver {
    /// A driver on the machine's clock.
    #[must_use]
    pub fn new() -> CheckpointInMemoryDriver {
        CheckpointInMemoryDriver::with_host(Arc::new(SystemHost::new()))
    }

    /// A driver on another clock and randomness, for tests.
    #[must_use]
    pub fn with_host(host: Arc<dyn Host>) -> CheckpointInMemoryDriver {
        CheckpointInMemoryDriver { host, recorded: Arc::default(), runs: LocalRuns::new() }
    }

    fn recorded(&self) -> MutexGuard<'_, HashMap<RunId, Recorded>> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for CheckpointInMemoryDriver {
    fn default() -> Self {
        CheckpointInMemoryDriver::new()
    }
}

impl fmt::Debug for CheckpointInMemoryDriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckpointInMemoryDriver").field("runs", &self.recorded().len()).finish_non_exhaustive()
    }
}

impl Driver for CheckpointInMemoryDriver {
    fn host(&self) -> Arc<dyn Host> {
        self.host.clone()
    }

    fn local_runs(&self) -> Option<LocalRuns> {
        Some(self.runs.clone())
    }

    fn keeps_memos(&self) -> bool {
        true
    }

    fn on_run_started(&self, run: &RunInfo, input: Option<&Json>) -> Hook<Memos> {
        let mut runs = self.recorded();
        let recorded = runs.entry(run.id.clone()).or_default();
        if let (Some(known), Some(input)) = (&recorded.input, input)
            && !known.is_same_value(input)
        {
            return Hook::now(Err(DriverError::other_input()));
        }
        recorded.input = recorded.input.take().or_else(|| input.cloned());
        Hook::now(Ok(recorded.memos.clone()))
    }

    fn on_steps_found(&self, run: &RunInfo, found: &[Operation]) -> Hook {
        let mut runs = self.recorded();
        let memos = &mut runs.entry(run.id.clone()).or_default().memos;
        for operation in found {
            if let Some(memo) = operation.memo() {
                memos.insert(operation.id.clone(), memo);
            }
        }
        let now = self.host.now();
        let any_due = found.iter().any(|operation| operation.is_due(now));
        if any_due { FlowControl::Continue.into() } else { FlowControl::Interrupt.into() }
    }

    fn on_step_executed(&self, run: &RunInfo, step: &StepRecord) -> Hook {
        if let Some(memo) = step.memo() {
            self.recorded().entry(run.id.clone()).or_default().memos.insert(step.id.clone(), memo);
        }
        // What only arrived has had no effect that an interruption could keep from being repeated.
        match step.kind {
            OperationKind::Step | OperationKind::Sleep => FlowControl::Interrupt.into(),
            _ => FlowControl::Continue.into(),
        }
    }

    fn on_workflow_completed(&self, run: &RunInfo, _: Option<&Json>) -> Hook {
        self.recorded().remove(&run.id);
        FlowControl::Continue.into()
    }

    fn on_workflow_error(&self, run: &RunInfo, _: &WorkflowError, retry: bool) -> Hook {
        if !retry {
            self.recorded().remove(&run.id);
        }
        FlowControl::Continue.into()
    }
}
