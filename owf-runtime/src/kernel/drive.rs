//! The loop of one invocation: poll the workflow, and talk to the driver about what came of it.

use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::SystemTime;

use super::cancel::Cancel;
use super::dialogue::Hooks;
use super::divergence::{Divergence, OnDivergence};
use super::session::{Invocation, InvocationEnd, RunInfo, Session};
use crate::error::{DriverError, WorkflowError};
use crate::host::BoxFuture;
use crate::workflow::Return;

/// Runs an invocation to its end.
pub(super) async fn run(session: &mut Session, hooks: Box<dyn Hooks>) -> Result<Invocation, DriverError> {
    let mut drive = Drive::new(session, hooks);
    let end = poll_fn(|cx| drive.poll(cx)).await;
    let (told, ran) = session.state_mut().end_dialogue();
    Ok(Invocation { end: end?, told, is_cut_short: session.state().is_cut_short(), ran })
}

struct Drive<'s> {
    session: &'s mut Session,
    timer: Option<(SystemTime, BoxFuture<'static, ()>)>,
    returned: Option<Return>,
}

/// What one turn of the loop came to.
enum Progress {
    /// Something moved: go round again.
    Moved,
    /// Nothing moves until the task is woken.
    Waiting,
    End(InvocationEnd),
}

impl<'s> Drive<'s> {
    fn new(session: &'s mut Session, hooks: Box<dyn Hooks>) -> Self {
        let state = session.state_mut();
        state.begin_dialogue(hooks);
        state.find_again();
        state.read_mail();
        // Before the driver is asked about anything, which could end the invocation.
        state.time_out_if_over();
        Drive { session, timer: None, returned: None }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<InvocationEnd, DriverError>> {
        // Whatever woke this task may be a step's body.
        self.session.state_mut().movable = true;
        loop {
            match self.turn(cx) {
                Ok(Progress::Moved) => {}
                Ok(Progress::Waiting) => {
                    let state = self.session.state_mut();
                    state.post.inbox.wake_on_arrival(cx);
                    if !state.read_mail() {
                        return Poll::Pending;
                    }
                }
                Ok(Progress::End(end)) => return Poll::Ready(Ok(end)),
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    fn turn(&mut self, cx: &mut Context<'_>) -> Result<Progress, DriverError> {
        if self.returned.is_none()
            && self.session.state().movable
            && let Poll::Ready(end) = self.session.poll_workflow(cx)
        {
            self.returned = Some(end);
        }
        let state = self.session.state_mut();
        state.tell_given_up();
        state.tell();
        // Before any timer is looked at: mail that is there already is no reason to wait, not even on a clock that jumps.
        state.read_mail();
        let heard = state.hear(cx);
        if let Some(error) = state.dialogue.error.take() {
            return Err(error);
        }
        if self.returned.is_some() {
            return Ok(self.finish());
        }
        if let Some(divergence) = self.judge_divergences() {
            return Ok(Progress::End(InvocationEnd::Diverged(divergence)));
        }
        let state = self.session.state_mut();
        let still = !state.running_any() && state.all_told();
        if still && state.dialogue.interrupted {
            return Ok(Progress::End(self.blocked()));
        }
        if heard || state.release_next() || state.movable {
            return Ok(Progress::Moved);
        }
        // All that is recorded was replayed, and every running step waits for something.
        state.time_out_if_over();
        if state.transactions.running.is_none() {
            if state.tell_cancel() || self.apply_cancel() {
                return Ok(Progress::Moved);
            }
            let state = self.session.state_mut();
            if !state.cancel.lets_go_on() {
                // The driver is being told.
                return Ok(Progress::Waiting);
            }
            if state.all_told() && (state.take_next() || state.give_turn()) {
                return Ok(Progress::Moved);
            }
        }
        if self.ask() {
            return Ok(Progress::Moved);
        }
        if let Poll::Ready(ended) = self.session.state_mut().poll_idle(cx) {
            ended?;
            // The driver's answer may be mail.
            let has_mail = self.session.state_mut().read_mail();
            return Ok(if has_mail { Progress::Moved } else { Progress::End(self.blocked()) });
        }
        if !self.session.state().all_heard() {
            // No time passes for the workflow while the driver records what has happened.
            return Ok(Progress::Waiting);
        }
        if self.poll_timer(cx) {
            return Ok(Progress::Moved);
        }
        let state = self.session.state();
        let waiting = state.running_any() || self.timer.is_some() || state.post.expecting > 0;
        Ok(if waiting { Progress::Waiting } else { Progress::End(self.blocked()) })
    }

    /// Asks the driver about what was found; `true` if that changed anything.
    fn ask(&mut self) -> bool {
        let state = self.session.state_mut();
        if state.dialogue.interrupted || state.found.is_empty() {
            return false;
        }
        state.check_all_met();
        // Divergences are judged before a step runs.
        !state.divergences.is_empty() || state.ask()
    }

    /// Lets move what is due; `true` if something was.
    fn poll_timer(&mut self, cx: &mut Context<'_>) -> bool {
        let state = self.session.state_mut();
        let deadline = state.deadline();
        let Some(next) = state.next_timer().into_iter().chain(deadline).min() else {
            self.timer = None;
            return false;
        };
        let host = self.session.state().settings.host.clone();
        let now = host.now();
        if next <= now {
            self.session.state_mut().fire_timers(now);
            return true;
        }
        let (set_for, timer) = self.timer.get_or_insert_with(|| (next, host.sleep_until(next)));
        if *set_for != next {
            (*set_for, *timer) = (next, host.sleep_until(next));
        }
        if timer.as_mut().poll(cx).is_pending() {
            return false;
        }
        self.timer = None;
        true
    }

    fn finish(&mut self) -> Progress {
        let state = self.session.state_mut();
        if !state.all_told() {
            // What ended is recorded before the workflow is.
            return Progress::Waiting;
        }
        if let Some(reason) = state.recorded_cancel() {
            // Its cancellation came first, when this was recorded; the undos that are recorded behind it are still to be met.
            self.returned = Some(Return::Error(WorkflowError::cancelled(reason)));
            state.cancel = Cancel::Applied;
        }
        if matches!(self.returned, Some(Return::Value(_))) {
            state.check_all_met();
        }
        let is_retried = matches!(&self.returned, Some(end @ Return::Error(_)) if !self.session.is_final(end));
        if is_retried && self.session.state_mut().tell_cancel() {
            // It would begin anew, and be cancelled then.
            return Progress::Moved;
        }
        let judged = self.judge_divergences();
        if judged.is_none()
            && let Some(Return::Error(error)) = self.returned.take_if(|end| self.session.is_final(end))
        {
            match self.session.compensate(error) {
                Ok(()) => return Progress::Moved,
                Err(error) => self.returned = Some(Return::Error(error)),
            }
        }
        match (judged, self.returned.take()) {
            (Some(divergence), _) => Progress::End(InvocationEnd::Diverged(divergence)),
            (None, Some(end)) => Progress::End(InvocationEnd::Returned(end)),
            (None, None) => Progress::Waiting,
        }
    }

    fn blocked(&mut self) -> InvocationEnd {
        let operations = self.session.state().blocked();
        if operations.is_empty() && self.session.state().awaits_nothing() {
            return InvocationEnd::Returned(Return::Error(WorkflowError::fatal(
                "the workflow waits for something that is no durable operation, so that nothing can ever wake it: \
                 move what it waits for into a step",
            )));
        }
        InvocationEnd::Blocked(operations)
    }

    /// Drops the workflow's code if its cancellation is recorded; `true` if it is.
    fn apply_cancel(&mut self) -> bool {
        let Some(reason) = self.session.state_mut().recorded_cancel() else { return false };
        self.session.drop_workflow();
        self.session.state_mut().cancel = Cancel::Applied;
        self.returned = Some(Return::Error(WorkflowError::cancelled(reason)));
        true
    }

    /// Applies the policy to what was found out; returns what the session has to fail with.
    fn judge_divergences(&mut self) -> Option<Divergence> {
        if self.session.state().divergences.is_empty() {
            return None;
        }
        let policy = self.session.on_divergence();
        let RunInfo { id, workflow, .. } = self.session.state().settings.run.clone();
        let mut failing = None;
        for divergence in std::mem::take(&mut self.session.state_mut().divergences) {
            let fatal = match &divergence {
                // There is no value to go on with, whatever the policy.
                Divergence::OtherType { .. } => true,
                Divergence::NotMet { steps } => self.session.strays(steps.len()),
                Divergence::OtherKind { .. } => false,
            };
            if fatal || policy == OnDivergence::Fail {
                failing.get_or_insert(divergence);
            } else if policy == OnDivergence::Warn {
                tracing::warn!(target: "owf", run = id.as_str(), workflow, "workflow `{workflow}` (run `{id}`) {divergence}");
            }
        }
        failing
    }
}
