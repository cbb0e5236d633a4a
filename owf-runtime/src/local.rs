//! The runs of this process: who they are, what they are sent, and who waits for whom.

mod client;
mod runner;

pub(crate) use client::{LocalClient, Origin};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use tokio::sync::watch;

use crate::error::{RunError, RunErrorReason};
use crate::export::{ExportedMemo, ExportedStatus, ExportedWait, RunExport};
use crate::failure::Failure;
use crate::kernel::{EventPattern, Inbox, Mail, MemoResult, Memos, Operation, RunId, RunInfo, StepId};
use crate::record::{StepOutcome, StepRecord};
use crate::value::Json;
use crate::workflow::AnyWorkflow;

/// The runs that a driver executes in this process. Clones are the same runs.
#[derive(Clone, Default)]
pub struct LocalRuns(Arc<Content>);

#[derive(Default)]
struct Content {
    runs: Mutex<HashMap<RunId, Arc<RunState>>>,
    /// By the name of the event.
    waits: Mutex<HashMap<String, EventWaits>>,
    registered: Mutex<Vec<AnyWorkflow>>,
}

/// Which operations of which runs wait for an event.
type EventWaits = HashMap<(RunId, StepId), EventPattern>;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl LocalRuns {
    /// No runs.
    #[must_use]
    pub fn new() -> LocalRuns {
        LocalRuns::default()
    }

    pub(crate) fn get(&self, id: &RunId) -> Option<Arc<RunState>> {
        lock(&self.0.runs).get(id).cloned()
    }

    /// Finds the run of that ID, or puts in the one that `make` makes; `true` if it was put in, or is to be taken up again.
    pub(crate) fn find_or_insert(
        &self,
        id: &RunId,
        workflow: &'static str,
        input: &Json,
        make: impl FnOnce(Option<&RunState>) -> Arc<RunState>,
    ) -> Result<(Arc<RunState>, bool), RunErrorReason> {
        let mut runs = lock(&self.0.runs);
        let known = runs.get(id);
        if let Some(known) = known {
            known.check_same(workflow, input)?;
            if !known.is_interrupted() {
                return Ok((known.clone(), false));
            }
        }
        let state = make(known.map(Arc::as_ref));
        if let Some(interrupted) = runs.insert(id.clone(), state.clone()) {
            state.take_over(&interrupted);
        }
        Ok((state, true))
    }

    pub(crate) fn insert(&self, state: &Arc<RunState>) {
        lock(&self.0.runs).insert(state.id.clone(), state.clone());
    }

    /// Puts mail into the inbox of a run that is not over.
    pub(crate) fn send(&self, id: &RunId, mail: Mail) -> Result<(), RunErrorReason> {
        let Some(run) = self.get(id) else { return Err(RunErrorReason::Unknown) };
        run.send(mail)
    }

    pub(crate) fn subscribe(&self, run: &RunState, operation: &StepId, event: &EventPattern) {
        run.content().event_waits.insert(operation.clone(), event.name.clone());
        let mut waits = lock(&self.0.waits);
        waits.entry(event.name.clone()).or_default().insert((run.id.clone(), operation.clone()), event.clone());
    }

    pub(crate) fn unsubscribe(&self, run: &RunState, operation: &StepId) {
        if let Some(name) = run.content().event_waits.remove(operation) {
            self.forget_wait(run, operation.clone(), &name);
        }
    }

    fn forget_wait(&self, run: &RunState, operation: StepId, name: &str) {
        let mut waits = lock(&self.0.waits);
        if let Some(of_name) = waits.get_mut(name) {
            of_name.remove(&(run.id.clone(), operation));
            if of_name.is_empty() {
                waits.remove(name);
            }
        }
    }

    /// Gives an event to all who wait for it; returns the registered workflows, some of which it may start.
    pub(crate) fn publish(&self, name: &str, payload: &Json) -> Vec<AnyWorkflow> {
        let mut reached = Vec::new();
        if let Some(waits) = lock(&self.0.waits).get_mut(name) {
            let matching = waits.extract_if(|_, event| event.matches(name, payload));
            reached.extend(matching.map(|(wait, _)| wait));
        }
        for (run, id) in reached {
            // A run that has ended meanwhile waits for nothing.
            let _ = self.send(&run, Mail::Answer { id, result: MemoResult::Value(payload.clone()) });
        }
        lock(&self.0.registered).clone()
    }

    /// Registers a workflow; `false` if one of its name is registered already.
    pub(crate) fn register(&self, workflow: AnyWorkflow) -> bool {
        let mut registered = lock(&self.0.registered);
        let is_new = !registered.contains(&workflow);
        if is_new {
            registered.push(workflow);
        }
        is_new
    }

    pub(crate) fn unregister(&self, workflow: &AnyWorkflow) {
        lock(&self.0.registered).retain(|registered| registered != workflow);
    }

    /// Nobody executes the run any more. If it is over, or cannot be taken up again, so are its waits and its children.
    pub(crate) fn leave(&self, run: &RunState) {
        if run.is_kept && !run.is_over() {
            return;
        }
        self.cancel_children(run);
        let waits = std::mem::take(&mut run.content().event_waits);
        for (operation, name) in waits {
            self.forget_wait(run, operation, &name);
        }
        if !run.is_kept {
            let mut runs = lock(&self.0.runs);
            // One that was begun since under the same ID is another.
            if runs.get(&run.id).is_some_and(|known| std::ptr::eq(&**known, run)) {
                runs.remove(&run.id);
            }
        }
    }

    /// Cancels the children that do not outlive the run.
    pub(crate) fn cancel_children(&self, run: &RunState) {
        let attached: Vec<RunId> = {
            let content = run.content();
            let all = content.children.values();
            all.filter(|child| !child.detached).map(|child| child.run.clone()).collect()
        };
        attached.iter().for_each(|child| self.cancel_child(run, child));
    }

    /// Cancels a child; one that is over has nothing to cancel.
    pub(crate) fn cancel_child(&self, parent: &RunState, child: &RunId) {
        let reason = format!("its parent, run `{}`, does not wait for it any more", parent.id);
        let _ = self.send(child, Mail::Cancel { reason });
    }

    /// Whether nobody executes a child any more, and it has not sent its end.
    pub(crate) fn has_lost(&self, parent: &RunState, operation: &StepId, child: &RunId) -> bool {
        match self.get(child) {
            Some(child) => child.is_interrupted(),
            // A child is forgotten after it has sent its end.
            None => !parent.inbox.has_result(operation),
        }
    }
}

