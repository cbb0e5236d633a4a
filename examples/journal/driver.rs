//! A driver that keeps each run in a file: its input, then a JSON line for each step.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use owf_runtime::{Driver, DriverError, FlowControl, Hook, Host, Json, Memo, Memos, Operation, RunInfo, StepId};
use owf_runtime::{StepRecord, SystemHost, WorkflowError};

pub struct JournalDriver(pub PathBuf);

fn append(path: &Path, line: &impl serde::Serialize) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    writeln!(file, "{}", serde_json::to_string(line)?)?;
    file.sync_data()
}

fn read(path: &Path, input: &Json) -> io::Result<Memos> {
    let text = if path.exists() { fs::read_to_string(path)? } else { String::new() };
    let mut lines = text.lines();
    match lines.next() {
        None => append(path, input)?,
        Some(first) if serde_json::from_str::<Json>(first)?.is_same_value(input) => {}
        Some(_) => return Err(io::Error::other("it holds a run with another input")),
    }
    Ok(lines.map(serde_json::from_str::<(StepId, Memo)>).collect::<Result<_, _>>()?)
}

impl Driver for JournalDriver {
    fn host(&self) -> Arc<dyn Host> {
        Arc::new(SystemHost::new())
    }
    fn keeps_memos(&self) -> bool {
        true
    }
    fn on_run_started(&self, run: &RunInfo, input: Option<&Json>) -> Hook<Memos> {
        let memos = input.map_or(Ok(Memos::new()), |input| read(&self.0.join(run.id.as_str()), input));
        Hook::now(memos.map_err(|error| DriverError::new("read the journal", error)))
    }
    fn on_steps_found(&self, _: &RunInfo, _: &[Operation]) -> Hook {
        FlowControl::Continue.into()
    }
    fn on_step_executed(&self, run: &RunInfo, step: &StepRecord) -> Hook {
        let written = append(&self.0.join(run.id.as_str()), &(&step.id, step.memo()));
        let answer = written.map(|()| FlowControl::Continue);
        Hook::now(answer.map_err(|error| DriverError::new("write to the journal", error)))
    }
    fn on_workflow_completed(&self, _: &RunInfo, _: Option<&Json>) -> Hook {
        FlowControl::Continue.into()
    }
    fn on_workflow_error(&self, _: &RunInfo, _: &WorkflowError, _: bool) -> Hook {
        FlowControl::Continue.into()
    }
}
