//! A driver that crashes where the schedule says so, over the checkpoint driver.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::report::{Crash, CrashMoment};
use super::schedule::Choices;
use crate::driver::{Driver, FlowControl, Hook};
use crate::drivers::CheckpointInMemoryDriver;
use crate::error::{DriverError, WorkflowError};
use crate::host::Host;
use crate::kernel::{
    Attempt, CleanupFate, CleanupSite, Mail, MemoResult, Memos, Operation, OperationKind, RunId, RunInfo, StepId,
    Watching, watch_cleanups,
};
use crate::local::LocalRuns;
use crate::record::{StepOutcome, StepRecord};
use crate::testing::clock::PausedHost;
use crate::testing::mocks::Mocks;
use crate::value::Json;

/// What one schedule may do, and what has come of it. Clones are the same schedule.
#[derive(Clone)]
pub(super) struct Script(Arc<Mutex<Course>>);

pub(super) struct Course {
    pub(super) choices: Choices,
    /// The run that is explored; others are its children.
    pub(super) main: RunId,
    pub(super) crashes_left: u32,
    /// Why the run may be cancelled at any boundary, until it is.
    pub(super) cancel: Option<String>,
    pub(super) operations_left: u32,
    pub(super) crashes: Vec<Crash>,
    pub(super) was_cancelled: bool,
    pub(super) effects: BTreeMap<(RunId, StepId), Effect>,
    /// The cleanups that were registered, and whether they ran to their end.
    pub(super) cleanups: BTreeMap<(RunId, CleanupSite), bool>,
    /// Runs that have failed or were cancelled.
    pub(super) failed: Vec<RunId>,
    pub(super) has_children: bool,
    /// What the main run was last found to wait for.
    pub(super) waits: Vec<String>,
    /// The crash that has not been seen to yet.
    pub(super) has_crashed: bool,
    letting: Letting,
}

/// What is known of a step's effect.
#[derive(Clone, Debug, Default)]
pub(super) struct Effect {
    begun: u32,
    failed: u32,
    pub(super) succeeded: bool,
    pub(super) has_undo: bool,
}

impl Effect {
    /// How often it ran: each attempt that began counts, unless it is known to have failed.
    pub(super) fn ran(&self) -> u32 {
        self.begun.saturating_sub(self.failed)
    }
}

/// Which of the steps that were found together are executed.
enum Letting {
    All,
    Only(StepId),
}

impl Script {
    pub(super) fn new(choices: Choices, main: RunId, crashes: u32, cancel: Option<String>, operations: u32) -> Script {
        Script(Arc::new(Mutex::new(Course {
            choices,
            main,
            crashes_left: crashes,
            cancel,
            operations_left: operations,
            crashes: Vec::new(),
            was_cancelled: false,
            effects: BTreeMap::new(),
            cleanups: BTreeMap::new(),
            failed: Vec::new(),
            has_children: false,
            waits: Vec::new(),
            has_crashed: false,
            letting: Letting::All,
        })))
    }

    /// Notes the cleanups of the runs on this thread, until what is returned is dropped.
    pub(super) fn watch_cleanups(&self) -> Watching {
        let script = self.clone();
        watch_cleanups(move |run, site, fate| {
            let mut course = script.course();
            *course.cleanups.entry((run.clone(), site)).or_default() |= fate == CleanupFate::RanToItsEnd;
        })
    }

    pub(super) fn course(&self) -> MutexGuard<'_, Course> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Course {
    /// Whether the run is to be stopped here: it takes more operations than it may.
    fn is_spent(&mut self) -> bool {
        self.operations_left = self.operations_left.saturating_sub(1);
        self.operations_left == 0
    }

    fn crash(&mut self, moment: CrashMoment, run: &RunInfo, operations: Vec<StepId>) -> DriverError {
        self.crashes_left -= 1;
        self.has_crashed |= run.id == self.main;
        let child = (run.id != self.main).then(|| run.id.clone());
        self.crashes.push(Crash { moment, operations, child });
        DriverError::new("go on", Crashed)
    }
}

