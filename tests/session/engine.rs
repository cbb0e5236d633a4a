//! What an engine does with sessions.

use std::sync::Arc;

use owf_runtime::kernel::{
    End, Memo, MemoResult, Memos, OnDivergence, OperationKind, Outcome, RunId, RunInfo, Session, SessionOptions, StepId,
};
use owf_runtime::{Json, VirtualHost, Workflow};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Makes sessions on one clock.
pub(crate) struct Engine {
    pub(crate) host: Arc<VirtualHost>,
    pub(crate) on_divergence: OnDivergence,
}

impl Engine {
    pub(crate) fn new() -> Engine {
        Engine::with_policy(OnDivergence::Fail)
    }

    pub(crate) fn with_policy(on_divergence: OnDivergence) -> Engine {
        Engine { host: Arc::new(VirtualHost::new(42)), on_divergence }
    }

    pub(crate) fn session<W: Workflow>(&self, workflow: W, value: &W::Input, memos: Memos) -> Session {
        let mut options = SessionOptions::new(self.host.clone());
        options.on_divergence = self.on_divergence;
        Session::new(workflow, run(), input(value), memos, options).expect("the input is of the workflow's type")
    }
}

/// A session on a clock of its own that fails on divergence.
pub(crate) fn session<W: Workflow>(workflow: W, value: &W::Input, memos: Memos) -> Session {
    Engine::new().session(workflow, value, memos)
}

/// A session made of what is left after memos were written and read back.
pub(crate) fn rebuilt<W: Workflow>(workflow: W, value: &W::Input, memos: &Memos) -> Session {
    session(workflow, value, through_json(memos))
}

pub(crate) fn run() -> RunInfo {
    RunInfo::new(RunId::new("run-1"), "workflow", std::time::SystemTime::UNIX_EPOCH)
}

pub(crate) fn options() -> SessionOptions {
    SessionOptions::new(Arc::new(VirtualHost::new(42)))
}

pub(crate) fn input<T: Serialize + ?Sized>(value: &T) -> Json {
    Json::encode(value).expect("test values are JSON")
}

/// The memo of a step with a value.
pub(crate) fn step_value<T: Serialize>(value: T) -> Memo {
    Memo::Done { kind: OperationKind::Step, attempts: 1, result: MemoResult::Value(input(&value)) }
}

/// Writes memos as JSON and reads them back, as an engine does that stores them.
pub(crate) fn through_json(memos: &Memos) -> Memos {
    let text = serde_json::to_string(&memos.iter().collect::<Vec<_>>()).expect("memos are JSON");
    serde_json::from_str::<Vec<(StepId, Memo)>>(&text).expect("memos read back").into_iter().collect()
}

/// The IDs of what a session is blocked on.
pub(crate) fn ids(end: &End) -> Vec<&str> {
    let End::Blocked(operations) = end else { panic!("not blocked: {end:?}") };
    operations.iter().map(|operation| operation.id.as_str()).collect()
}

pub(crate) fn value_of<T: DeserializeOwned>(end: &End) -> T {
    let End::Completed(json) = end else { panic!("not completed: {end:?}") };
    json.decode().expect("the result is of the workflow's type")
}

pub(crate) fn failure_of(end: &End) -> &str {
    let End::Failed(error) = end else { panic!("not failed: {end:?}") };
    error.message()
}

/// One advance of a walk.
pub(crate) struct Boundary {
    /// What was recorded before it.
    pub(crate) before: Memos,
    pub(crate) target: StepId,
    pub(crate) outcome: Outcome,
}

impl Boundary {
    /// The step that ran, and the number of its attempt.
    pub(crate) fn ran(&self) -> (String, u32) {
        let record = self.outcome.ran.as_ref().expect("a walk takes its targets from plans");
        (record.id.to_string(), record.attempt)
    }

    /// What is recorded after it, as an engine adds it up.
    pub(crate) fn after_last(&self) -> Memos {
        let mut memos = self.before.clone();
        let record = self.outcome.ran.as_ref().expect("a walk takes its targets from plans");
        memos.insert(record.id.clone(), record.memo().expect("a session encodes every value"));
        memos
    }
}

/// Walks a workflow to its end in one live session; `pick` chooses the target among the open operations.
pub(crate) async fn walk<W: Workflow>(workflow: W, value: &W::Input, pick: impl Fn(usize) -> usize) -> Vec<Boundary> {
    let mut session = session(workflow, value, Memos::new());
    let mut boundaries = Vec::new();
    let mut end = session.advance(None).await.end;
    while let End::Blocked(operations) = &end {
        let target = operations[pick(operations.len())].id.clone();
        let before = session.memos().clone();
        let outcome = session.advance(Some(&target)).await;
        end = outcome.end.clone();
        boundaries.push(Boundary { before, target, outcome });
    }
    boundaries
}
