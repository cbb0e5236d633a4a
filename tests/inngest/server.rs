//! The part of a server that calls: it keeps what a run records, and takes the run to its end, call by call.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use http::{Request, Response};
use owf_runtime::inngest::InngestDriver;
use serde_json::{Map, Value, json};

use crate::kept_errors;

/// More calls than this, and a run does not end.
const CALLS_MAX: usize = 200;

/// A run, as the server keeps it.
pub(crate) struct Run<'d> {
    driver: &'d InngestDriver,
    function: String,
    run_id: String,
    event: Value,
    max_attempts: u32,
    steps: Map<String, Value>,
    order: Vec<String>,
    /// Calls to be made: the step, and how many attempts came before.
    queue: VecDeque<(String, u32)>,
    /// Steps that were planned and are not done.
    planned: Vec<String>,
    /// What waits for something else.
    waiting: Vec<Value>,
    /// What waits are answered with, by the operation's name.
    answers: HashMap<String, Value>,
    pub(crate) calls: Vec<Called>,
}

/// A call that was made.
#[derive(Clone, Debug)]
pub(crate) struct Called {
    pub(crate) step: String,
    pub(crate) answer: Answered,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Value,
}

impl Answered {
    pub(crate) fn of(response: &Response<Bytes>) -> Answered {
        Answered {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: serde_json::from_slice(response.body()).unwrap_or_default(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The opcodes and names of an answer with steps.
    pub(crate) fn steps(&self) -> Vec<(String, String)> {
        assert_eq!(self.status, 206, "{self:?}");
        let text = |op: &Value, field: &str| op[field].as_str().unwrap_or_default().to_owned();
        self.body.as_array().expect("steps").iter().map(|op| (text(op, "op"), text(op, "displayName"))).collect()
    }
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ended {
    Completed(Value),
    Failed(Value),
}

impl<'d> Run<'d> {
    pub(crate) fn new(driver: &'d InngestDriver, function: &str, data: Value) -> Run<'d> {
        Run {
            driver,
            function: function.to_owned(),
            run_id: "01M814WRNQT7SPHQVJVNMKC84V".to_owned(),
            event: json!({ "name": "test/event", "data": data, "ts": 1_795_335_021_238_u64, "id": "e" }),
            max_attempts: 4,
            steps: Map::new(),
            order: Vec::new(),
            queue: VecDeque::from([("step".to_owned(), 0)]),
            planned: Vec::new(),
            waiting: Vec::new(),
            answers: HashMap::new(),
            calls: Vec::new(),
        }
    }

    pub(crate) fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// What a wait ends with.
    pub(crate) fn answer(mut self, name: &str, answer: Value) -> Self {
        self.answers.insert(name.to_owned(), answer);
        self
    }

    /// Goes on with other code, as after a deployment.
    pub(crate) fn served_by(mut self, driver: &'d InngestDriver) -> Self {
        self.driver = driver;
        self
    }

    /// What was recorded of a step.
    pub(crate) fn recorded(&self, id: &str) -> Option<&Value> {
        self.steps.get(&crate::hash(id))
    }

    /// Makes the next call; how the run ended, if it did.
    pub(crate) async fn call(&mut self) -> Option<Ended> {
        assert!(self.calls.len() < CALLS_MAX, "the run does not end: {:?}", self.calls.last());
        let Some((step, attempt)) = self.queue.pop_front() else {
            self.end_a_wait().await;
            return None;
        };
        let answer = post(self.driver, &self.function, &step, &self.body(attempt)).await;
        self.calls.push(Called { step: step.clone(), answer: answer.clone() });
        match answer.status {
            200 => Some(Ended::Completed(answer.body)),
            400 => Some(Ended::Failed(answer.body)),
            206 => {
                let operations = answer.body.as_array().expect("steps").clone();
                operations.into_iter().find_map(|operation| self.take(operation, &step, attempt))
            }
            500 if attempt + 1 < self.max_attempts => {
                self.queue.push_back((step, attempt + 1));
                None
            }
            _ => Some(Ended::Failed(answer.body)),
        }
    }

    pub(crate) async fn finish(&mut self) -> Ended {
        loop {
            if let Some(ended) = self.call().await {
                return ended;
            }
        }
    }

    /// The body of a call, as it would be made now.
    pub(crate) fn body(&self, attempt: u32) -> Value {
        json!({
            "event": self.event,
            "events": [self.event],
            "steps": self.steps,
            "ctx": {
                "run_id": self.run_id,
                "fn_id": "f",
                "qi_id": "q",
                "attempt": attempt,
                "max_attempts": self.max_attempts,
                "disable_immediate_execution": !self.planned.is_empty(),
                "use_api": false,
                "stack": { "stack": self.order, "current": self.order.len() },
            },
            "version": 2,
        })
    }

    fn take(&mut self, operation: Value, step: &str, attempt: u32) -> Option<Ended> {
        let id = operation["id"].as_str().expect("an ID").to_owned();
        let races = operation["opts"]["parallelMode"] == "race";
        match operation["op"].as_str().expect("an opcode") {
            "StepRun" => self.record(&id, json!({ "data": operation["data"] }), races),
            "StepFailed" => self.record(&id, json!({ "error": kept_errors::of_step(&operation["error"]) }), races),
            "StepError" => self.queue.push_back((step.to_owned(), attempt + 1)),
            "StepPlanned" => {
                self.planned.push(id.clone());
                self.queue.push_back((id, 0));
            }
            "RunComplete" => return Some(Ended::Completed(operation["data"].clone())),
            _ => self.waiting.push(operation),
        }
        None
    }

    fn record(&mut self, id: &str, value: Value, races: bool) {
        assert!(self.steps.insert(id.to_owned(), value).is_none(), "a step is reported once");
        self.order.push(id.to_owned());
        self.planned.retain(|planned| planned != id);
        let is_discovered = self.queue.iter().any(|(step, _)| step == "step");
        if (self.planned.is_empty() || races) && !is_discovered {
            self.queue.push_back(("step".to_owned(), 0));
        }
    }

    /// The first of the waits ends.
    async fn end_a_wait(&mut self) {
        assert!(!self.waiting.is_empty(), "the run waits for nothing: {:?}", self.calls.last());
        let operation = self.waiting.remove(0);
        let (id, name) = (operation["id"].as_str().expect("an ID"), operation["displayName"].as_str().expect("a name"));
        let value = match operation["op"].as_str() {
            Some("InvokeFunction") => self.invoke(&operation["opts"]).await,
            Some("WaitForSignal") => match self.answers.get(name) {
                Some(data) => json!({ "data": { "signal": operation["opts"]["signal"], "data": data } }),
                None => json!({ "data": null }),
            },
            _ => self.answers.get(name).cloned().unwrap_or_default(),
        };
        self.record(id, value, false);
    }

    async fn invoke(&self, opts: &Value) -> Value {
        let function = opts["function_id"].as_str().expect("a function");
        let mut child = Run::new(self.driver, function, opts["payload"]["data"].clone());
        child.answers = self.answers.clone();
        match Box::pin(child.finish()).await {
            Ended::Completed(data) => json!({ "data": data }),
            Ended::Failed(error) => json!({ "error": kept_errors::of_function(&error) }),
        }
    }
}

/// A call request to a driver.
pub(crate) async fn post(driver: &InngestDriver, function: &str, step: &str, body: &Value) -> Answered {
    let url = format!("http://served.test/api/inngest?fnId={function}&stepId={step}");
    let request = Request::post(url).body(Bytes::from(body.to_string())).expect("a request");
    Answered::of(&driver.handle(request).await)
}
