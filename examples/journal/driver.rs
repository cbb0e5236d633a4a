//! A driver that appends what a run records to a file, one JSON line each.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use owf_runtime::{Driver, DriverError, FlowControl, Hook, Host, Json, Memo, Memos, Operation, RunId, RunInfo, StepId};
use owf_runtime::{StepRecord, SystemHost, WorkflowError};

pub struct JournalDriver(pub PathBuf);

impl JournalDriver {
    fn append(&self, run: &RunInfo, memos: impl Iterator<Item = (StepId, Memo)>) -> io::Result<FlowControl> {
        let mut file = OpenOptions::new().create(true).append(true).open(&self.0)?;
        for (step, memo) in memos {
            writeln!(file, "{}", serde_json::to_string(&(&run.id, step, memo))?)?;
        }
        file.sync_data()?;
        Ok(FlowControl::Continue)
    }

    fn read(&self, run: &RunInfo) -> io::Result<Memos> {
        let text = if self.0.exists() { fs::read_to_string(&self.0)? } else { String::new() };
        let lines: Result<Vec<(RunId, StepId, Memo)>, _> = text.lines().map(serde_json::from_str).collect();
        Ok(lines?.into_iter().filter(|(id, ..)| *id == run.id).map(|(_, step, memo)| (step, memo)).collect())
    }
}

impl Driver for JournalDriver {
    fn host(&self) -> Arc<dyn Host> {
        Arc::new(SystemHost)
    }
    fn keeps_memos(&self) -> bool {
        true
    }
    fn on_run_started(&self, run: &RunInfo) -> Hook<Memos> {
        Hook::now(self.read(run).map_err(|error| DriverError::new("read the journal", error)))
    }
    fn on_steps_found(&self, run: &RunInfo, found: &[Operation]) -> Hook {
        let timers = found.iter().filter_map(|operation| Some((operation.id.clone(), operation.memo()?)));
        Hook::now(self.append(run, timers).map_err(|error| DriverError::new("append to the journal", error)))
    }
    fn on_step_executed(&self, run: &RunInfo, step: &StepRecord) -> Hook {
        let memo = step.memo().map(|memo| (step.id.clone(), memo));
        Hook::now(self.append(run, memo.into_iter()).map_err(|error| DriverError::new("append to the journal", error)))
    }
    fn on_workflow_completed(&self, _: &RunInfo, _: Option<&Json>) -> Hook {
        FlowControl::Continue.into()
    }
    fn on_workflow_error(&self, _: &RunInfo, _: &WorkflowError, _: bool) -> Hook {
        FlowControl::Continue.into()
    }
}
