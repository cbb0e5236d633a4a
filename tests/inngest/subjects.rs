//! The behaviours of `tests/conformance` with each run driven through HTTP, by a server that keeps time on a clock that jumps.

use std::future::Future;
use std::panic::Location;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use owf_runtime::inngest::{Checkpointing, InngestDriver};
use owf_runtime::{
    CheckpointInMemoryDriver, Driver, Failure, Host, Json, OperationKind, RunError, StepId, StepOutcome, StepRecord,
    VirtualHost, Workflow, WorkflowClient, WorkflowError,
};
use serde_json::{Map, Value, json};
use tokio::task::JoinSet;

use crate::clock::DrivenHost;
use crate::cloud::Cloud;
use crate::server::{Answered, post};

pub(crate) type Verdict = Result<(), Box<dyn std::error::Error>>;

/// A driver under test.
pub(crate) struct Subject {
    pub(crate) host: Arc<VirtualHost>,
    pub(crate) model: Model,
    /// A driver in this process, for what the behaviours ask beside the run that is judged.
    pub(crate) driver: Arc<dyn Driver>,
    checkpoints: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Model {
    Continuous,
    Checkpoint,
    #[expect(dead_code, reason = "the behaviours ask for it of durable drivers")]
    Suspending,
}

/// Step by step.
pub(crate) fn plain() -> Subject {
    let host = Arc::new(VirtualHost::new(42));
    let driver = Arc::new(CheckpointInMemoryDriver::with_host(host.clone()));
    Subject { host, model: Model::Checkpoint, driver, checkpoints: false }
}

/// With steps that are reported along the way.
pub(crate) fn checkpointing() -> Subject {
    Subject { checkpoints: true, model: Model::Continuous, ..plain() }
}

pub(crate) async fn judge(behaviour: impl Future<Output = Verdict>) -> Verdict {
    behaviour.await
}

impl Subject {
    pub(crate) fn client(&self) -> WorkflowClient {
        WorkflowClient::new(self.driver.clone())
    }

    /// As [`client`](Subject::client), on a clock that the test moves.
    pub(crate) fn driven_client(&self) -> (DrivenHost, WorkflowClient) {
        let clock = DrivenHost::starting_at(UNIX_EPOCH);
        let driver = CheckpointInMemoryDriver::with_host(Arc::new(clock.clone()));
        (clock, WorkflowClient::new(driver))
    }

    pub(crate) fn keeps_memos(&self) -> bool {
        true
    }

    pub(crate) fn latest_time(&self) -> Option<SystemTime> {
        None
    }

    pub(crate) fn entries(&self, steps: usize) -> usize {
        if self.checkpoints { 1 } else { steps + 1 }
    }

    pub(crate) async fn invoke<W: Workflow>(&self, workflow: W, input: W::Input) -> Result<W::Output, RunError> {
        Ok(self.start(workflow, input).await?.0)
    }

    pub(crate) async fn ids<W: Workflow>(&self, workflow: W, input: W::Input) -> Result<Vec<String>, RunError> {
        let (_, steps) = self.start(workflow, input).await?;
        Ok(steps.iter().map(|step| step.id.to_string()).collect())
    }

    pub(crate) async fn start<W: Workflow>(
        &self,
        workflow: W,
        input: W::Input,
    ) -> Result<(W::Output, Vec<StepRecord>), RunError> {
        let cloud = Cloud::start().await;
        let mut driver =
            InngestDriver::new("app").dev(true).host(self.host.clone()).base_url(&cloud.origin).body_limit(usize::MAX);
        if self.checkpoints {
            driver = driver.checkpointing(Checkpointing::new().runtime(Duration::from_secs(3600)));
        }
        let input = serde_json::to_value(&input).expect("inputs are JSON");
        let mut run = Conducted::new(Arc::new(driver.function(workflow)), W::NAME, input, self.host.clone(), cloud);
        match run.finish().await {
            Ok(output) => {
                let json = Json::encode(&output).expect("JSON");
                Ok((json.decode().expect("the output is of the workflow's type"), run.records))
            }
            Err(error) => Err(failed(&error).await),
        }
    }
}

/// The error of a run that ended with this, as a client in this process tells it.
async fn failed(error: &Value) -> RunError {
    #[derive(Clone, Copy, Debug)]
    struct Failing;
    impl Workflow for Failing {
        type Input = String;
        type Output = ();
        const NAME: &'static str = "failing";
        fn options(&self) -> owf_runtime::WorkflowOptions {
            owf_runtime::WorkflowOptions::new()
        }
        fn run(&self, message: String) -> owf_runtime::BoxDurable<'static, Result<(), WorkflowError>> {
            Box::pin(owf_runtime::__private::block(async move { Err(WorkflowError::fatal(message)) }))
        }
    }
    let message = error["message"].as_str().unwrap_or_default().to_owned();
    WorkflowClient::new(owf_runtime::InMemoryDriver::new()).invoke(Failing, message).await.expect_err("it fails")
}

