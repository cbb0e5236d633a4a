//! Checkpointing: steps run one after the other in one call, and are reported along the way.

use std::pin::pin;
use std::time::{Duration, Instant};

use super::api::{Api, CheckpointError};
use super::call::{Ran, Turn};
use super::error_object::ErrorObject;
use super::opcode::Opcode;
use super::reply::{Answer, Retry};
use super::request::Call;
use crate::kernel::{End, Operation};
use crate::time::IntoDuration;

/// How long a call goes on by default: what runs behind HTTP should answer in good time.
const RUNTIME_DEFAULT: Duration = Duration::from_secs(10);

/// How steps are reported while a call goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpointing {
    buffered_steps: usize,
    interval: Option<Duration>,
    runtime: Duration,
}

impl Default for Checkpointing {
    fn default() -> Self {
        Checkpointing::new()
    }
}

impl Checkpointing {
    /// Every step is reported before the next one begins, and a call goes on for ten seconds at most.
    #[must_use]
    pub const fn new() -> Checkpointing {
        Checkpointing { buffered_steps: 1, interval: None, runtime: RUNTIME_DEFAULT }
    }

    /// Reports so many steps at a time. What is not reported runs again if the process dies.
    #[must_use]
    pub const fn buffered_steps(mut self, steps: usize) -> Checkpointing {
        self.buffered_steps = if steps == 0 { 1 } else { steps };
        self
    }

    /// Reports what is buffered after this time in any case, also while a step runs.
    #[must_use]
    pub fn interval(mut self, interval: impl IntoDuration) -> Checkpointing {
        self.interval = Some(interval.into_duration()).filter(|interval| !interval.is_zero());
        self
    }

    /// How long a call goes on; then the server calls again.
    #[must_use]
    pub fn runtime(mut self, runtime: impl IntoDuration) -> Checkpointing {
        self.runtime = runtime.into_duration();
        self
    }
}

/// Steps that are done and not reported.
struct Buffer<'a> {
    steps: Vec<Opcode>,
    /// When the first of them was done.
    since: Option<Instant>,
    config: &'a Checkpointing,
}

/// Who steps are reported to, and for which call. A session is not shared between threads, and so does not go along.
#[derive(Clone, Copy)]
struct Reports<'a> {
    api: &'a Api,
    call: &'a Call,
}

impl<'a> Turn<'a> {
    fn reports(&self) -> Reports<'a> {
        Reports { api: self.around.api, call: self.call }
    }
}

/// Goes on until something has to be left to the server.
pub(super) async fn run(mut turn: Turn<'_>, mut end: End) -> Answer {
    let Some(config) = turn.around.checkpointing else { return turn.finish(end) };
    let began = Instant::now();
    let mut buffer = Buffer { steps: Vec::new(), since: None, config };
    loop {
        let operations = match end {
            End::Blocked(operations) => operations,
            End::Completed(value) => {
                buffer.steps.push(Opcode::run_complete(value));
                return Answer::steps(buffer.steps);
            }
            failed => {
                let answer = turn.finish(failed);
                return buffer.flush(turn.reports()).await.err().unwrap_or(answer);
            }
        };
        if let Some(answer) = turn.note_cancellation() {
            return buffer.flush(turn.reports()).await.err().unwrap_or(answer);
        }
        let next = turn.immediate(&operations).filter(|_| began.elapsed() < config.runtime);
        let Some(operation) = next else {
            let flushed = buffer.flush(turn.reports()).await;
            return flushed.err().unwrap_or_else(|| turn.plan(&operations));
        };
        if let Err(answer) = step(&mut turn, operation, &mut buffer).await {
            return answer;
        }
        end = turn.session.advance(None).await.end;
    }
}

/// Runs one step; `Err` is what the call is answered with if it ends here.
async fn step(turn: &mut Turn<'_>, operation: &Operation, buffer: &mut Buffer<'_>) -> Result<(), Answer> {
    let opcode = match run_operation(turn, operation, buffer).await? {
        // The server counts attempts of the call, so that a step which has had some is reported by itself.
        Ran::Done(opcode) if turn.call.ctx.attempt > 0 => return Err(Answer::steps(vec![opcode])),
        Ran::Done(opcode) => opcode,
        Ran::Failed(opcode, retry) => {
            buffer.flush(turn.reports()).await?;
            return Err(Answer::Steps { opcodes: vec![opcode], retry: Some(retry) });
        }
        Ran::Gone => {
            buffer.flush(turn.reports()).await?;
            return Err(turn.plan(std::slice::from_ref(operation)));
        }
    };
    buffer.steps.push(opcode);
    let since = *buffer.since.get_or_insert_with(Instant::now);
    let is_due = buffer.config.interval.is_some_and(|interval| since.elapsed() >= interval);
    if is_due || buffer.steps.len() >= buffer.config.buffered_steps {
        buffer.flush(turn.reports()).await
    } else {
        Ok(())
    }
}

/// Runs an operation, and meanwhile reports what is buffered when its time comes.
async fn run_operation(turn: &mut Turn<'_>, operation: &Operation, buffer: &mut Buffer<'_>) -> Result<Ran, Answer> {
    let (Some(interval), Some(since)) = (buffer.config.interval, buffer.since) else {
        return Ok(turn.run_operation(operation).await);
    };
    let reports = turn.reports();
    let mut running = pin!(turn.run_operation(operation));
    let left = interval.saturating_sub(since.elapsed());
    if let Ok(ran) = tokio::time::timeout(left, running.as_mut()).await {
        return Ok(ran);
    }
    match reports.api.checkpoint(reports.call, &buffer.steps).await {
        Ok(()) => {
            buffer.clear();
            Ok(running.await)
        }
        Err(CheckpointError::Stale) => Err(stale()),
        // It is tried again when the step is done, and what was not reported is answered with then.
        Err(CheckpointError::Failed(_)) => Ok(running.await),
    }
}

impl Buffer<'_> {
    /// Reports what is buffered; `Err` is what the call is answered with where that fails.
    async fn flush(&mut self, to: Reports<'_>) -> Result<(), Answer> {
        if self.steps.is_empty() {
            return Ok(());
        }
        match to.api.checkpoint(to.call, &self.steps).await {
            Ok(()) => {
                self.clear();
                Ok(())
            }
            Err(CheckpointError::Stale) => Err(stale()),
            Err(CheckpointError::Failed(problem)) => {
                tracing::warn!(target: "owf", run = to.call.ctx.run_id, "steps were not reported along the way: {problem}");
                Err(Answer::steps(std::mem::take(&mut self.steps)))
            }
        }
    }

    fn clear(&mut self) {
        self.steps.clear();
        self.since = None;
    }
}

/// The server has given the run to another call, whose steps count.
fn stale() -> Answer {
    let error = ErrorObject::new("StaleDispatchError", "the run goes on in another call");
    Answer::Failed { error, retry: Retry::Never }
}
