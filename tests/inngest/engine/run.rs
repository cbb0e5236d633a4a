//! A run, as the server keeps it.

use std::collections::HashMap;
use std::panic::Location;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use owf_runtime::inngest::FailedRun;
use owf_runtime::{Failure, Json, OperationKind, StepId, StepOutcome, StepRecord};
use serde_json::{Map, Value, json};

/// How a run ended.
#[derive(Clone, Debug)]
pub(crate) enum End {
    Completed(Value),
    Failed(FailedRun),
    Cancelled,
}

pub(crate) struct Run {
    pub(super) id: String,
    pub(super) function: String,
    /// The event that started it.
    pub(crate) event: Value,
    pub(super) attempts_max: u32,
    steps: Map<String, Value>,
    order: Vec<String>,
    /// What was planned, and when it began.
    planned: HashMap<String, SystemTime>,
    /// What was last planned together, and has no result.
    pending: Vec<String>,
    /// Several operations were planned together, and are not done.
    pub(super) plans_first: bool,
    pub(crate) end: Option<End>,
    pub(crate) records: Vec<StepRecord>,
}

impl Run {
    pub(super) fn new(id: String, function: String, event: Value, attempts_max: u32) -> Run {
        Run {
            id,
            function,
            event,
            attempts_max,
            steps: Map::new(),
            order: Vec::new(),
            planned: HashMap::new(),
            pending: Vec::new(),
            plans_first: false,
            end: None,
            records: Vec::new(),
        }
    }

    /// The body of a call.
    pub(super) fn body(&self, attempt: u32) -> Value {
        json!({
            "event": self.event,
            "events": [self.event],
            "steps": self.steps,
            "ctx": {
                "run_id": self.id,
                "fn_id": "f",
                "qi_id": "q",
                "attempt": attempt,
                "max_attempts": self.attempts_max,
                "disable_immediate_execution": self.plans_first,
                "use_api": false,
                "stack": { "stack": self.order, "current": self.order.len() },
            },
            "version": 2,
        })
    }

    pub(super) fn knows(&self, id: &str) -> bool {
        self.has(id) || self.planned.contains_key(id)
    }

    pub(super) fn plan(&mut self, id: &str, now: SystemTime) {
        self.planned.insert(id.to_owned(), now);
    }

    pub(super) fn forget_plan(&mut self, id: &str) {
        self.planned.remove(id);
    }

    /// What was planned together, in place of what was before (`savePending.lua`).
    pub(super) fn plan_together(&mut self, ids: Vec<String>) {
        self.plans_first = true;
        self.pending = ids;
    }

    pub(super) fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Whether it knows that it is to end.
    pub(crate) fn has_been_asked(&self) -> bool {
        self.has(&crate::hash("owf:cancel"))
    }

    fn has(&self, id: &str) -> bool {
        self.steps.contains_key(id)
    }

    pub(crate) fn is_of(&self, workflow: &str) -> bool {
        self.function == format!("app-{workflow}")
    }

    /// What is told of its end.
    pub(super) fn report(&self) -> Value {
        let events = [&self.event];
        json!({ "function_id": self.function, "run_id": self.id, "event": self.event, "events": events })
    }

    pub(super) fn insert(&mut self, id: &str, value: Value) {
        assert!(self.steps.insert(id.to_owned(), value).is_none(), "a step is reported once: {id}");
        self.order.push(id.to_owned());
        self.pending.retain(|pending| pending != id);
    }

    /// Notes an attempt, or the end of a wait, for whoever asks what was executed.
    pub(super) fn note(&mut self, operation: &Value, attempt: u32, now: SystemTime) {
        let nanos = |field: &str| operation["timing"][field].as_u64().map(Duration::from_nanos);
        let userland = &operation["userland"];
        let name = userland["id"].as_str().or(operation["displayName"].as_str()).unwrap_or_default();
        // How the driver remembers that a run has failed for good.
        if name == "owf:failed" {
            return;
        }
        let id = userland["index"].as_u64().map_or_else(|| name.to_owned(), |index| format!("{name}:{index}"));
        let failure = || Failure::msg(operation["error"]["message"].as_str().unwrap_or_default());
        let outcome = match operation["op"].as_str() {
            Some("StepError") => StepOutcome::Retrying { failure: failure(), not_before: now },
            Some("StepFailed") => StepOutcome::Failed { failure: failure() },
            _ => StepOutcome::Succeeded { output: Json::encode(&operation["data"]).ok() },
        };
        let planned_at = || operation["id"].as_str().and_then(|id| self.planned.get(id)).copied();
        let started_at = nanos("a").map(|since| UNIX_EPOCH + since).or_else(planned_at).unwrap_or(now);
        let ended_at = nanos("b").map_or(now, |length| started_at + length);
        self.records.push(StepRecord {
            id: StepId::new(&id),
            kind: kind(operation, name),
            attempt: attempt + 1,
            started_at,
            ended_at,
            location: Location::caller().into(),
            input: None,
            mail: None,
            is_undo: false,
            outcome,
        });
    }
}

fn kind(operation: &Value, name: &str) -> OperationKind {
    match (operation["op"].as_str(), operation["opts"]["type"].as_str()) {
        _ if name == "owf:cancel" => OperationKind::Cancel,
        (Some("Sleep"), _) => OperationKind::Sleep,
        (Some("WaitForEvent"), _) => OperationKind::WaitForEvent,
        (Some("WaitForSignal"), _) => OperationKind::WaitForSignal,
        (Some("InvokeFunction"), _) => OperationKind::Invoke,
        (_, Some("step.sendEvent")) => OperationKind::SendEvent,
        (_, Some("step.sendSignal")) => OperationKind::SendSignal,
        _ => OperationKind::Step,
    }
}