/// A run with its server. Calls that are due at the same time are made at the same time.
struct Conducted {
    driver: Arc<InngestDriver>,
    host: Arc<VirtualHost>,
    cloud: Cloud,
    function: String,
    data: Value,
    steps: Map<String, Value>,
    order: Vec<String>,
    planned: Vec<String>,
    queue: Vec<(String, u32)>,
    sleeping: Vec<(SystemTime, Value)>,
    records: Vec<StepRecord>,
}

impl Conducted {
    fn new(driver: Arc<InngestDriver>, name: &str, input: Value, host: Arc<VirtualHost>, cloud: Cloud) -> Conducted {
        let data = match input {
            Value::Object(_) => input,
            Value::Null => json!({}),
            other => json!({ "input": other }),
        };
        Conducted {
            driver,
            host,
            cloud,
            function: format!("app-{name}"),
            data,
            steps: Map::new(),
            order: Vec::new(),
            planned: Vec::new(),
            queue: vec![("step".to_owned(), 0)],
            sleeping: Vec::new(),
            records: Vec::new(),
        }
    }

    async fn finish(&mut self) -> Result<Value, Value> {
        let mut calls = JoinSet::new();
        loop {
            for (step, attempt) in std::mem::take(&mut self.queue) {
                let (driver, function, body) = (self.driver.clone(), self.function.clone(), self.body(attempt));
                calls.spawn(async move {
                    let answer = post(&driver, &function, &step, &body).await;
                    (step, attempt, answer)
                });
            }
            let Some(called) = calls.join_next().await else {
                self.wake().await;
                continue;
            };
            let (step, attempt, answer) = called.expect("the driver does not panic");
            self.note_checkpoints();
            if let Some(end) = self.hear(step, attempt, answer) {
                return end;
            }
        }
    }

    fn hear(&mut self, step: String, attempt: u32, answer: Answered) -> Option<Result<Value, Value>> {
        match answer.status {
            200 => return Some(Ok(answer.body)),
            400 => return Some(Err(answer.body)),
            500 => self.queue.push((step.clone(), attempt + 1)),
            _ => {}
        }
        for operation in answer.body.as_array().filter(|_| answer.status == 206).cloned().unwrap_or_default() {
            if operation["op"] == "RunComplete" {
                return Some(Ok(operation["data"].clone()));
            }
            self.take(operation, &step, attempt);
        }
        None
    }

    fn take(&mut self, operation: Value, step: &str, attempt: u32) {
        let id = operation["id"].as_str().expect("an ID").to_owned();
        match operation["op"].as_str().expect("an opcode") {
            // A plan is taken once, whoever makes it.
            "StepPlanned" if self.planned.contains(&id) || self.steps.contains_key(&id) => {}
            "StepPlanned" => {
                self.planned.push(id.clone());
                self.queue.push((id, 0));
            }
            "StepError" => {
                self.note(&operation, attempt);
                self.queue.push((step.to_owned(), attempt + 1));
            }
            "Sleep" if self.sleeping.iter().any(|(_, known)| known["id"] == id) || self.steps.contains_key(&id) => {}
            "Sleep" => {
                let text = operation["name"].as_str().expect("a length");
                let due =
                    text.parse::<jiff::Timestamp>().map_or_else(|_| self.host.now() + length(text), SystemTime::from);
                self.sleeping.push((due, operation));
            }
            "StepFailed" => self.record(&operation, attempt, json!({ "error": operation["error"] })),
            _ => self.record(&operation, attempt, json!({ "data": operation["data"] })),
        }
    }

