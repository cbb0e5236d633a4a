//! The ways to run a program.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use owf_runtime::kernel::{
    Action, End, Inbox, Mail, Memo, MemoResult, Memos, OnDivergence, Operation, RunId, RunInfo, Session,
    SessionOptions, StepId,
};
use owf_runtime::{
    AnyWorkflow, CheckpointInMemoryDriver, ClientDriver, Driver, FlowControl, Hook, Host, InMemoryDriver, Json,
    StepOutcome, StepRecord, VirtualHost, WorkflowClient, WorkflowError,
};

use crate::probe::Probe;
use crate::program::{Program, interpreted, order_shows_in_ids};
#[cfg(feature = "sqlite")]
use crate::sqlite::SqliteFile;

/// More advances than any program of its size needs.
const ADVANCES_MAX: usize = 5_000;

/// What a run came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Execution {
    result: Result<u32, String>,
    /// How often each effect happened, by its place in the program.
    effects: BTreeMap<String, usize>,
    /// The operations with a recorded result.
    ids: BTreeSet<String>,
}

impl Execution {
    fn new(result: Result<u32, String>, probe: Probe, ids: BTreeSet<String>) -> Execution {
        let mut effects = BTreeMap::new();
        for site in probe.notes() {
            *effects.entry(site).or_default() += 1;
        }
        Execution { result, effects, ids }
    }

    pub(crate) fn assert_same(&self, program: &Program, other: &Execution) {
        assert_eq!(self.result, other.result);
        let counted = |run: &Execution| -> BTreeMap<String, usize> {
            run.effects.clone().into_iter().filter(|(site, _)| !site.starts_with('?')).collect()
        };
        assert_eq!(counted(self), counted(other), "each effect happens as often");
        for run in [self, other] {
            let raced = run.effects.iter().find(|(site, times)| site.starts_with('?') && **times > 2);
            assert_eq!(raced, None, "each racer's effect happens once at most");
        }
        if !order_shows_in_ids(program) {
            assert_eq!(self.ids, other.ids, "the same steps are recorded");
        }
    }
}

/// Runs a program in one go.
pub(crate) async fn continuous(program: &Program) -> Execution {
    run_on(InMemoryDriver::with_host(host()), program).await
}

/// Runs a program with a re-entry after each step.
pub(crate) async fn checkpoint(program: &Program) -> Execution {
    run_on(CheckpointInMemoryDriver::with_host(host()), program).await
}

/// Runs a program with a re-entry now and then.
pub(crate) async fn moody(program: &Program, seed: u64) -> Execution {
    run_on(Moody { host: host(), dice: Mutex::new(Dice::new(seed)) }, program).await
}

fn host() -> Arc<VirtualHost> {
    Arc::new(VirtualHost::new(42))
}

/// Runs a program on a file, with its code kept in memory or dropped at every wait.
#[cfg(feature = "sqlite")]
pub(crate) async fn sqlite(program: &Program, suspends: bool) -> Execution {
    let file = SqliteFile::new(host(), suspends);
    run_on(file.driver.clone(), program).await
}

async fn run_on(driver: impl ClientDriver, program: &Program) -> Execution {
    let probe = Probe::new();
    let client = WorkflowClient::new(driver).on_divergence(OnDivergence::Fail);
    let run = client.start(interpreted, (program.clone(), probe)).await.expect("the program is JSON");
    let result = run.result().await.map_err(|error| match error.workflow_error() {
        Some(error) => error.message().to_owned(),
        None => panic!("{error}"),
    });
    let is_last = |step: &StepRecord| !matches!(step.outcome, StepOutcome::Retrying { .. });
    let ids = run
        .steps()
        .await
        .expect("steps are there")
        .iter()
        .filter(|step| is_last(step))
        .map(|step| step.id.to_string())
        .collect();
    Execution::new(result, probe, ids)
}

/// Random choices from a seed.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// A number below `sides`.
    fn roll(&mut self, sides: usize) -> usize {
        // The constants of Knuth's MMIX; the high bits are the random ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % sides
    }
}

/// A driver that keeps memos, and interrupts at random wherever a run may be interrupted.
struct Moody {
    host: Arc<VirtualHost>,
    dice: Mutex<Dice>,
}

impl Moody {
    fn answer(&self, interrupts_in: usize) -> Hook {
        let mut dice = self.dice.lock().unwrap_or_else(PoisonError::into_inner);
        let flow = if dice.roll(interrupts_in) == 0 { FlowControl::Interrupt } else { FlowControl::Continue };
        if dice.roll(3) > 0 {
            return flow.into();
        }
        Hook::later(async move {
            tokio::task::yield_now().await;
            Ok(flow)
        })
    }
}

impl Driver for Moody {
    fn host(&self) -> Arc<dyn Host> {
        self.host.clone()
    }

    fn keeps_memos(&self) -> bool {
        true
    }

    fn on_run_started(&self, _: &RunInfo, _: Option<&Json>) -> Hook<Memos> {
        Hook::now(Ok(Memos::new()))
    }

    fn on_steps_found(&self, _: &RunInfo, _: &[Operation]) -> Hook {
        // An interrupt here would be refused where nothing moved before.
        FlowControl::Continue.into()
    }

    fn on_step_executed(&self, _: &RunInfo, _: &StepRecord) -> Hook {
        self.answer(3)
    }