/// The source of the error that stands for a crash.
#[derive(Debug)]
struct Crashed;

impl fmt::Display for Crashed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the process has crashed, as the explorer planned")
    }
}

impl Error for Crashed {}

pub(super) struct CrashingDriver {
    pub(super) driver: CheckpointInMemoryDriver,
    pub(super) host: Arc<PausedHost>,
    pub(super) runs: LocalRuns,
    pub(super) script: Script,
    pub(super) mocks: Mocks,
    /// Where randomness stood when something was last recorded: what a crash loses is drawn again.
    pub(super) recorded_randomness: Mutex<fastrand::Rng>,
}

/// What happens where an operation is recorded.
enum Recording {
    GoesOn,
    Lost { cancel: bool },
    Crashes,
    Cancels,
}

impl CrashingDriver {
    pub(super) fn new(host: Arc<PausedHost>, script: Script, mocks: Mocks) -> CrashingDriver {
        let driver = CheckpointInMemoryDriver::with_host(host.clone());
        let runs = driver.local_runs().unwrap_or_default();
        let recorded_randomness = Mutex::new(host.randomness());
        CrashingDriver { driver, host, runs, script, mocks, recorded_randomness }
    }

    fn randomness(&self) -> MutexGuard<'_, fastrand::Rng> {
        self.recorded_randomness.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn crash(&self, course: &mut Course, moment: CrashMoment, run: &RunInfo, operations: Vec<StepId>) -> Hook {
        self.host.restore_randomness(self.randomness().clone());
        Hook::now(Err(course.crash(moment, run, operations)))
    }

    /// The run is cancelled from outside.
    fn cancel(&self, course: &mut Course) {
        if let Some(reason) = course.cancel.take() {
            course.was_cancelled = true;
            // It is not over: its hooks are being called.
            let _ = self.runs.send(&course.main, Mail::Cancel { reason });
        }
    }

    fn record(&self, run: &RunInfo, step: &StepRecord) -> Hook {
        *self.randomness() = self.host.randomness();
        // As a driver that stores mail does, together with the record.
        if let (Some(letter), Some(state)) = (step.mail, self.runs.get(&run.id)) {
            state.inbox.used(letter);
        }
        let answer = self.driver.on_step_executed(run, step);
        // As a durable driver does: commit and go on. A crash enters the run again, and so does the turn of another step.
        match self.script.course().letting {
            Letting::All => FlowControl::Continue.into(),
            Letting::Only(_) => answer,
        }
    }
}

impl Recording {
    fn choose(course: &mut Course, run: &RunInfo) -> Recording {
        let cancels = course.cancel.is_some() && run.id == course.main;
        let crashes = course.crashes_left > 0;
        let mut ways = vec![Recording::GoesOn];
        if crashes {
            ways.extend([Recording::Lost { cancel: false }, Recording::Crashes]);
        }
        if cancels {
            ways.push(Recording::Cancels);
        }
        if crashes && cancels {
            ways.push(Recording::Lost { cancel: true });
        }
        if ways.len() == 1 {
            return Recording::GoesOn;
        }
        let count = u32::try_from(ways.len()).unwrap_or(1);
        ways.swap_remove(course.choices.choose_mishap(count) as usize)
    }
}

impl Driver for CrashingDriver {
    fn host(&self) -> Arc<dyn Host> {
        self.host.clone()
    }

    fn keeps_memos(&self) -> bool {
        true
    }

    fn local_runs(&self) -> Option<LocalRuns> {
        Some(self.runs.clone())
    }

    fn has_mocks(&self) -> bool {
        true
    }

    fn on_body_begins(&self, run: &RunInfo, attempt: &Attempt<'_>) -> Option<MemoResult> {
        let mut course = self.script.course();
        let effect = course.effects.entry((run.id.clone(), attempt.step.clone())).or_default();
        effect.begun += 1;
        effect.has_undo |= attempt.has_undo;
        self.mocks.of(attempt)
    }