impl fmt::Debug for LocalRuns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalRuns").field("runs", &lock(&self.0.runs).len()).finish()
    }
}

/// What a run came to.
pub(crate) type RunEnd = Result<Json, RunError>;

/// What this process knows of a run.
pub(crate) struct RunState {
    pub(crate) id: RunId,
    pub(crate) workflow: &'static str,
    pub(crate) input: Json,
    pub(crate) inbox: Inbox,
    pub(crate) started_at: SystemTime,
    keep_values: bool,
    /// Whether it can be asked for when it is over, and started again where it was interrupted.
    is_kept: bool,
    content: Mutex<RunContent>,
    end: watch::Sender<Option<RunEnd>>,
    /// Whether the task that executed it is gone without an end.
    is_lost: AtomicBool,
}

#[derive(Default)]
struct RunContent {
    steps: Vec<StepRecord>,
    /// Kept with the values: what is recorded of the run, and what it has come to and is not over.
    memos: Memos,
    waits: BTreeMap<StepId, ExportedWait>,
    attempt: u32,
    details: Option<Json>,
    /// What was sent by this run.
    sent: HashSet<StepId>,
    /// By the operation that started them.
    children: HashMap<StepId, Child>,
    /// The events that operations wait for, by name.
    event_waits: HashMap<StepId, String>,
    /// Who waits for the end, and as the result of which operation.
    parents: Vec<(Inbox, StepId)>,
}

struct Child {
    run: RunId,
    detached: bool,
}