    /// Steps that were reported along the way.
    fn note_checkpoints(&mut self) {
        for asked in self.cloud.asked() {
            for operation in asked.body["steps"].as_array().cloned().unwrap_or_default() {
                let id = operation["id"].as_str().expect("an ID").to_owned();
                self.note(&operation, 0);
                self.steps.insert(id.clone(), json!({ "data": operation["data"] }));
                self.order.push(id);
            }
        }
    }

    fn record(&mut self, operation: &Value, attempt: u32, value: Value) {
        let id = operation["id"].as_str().expect("an ID");
        self.note(operation, attempt);
        assert!(self.steps.insert(id.to_owned(), value).is_none(), "a step is reported once: {operation}");
        self.order.push(id.to_owned());
        self.planned.retain(|planned| planned != id);
        let races = operation["opts"]["parallelMode"] == "race";
        let is_discovered = self.queue.iter().any(|(step, _)| step == "step");
        if (self.planned.is_empty() || races) && !is_discovered {
            self.queue.push(("step".to_owned(), 0));
        }
    }

    /// The first of the sleeps is over.
    async fn wake(&mut self) {
        let first = self.sleeping.iter().enumerate().min_by_key(|(_, (due, _))| *due).map(|(place, _)| place);
        let (due, operation) = self.sleeping.remove(first.expect("the run waits for a sleep"));
        self.host.sleep_until(due).await;
        self.record(&operation, 0, Value::Null);
    }

    fn note(&mut self, operation: &Value, attempt: u32) {
        let nanos = |field: &str| Duration::from_nanos(operation["timing"][field].as_u64().unwrap_or_default());
        let started_at = UNIX_EPOCH + nanos("a");
        let userland = &operation["userland"];
        let name = userland["id"].as_str().unwrap_or_default();
        let id = userland["index"].as_u64().map_or_else(|| name.to_owned(), |index| format!("{name}:{index}"));
        let failure = || Failure::msg(operation["error"]["message"].as_str().unwrap_or_default());
        let outcome = match operation["op"].as_str() {
            Some("StepError") => StepOutcome::Retrying { failure: failure(), not_before: self.host.now() },
            Some("StepFailed") => StepOutcome::Failed { failure: failure() },
            _ => StepOutcome::Succeeded { output: Json::encode(&operation["data"]).ok() },
        };
        let kind = if operation["op"] == "Sleep" { OperationKind::Sleep } else { OperationKind::Step };
        self.records.push(StepRecord {
            id: StepId::new(&id),
            kind,
            attempt: attempt + 1,
            started_at,
            ended_at: started_at + nanos("b"),
            location: Location::caller().into(),
            input: None,
            mail: None,
            is_undo: false,
            outcome,
        });
    }

    fn body(&self, attempt: u32) -> Value {
        json!({
            "event": { "name": "e", "data": self.data, "ts": 0 },
            "events": [],
            "steps": self.steps,
            "ctx": {
                "run_id": "00000000000000000000000000",
                "fn_id": "f",
                "qi_id": "q",
                "attempt": attempt,
                "max_attempts": 4,
                "disable_immediate_execution": !self.planned.is_empty() || !self.sleeping.is_empty(),
                "stack": { "stack": self.order, "current": self.order.len() },
            },
        })
    }
}

/// A time string.
fn length(text: &str) -> Duration {
    let mut total = 0;
    let mut number = 0;
    for c in text.chars() {
        let unit = match c {
            'w' => 7 * 24 * 3600,
            'd' => 24 * 3600,
            'h' => 3600,
            'm' => 60,
            's' => 1,
            digit => {
                number = number * 10 + u64::from(digit.to_digit(10).expect("a digit"));
                continue;
            }
        };
        total += std::mem::take(&mut number) * unit;
    }
    Duration::from_secs(total)
}