    fn on_workflow_completed(&self, _: &RunInfo, _: Option<&Json>) -> Hook {
        self.answer(2)
    }

    fn on_workflow_error(&self, _: &RunInfo, _: &WorkflowError, _: bool) -> Hook {
        self.answer(2)
    }
}

/// Runs a program as an engine does: one target after the other, chosen at random, in sessions that are rebuilt from
/// JSON at random.
pub(crate) async fn targets(program: &Program, seed: u64) -> Execution {
    let probe = Probe::new();
    let input = Json::encode(&(program, probe)).expect("the program is JSON");
    let engine = Engine { workflow: interpreted.into(), input, host: host(), dice: Dice::new(seed) };
    let (end, memos) = engine.run_to_end().await;
    let result = match end {
        End::Completed(json) => Ok(json.decode().expect("a number")),
        End::Failed(error) => Err(error.message().to_owned()),
        other => panic!("{other:?}"),
    };
    let is_done = |memo: &Memo| matches!(memo, Memo::Done { .. });
    let ids = memos.iter().filter(|(_, memo)| is_done(memo)).map(|(id, _)| id.to_string()).collect();
    Execution::new(result, probe, ids)
}

struct Engine {
    workflow: AnyWorkflow,
    input: Json,
    host: Arc<VirtualHost>,
    dice: Dice,
}

impl Engine {
    /// How the run ends, and what is recorded of it then.
    async fn run_to_end(mut self) -> (End, Memos) {
        let mut session = self.session(Memos::new());
        let mut end = session.advance(None).await.end;
        let mut advances = 0;
        while let End::Blocked(operations) = &end {
            advances += 1;
            assert!(advances < ADVANCES_MAX, "the program does not end: {operations:?}");
            let operation = operations[self.dice.roll(operations.len())].clone();
            if self.dice.roll(3) == 0 {
                let inbox = Inbox::new();
                session.inbox().letters().into_iter().for_each(|letter| inbox.deliver(letter));
                let memos = session.into_memos();
                session = self.session(through_json(&memos)).with_inbox(inbox);
                if self.dice.roll(2) == 0 {
                    let rebuilt = session.advance(None).await.end;
                    assert_eq!(plan(&rebuilt), plan(&end), "a rebuilt session plans the same");
                }
            }
            end = self.advance(&mut session, &operation).await;
        }
        let memos = session.into_memos();
        let replayed = self.session(through_json(&memos)).advance(None).await.end;
        assert_eq!(replayed, end, "a replay ends the same");
        (end, memos)
    }

    fn session(&self, memos: Memos) -> Session {
        let run = RunInfo::new(RunId::new("run-1"), "interpreted", std::time::SystemTime::UNIX_EPOCH);
        let mut options = SessionOptions::new(self.host.clone());
        options.on_divergence = OnDivergence::Fail;
        Session::new(self.workflow.clone(), run, self.input.clone(), memos, options).expect("the input reads back")
    }

    async fn advance(&mut self, session: &mut Session, operation: &Operation) -> End {
        let null = || MemoResult::Value(Json::null());
        let result = match &operation.action {
            Action::Run { .. } => {
                let outcome = session.advance(Some(&operation.id)).await;
                assert_eq!(outcome.ran.map(|record| record.id), Some(operation.id.clone()), "only the target runs");
                return outcome.end;
            }
            Action::Sleep { until, .. } | Action::WaitForSignal { until: Some(until), .. } => {
                self.host.sleep_until(*until).await;
                session.resolve(&operation.id, operation.kind(), null());
                return session.advance(None).await.end;
            }
            // It ends when another operation does.
            Action::WaitForSignal { .. } => return session.advance(None).await.end,
            Action::SendSignal { name, payload, .. } => {
                session.inbox().push(Mail::Signal { name: name.clone(), payload: payload.clone(), sent_as: None });
                null()
            }
            Action::Invoke { workflow, input, .. } => {
                let dice = Dice::new(self.dice.roll(1_000) as u64);
                let (workflow, input) = (workflow.clone(), input.clone());
                let child = Engine { workflow, input, host: self.host.clone(), dice };
                match Box::pin(child.run_to_end()).await.0 {
                    End::Completed(json) => MemoResult::Value(json),
                    End::Failed(error) => MemoResult::Error(error.failure().clone()),
                    other => panic!("{other:?}"),
                }
            }
            other => panic!("{other:?}"),
        };
        session.inbox().push(Mail::Answer { id: operation.id.clone(), result });
        session.advance(None).await.end
    }
}

/// Where a workflow stands. A wait without a timeout is not recorded before it is over, so its beginning is that of the session.
fn plan(end: &End) -> End {
    let mut plan = end.clone();
    if let End::Blocked(operations) = &mut plan {
        for operation in operations {
            if let Action::WaitForSignal { since, until: None, .. } | Action::Invoke { since, until: None, .. } =
                &mut operation.action
            {
                *since = std::time::SystemTime::UNIX_EPOCH;
            }
        }
    }
    plan
}

/// Writes memos as JSON and reads them back.
fn through_json(memos: &Memos) -> Memos {
    let text = serde_json::to_string(&memos.iter().collect::<Vec<_>>()).expect("memos are JSON");
    serde_json::from_str::<Vec<(StepId, Memo)>>(&text).expect("memos read back").into_iter().collect()
}