impl RunState {
    pub(crate) fn new(run: &RunInfo, input: Json, inbox: Inbox, keep_values: bool, is_kept: bool) -> RunState {
        RunState {
            id: run.id.clone(),
            workflow: run.workflow,
            input,
            inbox,
            started_at: run.started_at,
            keep_values,
            is_kept,
            content: Mutex::default(),
            end: watch::Sender::new(None),
            is_lost: AtomicBool::new(false),
        }
    }

    /// Goes on for a run whose execution broke off.
    fn take_over(&self, interrupted: &RunState) {
        *self.content() = std::mem::take(&mut interrupted.content());
        interrupted.content().steps.clone_from(&self.content().steps);
    }

    pub(crate) fn finish(&self, end: RunEnd) {
        let mut content = self.content();
        // A run that the driver failed has no end yet.
        let has_ended = !matches!(&end, Err(error) if matches!(error.reason(), RunErrorReason::Driver(_)));
        if has_ended {
            let result = as_result(&end);
            for (inbox, id) in content.parents.drain(..) {
                inbox.push(Mail::Answer { id, result: result.clone() });
            }
        }
        // With the lock held, so that nobody begins to wait in between.
        self.end.send_replace(Some(end));
    }

    /// Sends the run's end to an operation of another run that waits for it.
    pub(crate) fn notify(&self, inbox: &Inbox, id: &StepId) {
        let mut content = self.content();
        match &*self.end.borrow() {
            Some(end) => {
                inbox.push(Mail::Answer { id: id.clone(), result: as_result(end) });
            }
            // Asked again by a parent that was taken up, it is the same wait.
            None if content.parents.iter().any(|parent| parent.0.is_same(inbox) && parent.1 == *id) => {}
            None => content.parents.push((inbox.clone(), id.clone())),
        }
    }

    pub(crate) fn send(&self, mail: Mail) -> Result<(), RunErrorReason> {
        if self.is_over() {
            return Err(RunErrorReason::Over);
        }
        self.inbox.push(mail);
        Ok(())
    }

    pub(crate) fn end(&self) -> Option<RunEnd> {
        self.end.borrow().clone()
    }

    /// Waits for the end; `None` if the execution is lost.
    pub(crate) async fn wait(&self) -> Option<RunEnd> {
        let mut end = self.end.subscribe();
        loop {
            if let Some(end) = end.borrow_and_update().clone() {
                return Some(end);
            }
            if self.is_lost() {
                return None;
            }
            end.changed().await.ok()?;
        }
    }

    /// The task that executes it is gone; whoever waits for an end learns that it has none.
    pub(crate) fn lose(&self) {
        self.is_lost.store(true, Ordering::Release);
        self.end.send_modify(|_| {});
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(&*self.end.borrow(), Some(end) if !matches!(end, Err(error) if error.is_interruption()))
    }

    /// Whether it has no end, and starting it again takes it up.
    fn is_interrupted(&self) -> bool {
        self.is_lost() || matches!(&*self.end.borrow(), Some(Err(error)) if error.is_interruption())
    }

    /// Whether its task is gone without an end.
    pub(crate) fn is_lost(&self) -> bool {
        self.end.borrow().is_none() && self.is_lost.load(Ordering::Acquire)
    }

    /// What was recorded before this execution.
    pub(crate) fn recall(&self, memos: &Memos) {
        if self.keep_values {
            self.content().memos = memos.clone();
        }
    }

    /// The run's own attempt begins.
    pub(crate) fn begin_attempt(&self, attempt: u32) {
        self.content().attempt = attempt;
    }

    pub(crate) fn found(&self, operations: &[Operation]) {
        if !self.keep_values {
            return;
        }
        let mut content = self.content();
        for operation in operations {
            if let Some(memo) = operation.memo() {
                content.memos.insert(&operation.id, memo);
            }
            content.waits.insert(operation.id.clone(), ExportedWait::of(operation));
        }
    }

