//! One call of a function: one invocation of its workflow.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::api::Api;
use super::checkpoint::{self, Checkpointing};
use super::error_object::ErrorObject;
use super::function::InngestFunction;
use super::memos::{FAILED_ID, memos, read};
use super::opcode::{Notation, Opcode, Writer};
use super::reply::{Answer, Found, Retry};
use super::request::{Call, Recorded};
use super::sends;
use super::signature::step_hash;
use crate::error::WorkflowError;
use crate::failure::Failure;
use crate::host::Host;
use crate::kernel::{
    Action, Backoff, CANCEL_ID, End, MemoResult, OnDivergence, Operation, OperationKind, RetryPolicy, RunId, RunInfo,
    Session, SessionOptions, StepId, time_after,
};
use crate::record::{StepOutcome, StepRecord};
use crate::value::Json;

/// What a call needs of the driver.
pub(super) struct Surroundings<'a> {
    pub(super) app: &'a str,
    pub(super) host: &'a Arc<dyn Host>,
    pub(super) api: &'a Api,
    pub(super) notation: Notation,
    pub(super) on_divergence: OnDivergence,
    pub(super) signals_per_run: bool,
    pub(super) checkpointing: Option<&'a Checkpointing>,
}

/// A run in the middle of a call.
pub(super) struct Turn<'a> {
    pub(super) around: &'a Surroundings<'a>,
    pub(super) function: &'a InngestFunction,
    pub(super) call: &'a Call,
    pub(super) session: Session,
    /// The data of the event that started the run.
    event: Json,
    deadline: Option<SystemTime>,
    /// Whether the cancellation of the run is known to the server.
    knows_cancellation: bool,
    knows_failure: bool,
}

/// What came of running an operation.
pub(super) enum Ran {
    /// It has a result.
    Done(Opcode),
    /// It failed.
    Failed(Opcode, Retry),
    /// Today's code does not come to it.
    Gone,
}

/// Whether a step that has failed is tried again, as far as its policy says.
enum Attempts {
    /// It is, after this wait where the code says how long it is.
    Left {
        wait: Option<Duration>,
    },
    UsedUp,
}

/// Has a function go on, and says what came of it. `target` is the hash of the step to run, if the server names one.
pub(super) async fn run(
    around: &Surroundings<'_>,
    function: &InngestFunction,
    mut call: Call,
    target: Option<&str>,
) -> Answer {
    let recorded = call.take_recorded();
    let mut turn = match Turn::new(around, function, &call, recorded) {
        Ok(turn) => turn,
        Err(refused) => return refused,
    };
    if let Some(answer) = turn.time_out() {
        return answer;
    }
    let end = turn.session.advance(None).await.end;
    match target {
        Some(target) => turn.run_target(end, target).await,
        None if around.checkpointing.is_some() && call.can_checkpoint() => checkpoint::run(turn, end).await,
        None => turn.run_next(end).await,
    }
}