    fn lets(&self, operation: &Operation) -> bool {
        match &self.script.course().letting {
            Letting::Only(step) if operation.kind() == OperationKind::Step => {
                operation.id == *step || !operation.is_due(self.host.now())
            }
            _ => true,
        }
    }

    fn on_run_started(&self, run: &RunInfo, input: Option<&Json>) -> Hook<Memos> {
        let mut course = self.script.course();
        course.has_children |= run.id != course.main;
        drop(course);
        self.driver.on_run_started(run, input)
    }

    fn on_steps_found(&self, run: &RunInfo, found: &[Operation]) -> Hook {
        let mut course = self.script.course();
        if course.is_spent() {
            return Hook::later(pending());
        }
        if run.id == course.main {
            let wait = |operation: &Operation| format!("`{}` ({})", operation.id, operation.kind());
            course.waits = found.iter().map(wait).collect();
        }
        let now = self.host.now();
        let is_due = |operation: &&Operation| operation.kind() == OperationKind::Step && operation.is_due(now);
        let due: Vec<StepId> = found.iter().filter(is_due).map(|operation| operation.id.clone()).collect();
        if !due.is_empty() && course.crashes_left > 0 && course.choices.choose_mishap(2) == 1 {
            return self.crash(&mut course, CrashMoment::BeforeEffect, run, due);
        }
        course.letting = Letting::All;
        if let Ok(count @ 2..) = u32::try_from(due.len())
            && let chosen @ 1.. = course.choices.choose(count + 1)
        {
            course.letting = Letting::Only(due[chosen as usize - 1].clone());
        }
        drop(course);
        self.driver.on_steps_found(run, found)
    }

    fn on_step_executed(&self, run: &RunInfo, step: &StepRecord) -> Hook {
        let mut course = self.script.course();
        if course.is_spent() {
            return Hook::later(pending());
        }
        if step.kind == OperationKind::Step {
            let effect = course.effects.entry((run.id.clone(), step.id.clone())).or_default();
            let succeeded = matches!(step.outcome, StepOutcome::Succeeded { .. });
            effect.succeeded |= succeeded;
            effect.failed += u32::from(!succeeded);
        }
        let id = || vec![step.id.clone()];
        match Recording::choose(&mut course, run) {
            Recording::GoesOn => {
                drop(course);
                self.record(run, step)
            }
            Recording::Lost { cancel } => {
                if cancel {
                    self.cancel(&mut course);
                }
                self.crash(&mut course, CrashMoment::BeforeRecord, run, id())
            }
            Recording::Crashes => {
                drop(course);
                // What the driver answers makes no difference any more.
                drop(self.record(run, step));
                self.crash(&mut self.script.course(), CrashMoment::AfterRecord, run, id())
            }
            Recording::Cancels => {
                self.cancel(&mut course);
                drop(course);
                self.record(run, step)
            }
        }
    }

    fn on_workflow_completed(&self, run: &RunInfo, output: Option<&Json>) -> Hook {
        let mut course = self.script.course();
        if course.crashes_left > 0 && course.choices.choose_mishap(2) == 1 {
            return self.crash(&mut course, CrashMoment::BeforeEnd, run, Vec::new());
        }
        drop(course);
        self.driver.on_workflow_completed(run, output)
    }

    fn on_workflow_error(&self, run: &RunInfo, error: &WorkflowError, retry: bool) -> Hook {
        let mut course = self.script.course();
        if retry && course.is_spent() {
            return Hook::later(pending());
        }
        if !retry {
            if course.crashes_left > 0 && course.choices.choose_mishap(2) == 1 {
                return self.crash(&mut course, CrashMoment::BeforeEnd, run, Vec::new());
            }
            course.failed.push(run.id.clone());
        }
        drop(course);
        self.driver.on_workflow_error(run, error, retry)
    }
}