    /// All that is known of the run; `None` where its values are not kept.
    pub(crate) fn export(&self, exported_at: SystemTime) -> Option<RunExport> {
        if !self.keep_values {
            return None;
        }
        let end = self.end();
        let content = self.content();
        let times: HashMap<&StepId, (SystemTime, SystemTime)> =
            content.steps.iter().map(|step| (&step.id, (step.started_at, step.ended_at))).collect();
        let memos = content.memos.iter().map(|(id, memo)| {
            let (started_at, ended_at) = times.get(id).copied().unzip();
            ExportedMemo { id: id.clone(), memo: memo.clone(), started_at, ended_at }
        });
        Some(RunExport {
            version: RunExport::VERSION,
            workflow: self.workflow.to_owned(),
            run: self.id.clone(),
            input: self.input.clone(),
            attempt: content.attempt.max(1),
            started_at: self.started_at,
            exported_at,
            status: match &end {
                None if self.is_lost() => ExportedStatus::Interrupted("its runtime was shut down".to_owned()),
                None => ExportedStatus::Running,
                Some(Ok(output)) => ExportedStatus::Completed(output.clone()),
                Some(Err(error)) => match error.reason() {
                    RunErrorReason::Failed(error) => ExportedStatus::Failed(error.failure().clone()),
                    RunErrorReason::Cancelled(error) => ExportedStatus::Cancelled(error.failure().clone()),
                    _ => ExportedStatus::Interrupted(error.to_string()),
                },
            },
            memos: memos.collect(),
            waits: content.waits.values().cloned().collect(),
            mail: self.inbox.letters(),
        })
    }

    pub(crate) fn steps(&self) -> Vec<StepRecord> {
        self.content().steps.clone()
    }

    pub(crate) fn details(&self) -> Option<Json> {
        self.content().details.clone()
    }

    pub(crate) fn set_details(&self, details: &Json) {
        self.content().details = Some(details.clone());
    }

    /// Notes that an operation sends something; `false` if it has already.
    pub(crate) fn sends(&self, operation: &StepId) -> bool {
        self.content().sent.insert(operation.clone())
    }

    /// Notes that an operation starts a child; `false` if it has already.
    pub(crate) fn adopts(&self, operation: &StepId, run: &RunId, detached: bool) -> bool {
        let child = Child { run: run.clone(), detached };
        let mut content = self.content();
        content.children.insert(operation.clone(), child).is_none()
    }

    pub(crate) fn executed(&self, step: &StepRecord) {
        let mut record = step.clone();
        if !self.keep_values
            && let StepOutcome::Succeeded { output } = &mut record.outcome
        {
            *output = None;
        }
        let mut content = self.content();
        if self.keep_values {
            if let Some(memo) = step.memo() {
                content.memos.insert(&step.id, memo);
            }
            if !matches!(step.outcome, StepOutcome::Retrying { .. }) {
                content.waits.remove(&step.id);
            }
        }
        content.steps.push(record);
    }

    fn check_same(&self, workflow: &'static str, input: &Json) -> Result<(), RunErrorReason> {
        if self.workflow != workflow {
            return Err(RunErrorReason::Refused(format!(
                "a run of this ID exists, of workflow `{}`: choose another ID",
                self.workflow
            )));
        }
        if !self.input.is_same_value(input) {
            return Err(RunErrorReason::Refused(
                "a run of this ID exists, with another input: choose another ID, or start it with the same input"
                    .to_owned(),
            ));
        }
        Ok(())
    }

    fn content(&self) -> MutexGuard<'_, RunContent> {
        lock(&self.content)
    }
}

/// A run's end, as the result of an operation that waits for it.
fn as_result(end: &RunEnd) -> MemoResult {
    match end {
        Ok(output) => MemoResult::Value(output.clone()),
        Err(error) => MemoResult::Error(match error.reason() {
            RunErrorReason::Failed(error) => error.failure().clone(),
            RunErrorReason::Cancelled(error) => {
                Failure::msg(format_args!("it was cancelled: {}", error.message())).into_fatal()
            }
            _ => Failure::msg(error).into_fatal(),
        }),
    }
}