impl<'a> Turn<'a> {
    fn new(
        around: &'a Surroundings<'a>,
        function: &'a InngestFunction,
        call: &'a Call,
        recorded: Recorded,
    ) -> Result<Turn<'a>, Answer> {
        let workflow = function.workflow();
        let refused = |problem: &dyn std::fmt::Display| Answer::Failed {
            error: ErrorObject::new("InputError", format!("the input of `{}`: {problem}", workflow.name())),
            retry: Retry::Never,
        };
        let input = call.input(workflow, function.is_batch()).map_err(|problem| refused(&problem))?;
        let started_at = call.started_at(around.host.now());
        let mut run = RunInfo::new(RunId::new(&call.ctx.run_id), workflow.name(), started_at);
        run.attempt = call.ctx.attempt.saturating_add(1);
        let mut options = SessionOptions::new(around.host.clone());
        options.on_divergence = around.on_divergence;
        options.asks_for_values = true;
        options.retries_default = call.ctx.max_attempts.map(|max| max.saturating_sub(1));
        options.is_last_attempt = Some(recorded.has_failed);
        let cancelled = step_hash(CANCEL_ID);
        let is_cancellation =
            |(id, json): &(StepId, Json)| *id == cancelled && read(OperationKind::Cancel, json).is_some();
        let knows_cancellation = recorded.entries.iter().any(is_cancellation);
        let knows_failure = recorded.has_failed;
        let session = Session::new(workflow.clone(), run, input, memos(recorded.entries), options);
        Ok(Turn {
            around,
            function,
            call,
            session: session.map_err(|problem| refused(&problem))?,
            event: call.event.data(),
            deadline: workflow.options().run_timeout().map(|timeout| time_after(started_at, timeout)),
            knows_cancellation,
            knows_failure,
        })
    }

    /// Cancels a run whose time is over, before anything else: a sleep that was cut short for it counts as done by now.
    fn time_out(&self) -> Option<Answer> {
        let is_over = self.deadline.is_some_and(|deadline| deadline <= self.around.host.now());
        if !is_over || self.knows_cancellation || self.knows_failure {
            return None;
        }
        let timeout = self.function.workflow().options().run_timeout().unwrap_or_default();
        let reason = Json::encode(&format!("it timed out after {timeout:?}")).unwrap_or_else(|_| Json::null());
        Some(Answer::steps(vec![self.writer().note(CANCEL_ID, reason)]))
    }

    /// Runs the step that the server names.
    async fn run_target(&mut self, end: End, target: &str) -> Answer {
        let operations = match end {
            End::Blocked(operations) => operations,
            end => return self.finish(end),
        };
        if let Some(answer) = self.note_cancellation() {
            return answer;
        }
        let wanted = operations.iter().find(|operation| step_hash(operation.id.as_str()) == target);
        match wanted.filter(|operation| is_runnable(operation)) {
            Some(operation) => {
                let ran = self.run_operation(operation).await;
                self.answer(ran, target, &operations)
            }
            None => self.lost(target).unwrap_or_else(|| self.step_not_found(target, &operations)),
        }
    }

    /// What is recorded of a step that was planned in a race and is called when that is decided, as one that failed before may be: nobody waits
    /// for it any more.
    fn lost(&self, target: &str) -> Option<Answer> {
        let id = self.session.met().find(|id| step_hash(id.as_str()) == target)?;
        Some(Answer::steps(vec![self.writer().lost(id)]))
    }

    /// Goes on: runs the operation that was found if it is the only one, plans them otherwise.
    async fn run_next(&mut self, end: End) -> Answer {
        let operations = match end {
            End::Blocked(operations) => operations,
            end => return self.finish(end),
        };
        if let Some(answer) = self.note_cancellation() {
            return answer;
        }
        match self.immediate(&operations) {
            Some(operation) => {
                let ran = self.run_operation(operation).await;
                self.answer(ran, operation.id.as_str(), &operations)
            }
            None => self.plan(&operations),
        }
    }

    /// The operation that may be run without being planned, if there is one.
    pub(super) fn immediate<'o>(&self, operations: &'o [Operation]) -> Option<&'o Operation> {
        // After a race there is a call for the winner, and one for each loser that ends later: the server takes a plan once, and would take a result
        // twice. Where the wish to cancel is waited for, that is one of those that race.
        let may_be_called_twice = self.session.has_raced() || self.function.cancels_gracefully();
        if self.call.ctx.disable_immediate_execution || may_be_called_twice {
            return None;
        }
        match operations {
            [operation] if is_runnable(operation) => Some(operation),
            _ => None,
        }
    }

    pub(super) fn plan(&self, operations: &[Operation]) -> Answer {
        let writer = self.writer();
        let mut opcodes: Vec<Opcode> = operations.iter().map(|operation| writer.planned(operation)).collect();
        if self.function.cancels_gracefully() && !self.knows_failure && self.session.cancellation().is_none() {
            opcodes.push(writer.cancellation(&self.call.ctx.run_id));
        }
        Answer::steps(opcodes)
    }

    /// Makes an attempt of an operation; the workflow's code does not go on.
    pub(super) async fn run_operation(&mut self, operation: &Operation) -> Ran {
        match &operation.action {
            Action::SendEvent { .. } | Action::SendEvents { .. } | Action::SendSignal { .. } => {
                self.send(operation).await
            }
            _ => {
                self.session.set_attempts(&operation.id, self.call.ctx.attempt);
                match self.session.attempt(&operation.id).await {
                    Some(record) => self.ran(operation, record),
                    None => Ran::Gone,
                }
            }
        }
    }

    fn ran(&self, operation: &Operation, record: StepRecord) -> Ran {
        let opcode = self.writer().planned(operation).timed_as(&record);
        match record.outcome {
            StepOutcome::Succeeded { output } => Ran::Done(opcode.ran(output.unwrap_or_else(Json::null))),
            StepOutcome::Retrying { failure, not_before } => {
                let says = matches!(operation.action, Action::Run { retry, .. } if is_said(retry));
                let wait = says.then(|| not_before.duration_since(record.ended_at).unwrap_or_default());
                self.failed(opcode, operation, &failure, Attempts::Left { wait })
            }
            StepOutcome::Failed { failure } => self.failed(opcode, operation, &failure, Attempts::UsedUp),
        }
    }

    fn failed(&self, opcode: Opcode, operation: &Operation, failure: &Failure, attempts_left: Attempts) -> Ran {
        let attempts = self.call.ctx.attempt.saturating_add(1);
        let error = ErrorObject::of_step(failure, attempts, operation.location);
        let wait = match attempts_left {
            Attempts::Left { wait } if !failure.is_fatal() && self.call.has_attempts_left() => wait,
            _ => return Ran::Failed(opcode.failed(error), Retry::Never),
        };
        let retry = failure.retry_after().or(wait).map_or(Retry::Again, Retry::After);
        Ran::Failed(opcode.errored(error), retry)
    }

    /// Sends an event or a signal, which this process does and not the server.
    async fn send(&mut self, operation: &Operation) -> Ran {
        let from = self.around.host.now();
        let sent = sends::carry_out(self, operation).await;
        let opcode = self.writer().planned(operation).timed(from, self.around.host.now());
        match sent {
            Ok(data) => {
                let kind = operation.kind();
                self.session.resolve(&operation.id, kind, MemoResult::Value(Json::null()));
                Ran::Done(opcode.ran(data))
            }
            Err(failure) => self.failed(opcode, operation, &failure, Attempts::Left { wait: None }),
        }
    }

    fn answer(&self, ran: Ran, wanted: &str, operations: &[Operation]) -> Answer {
        match ran {
            Ran::Done(opcode) => Answer::steps(vec![opcode]),
            Ran::Failed(opcode, retry) => Answer::Steps { opcodes: vec![opcode], retry: Some(retry) },
            Ran::Gone => self.step_not_found(wanted, operations),
        }
    }

    /// The end of the function, or of this attempt at it.
    pub(super) fn finish(&self, end: End) -> Answer {
        match end {
            End::Completed(value) => Answer::Completed(value),
            End::Failed(error) => self.fail(&error),
            End::Diverged(divergence) => refused("DivergenceError", divergence.to_string()),
            End::Unstorable(problem) => refused("OutputError", format!("the result cannot be stored: {problem}")),
            End::Blocked(operations) => self.plan(&operations),
        }
    }

    fn fail(&self, error: &WorkflowError) -> Answer {
        let attempt = self.call.ctx.attempt;
        let said = self.function.workflow().options().retries_said();
        let is_retried = !error.is_final()
            && !self.knows_failure
            && self.call.has_attempts_left()
            && said.is_none_or(|retries| attempt < retries);
        if !is_retried && !error.is_final() && !self.knows_failure && self.session.has_undos() {
            // Its undos are the steps that come next, and the server will take each of them for a success.
            return Answer::steps(vec![self.writer().note(FAILED_ID, Json::null())]);
        }
        let policy = self.function.workflow().options().run_policy();
        let said = || is_said(policy).then(|| policy.backoff.delay(attempt + 1, self.around.host.random()));
        let retry = match error.failure().retry_after() {
            _ if !is_retried => Retry::Never,
            Some(wait) => Retry::After(wait),
            None => said().map_or(Retry::Again, Retry::After),
        };
        Answer::Failed { error: ErrorObject::of_function(error), retry }
    }

    /// A cancellation that the server does not know of is recorded before anything else happens.
    pub(super) fn note_cancellation(&self) -> Option<Answer> {
        let (id, reason) = self.session.cancellation().filter(|_| !self.knows_cancellation)?;
        Some(Answer::steps(vec![self.writer().note(id.as_str(), reason)]))
    }

    fn step_not_found(&self, wanted: &str, operations: &[Operation]) -> Answer {
        let found = operations.iter().map(|operation| {
            let (display_name, _) = self.session.written(&operation.id);
            Found { id: step_hash(operation.id.as_str()), name: display_name.to_string(), display_name }
        });
        Answer::StepNotFound { wanted: wanted.to_owned(), found: found.collect() }
    }

    pub(super) fn writer(&self) -> Writer<'_> {
        Writer {
            app: self.around.app,
            notation: self.around.notation,
            session: &self.session,
            event: &self.event,
            signal_prefix: self.around.signals_per_run.then_some(self.call.ctx.run_id.as_str()),
            deadline: self.deadline,
            // What has lost a race may still be at work at the server, which must not wait for it.
            is_racing: self.function.cancels_gracefully() || self.session.has_raced(),
            replaces_signals: self.around.signals_per_run && self.session.has_raced(),
        }
    }

    /// The run's ID and the operation's: the same for every attempt of it.
    pub(super) fn seed(&self, id: &StepId) -> String {
        format!("{}/{id}", self.call.ctx.run_id)
    }
}

impl Drop for Turn<'_> {
    /// Destructors of the workflow's locals are the user's code, and may panic.
    fn drop(&mut self) {
        self.session.drop_workflow();
    }
}

/// Whether the code says how long the waits are between attempts. The server sets them otherwise.
fn is_said(policy: RetryPolicy) -> bool {
    policy.backoff != Backoff::default()
}

/// Whether this process runs it; the server does the rest.
fn is_runnable(operation: &Operation) -> bool {
    use OperationKind::{SendEvent, SendSignal, Step, Value};
    matches!(operation.kind(), Step | Value | SendEvent | SendSignal)
}

/// What a call is answered with that would end the same way whenever it is made.
pub(super) fn refused(name: &str, message: String) -> Answer {
    Answer::Failed { error: ErrorObject::new(name, message), retry: Retry::Never }
}
