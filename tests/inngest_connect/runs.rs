//! Whole runs: what the server keeps of them, call by call.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use crate::gateway::{Connection, RUN, call_with};
use crate::messages::{DONE, NOT_COMPLETED, Reply};
use crate::probe::Probe;
use crate::{Scene, hash};

/// More calls than this, and a run does not end.
const CALLS_MAX: usize = 50;

/// Takes a run to its end; returns its last reply, and the names of what was reported on the way.
async fn finish(connection: &mut Connection, function: &str, data: Value) -> (Reply, Vec<String>) {
    let (mut steps, mut order, mut reported) = (Map::new(), Vec::new(), Vec::new());
    let mut queue = VecDeque::from([("step".to_owned(), 0)]);
    let mut planned = 0;
    for number in 0..CALLS_MAX {
        let (step, attempt) = queue.pop_front().expect("the run waits for nothing");
        let event = json!({ "name": "test/event", "data": data, "ts": 1_795_335_021_238_u64 });
        let payload = json!({
            "event": event, "events": [event], "steps": steps, "version": 2,
            "ctx": {
                "run_id": RUN, "attempt": attempt, "max_attempts": 4, "disable_immediate_execution": planned > 0,
                "stack": { "stack": order, "current": order.len() },
            },
        });
        connection.call(&call_with(&format!("request-{number}"), function, &step, payload.to_string())).await;
        let reply = connection.reply().await;
        if reply.status != NOT_COMPLETED {
            return (reply, reported);
        }
        let operations: Vec<Value> = serde_json::from_str(&reply.body).expect("operations");
        let is_plan = operations.len() > 1;
        for operation in operations {
            let text = |field: &str| operation[field].as_str().expect("a text").to_owned();
            let (id, op) = (text("id"), text("op"));
            reported.push(format!("{op} {}", text("displayName")));
            match op.as_str() {
                "StepPlanned" => {
                    planned += 1;
                    queue.push_back((id, 0));
                }
                "StepError" => queue.push_back((step.clone(), attempt + 1)),
                _ => {
                    let value = if op == "Sleep" { Value::Null } else { json!({ "data": operation["data"] }) };
                    steps.insert(id.clone(), value);
                    order.push(id);
                    planned -= usize::from(step != "step");
                }
            }
        }
        if planned == 0 && !is_plan && queue.is_empty() {
            queue.push_back(("step".to_owned(), 0));
        }
    }
    panic!("the run does not end: {reported:?}");
}

#[tokio::test]
async fn a_run_of_steps_comes_to_its_end() {
    let mut scene = Scene::new().await;
    let (_worker, mut connection) = scene.connected().await;
    let (reply, reported) = finish(&mut connection, "greet", json!({ "input": "Ada" })).await;
    assert_eq!((reply.status, reply.body.as_str()), (DONE, "\"Hello, ADA!\""));
    assert_eq!(reported, ["StepRun uppercase", "StepRun create-greeting"]);
}

#[tokio::test]
async fn steps_beside_each_other_waits_and_retries_are_as_over_http() {
    let mut scene = Scene::new().await;
    let (_worker, mut connection) = scene.connected().await;
    let probe = json!({ "input": Probe::new() });
    let (reply, reported) = finish(&mut connection, "many", probe).await;
    assert_eq!((reply.status, reply.body.as_str()), (DONE, "[1,2,3,4]"));
    let expected = [
        "StepRun one",
        "StepPlanned two",
        "StepPlanned three",
        "StepRun two",
        "StepRun three",
        "Sleep nap",
        "StepError four",
        "StepRun four",
    ];
    assert_eq!(reported, expected);
}

#[tokio::test]
async fn a_step_is_called_by_its_hash() {
    let mut scene = Scene::new().await;
    let (_worker, mut connection) = scene.connected().await;
    let payload = crate::gateway::call("r", "greet", json!({ "input": "Ada" })).request_payload;
    connection.call(&call_with("r", "greet", &hash("uppercase"), payload)).await;
    let reply = connection.reply().await;
    assert_eq!(reply.status, NOT_COMPLETED);
    assert!(reply.body.contains("ADA"), "{}", reply.body);
}
