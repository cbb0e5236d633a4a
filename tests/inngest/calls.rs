//! Calls: what runs in them, and what is planned (4.4, 5.1 to 5.5).

use std::time::Duration;

use owf_runtime::prelude::*;
use serde_json::{Value, json};

use crate::driver;
use crate::hash;
use crate::server::{Ended, Run, post};

#[workflow]
async fn sequence(n: u32) -> WorkflowResult<u32> {
    let a = step!("a", n + 1).await?;
    let b = step!("b", a * 10).await?;
    Ok(b)
}

/// 5.3.1: a step that is found alone runs at once; 4.4.3: the function's value is the answer.
#[tokio::test]
async fn steps_run_one_a_call() {
    let driver = driver().function(sequence);
    let mut run = Run::new(&driver, "app-sequence", json!({ "input": 4 }));
    assert_eq!(run.finish().await, Ended::Completed(json!(50)));
    let steps: Vec<_> = run.calls[..2].iter().map(|call| call.answer.steps()).collect();
    assert_eq!(steps, [[("StepRun".to_owned(), "a".to_owned())], [("StepRun".to_owned(), "b".to_owned())]]);
    let op = &run.calls[0].answer.body[0];
    assert_eq!((&op["id"], &op["data"], &op["name"]), (&json!(hash("a")), &json!(5), &json!("a")));
    assert_eq!(run.calls[2].answer.status, 200);
    // 4.1.2
    for call in &run.calls {
        assert_eq!(call.answer.header("x-inngest-req-version"), Some("2"));
        let sdk = call.answer.header("x-inngest-sdk").expect("it is always said");
        assert!(sdk.matches(':').count() == 1 && sdk.contains(":v"), "{sdk}");
        assert_eq!(call.answer.header("x-inngest-no-retry"), None);
    }
}

#[workflow]
async fn both(_: Value) -> WorkflowResult<u32> {
    let (left, right) = join!(step!("left", 1), step!("right", 2)).await;
    let sum = left? + right?;
    Ok(step!("sum", sum).await?)
}

/// 5.5: steps that are found together are planned, and each runs in a call of its own.
#[tokio::test]
async fn parallel_steps_run_in_calls_of_their_own() {
    let driver = driver().function(both);
    let mut run = Run::new(&driver, "app-both", json!({}));
    assert_eq!(run.finish().await, Ended::Completed(json!(3)));
    let planned = run.calls[0].answer.steps();
    assert_eq!(
        planned,
        [("StepPlanned".to_owned(), "left".to_owned()), ("StepPlanned".to_owned(), "right".to_owned())]
    );
    let called: Vec<&str> = run.calls.iter().map(|call| call.step.as_str()).collect();
    assert_eq!(called, ["step", &hash("left"), &hash("right"), "step", "step"]);
    assert_eq!(run.calls[1].answer.body[0]["op"], "StepRun");
    assert_eq!(run.calls[1].answer.body[0]["id"], json!(hash("left")));
}

/// 5.3.1: with a target nothing else is run or reported.
#[tokio::test]
async fn only_the_target_is_run() {
    let driver = driver().function(both);
    let mut run = Run::new(&driver, "app-both", json!({}));
    run.call().await;
    let body = run.body(0);
    for name in ["right", "left", "right"] {
        let answer = post(&driver, "app-both", &hash(name), &body).await;
        assert_eq!(answer.steps(), [("StepRun".to_owned(), name.to_owned())]);
    }
}

/// 5.3.1: `disable_immediate_execution` has even a single step planned.
#[tokio::test]
async fn a_single_step_is_planned_when_that_is_asked() {
    let driver = driver().function(sequence);
    let run = Run::new(&driver, "app-sequence", json!({ "input": 1 }));
    let mut body = run.body(0);
    body["ctx"]["disable_immediate_execution"] = json!(true);
    let answer = post(&driver, "app-sequence", "step", &body).await;
    assert_eq!(answer.steps(), [("StepPlanned".to_owned(), "a".to_owned())]);
    assert_eq!(answer.body[0]["data"], Value::Null);
}

/// A target that today's code does not come to: the server tries again, as it does for the TypeScript SDK, and is told what there is.
#[tokio::test]
async fn a_target_that_is_gone_is_told() {
    let driver = driver().function(both);
    let body = Run::new(&driver, "app-both", json!({})).body(0);
    let answer = post(&driver, "app-both", &hash("gone"), &body).await;
    assert_eq!((answer.status, answer.header("x-inngest-no-retry")), (500, Some("false")));
    assert_eq!((&answer.body["requestedStep"], &answer.body["totalFoundSteps"]), (&json!(hash("gone")), &json!(2)));
    let found: Vec<&str> = answer.body["foundSteps"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|step| step["displayName"].as_str())
        .collect();
    assert_eq!(found.len(), 2);
    assert!(found.contains(&"left") && found.contains(&"right"));
}

#[workflow]
async fn rounds(_: Value) -> WorkflowResult<Vec<u32>> {
    let mut all = Vec::new();
    for round in 0..3 {
        all.push(step!("round", round).await?);
    }
    Ok(all)
}

/// 5.1.2: an ID that is met again gets a suffix before it is hashed; the code's own ID goes along.
#[tokio::test]
async fn repeated_ids_are_numbered_before_they_are_hashed() {
    let driver = driver().function(rounds);
    let mut run = Run::new(&driver, "app-rounds", json!({}));
    assert_eq!(run.finish().await, Ended::Completed(json!([0, 1, 2])));
    let ops: Vec<&Value> = run.calls[..3].iter().map(|call| &call.answer.body[0]).collect();
    let ids: Vec<&Value> = ops.iter().map(|op| &op["id"]).collect();
    assert_eq!(ids, [&json!(hash("round")), &json!(hash("round:1")), &json!(hash("round:2"))]);
    let userland: Vec<&Value> = ops.iter().map(|op| &op["userland"]).collect();
    assert_eq!(userland[0], &json!({ "id": "round" }));
    assert_eq!(userland[2], &json!({ "id": "round", "index": 2 }));
    assert!(ops.iter().all(|op| op["displayName"] == "round" && op["name"] == "round"));
}

#[durable]
async fn chain(name: &str) -> Result<String, StepError> {
    let x = step!(format!("{name}-1"), name.to_owned()).await?;
    step!(format!("{name}-2"), format!("{x}!")).await
}

#[workflow]
async fn chains(_: Value) -> WorkflowResult<Vec<String>> {
    let (a, b) = join!(chain("a"), chain("b")).await;
    Ok(vec![a?, b?])
}

/// 5.4, 5.5: branches go on by themselves.
#[tokio::test]
async fn branches_go_on_by_themselves() {
    let driver = driver().function(chains);
    let mut run = Run::new(&driver, "app-chains", json!({}));
    assert_eq!(run.finish().await, Ended::Completed(json!(["a!", "b!"])));
    let ran = run.calls.iter().filter(|call| call.answer.body[0]["op"] == "StepRun").count();
    assert_eq!(ran, 4, "each step runs once");
}

#[workflow]
async fn first_of_two(_: Value) -> WorkflowResult<String> {
    let first = race! {
        a = step!("a", "a".to_owned()) => a?,
        b = step!("b", "b".to_owned()) => b?,
    };
    Ok(step!("after", first.clone()).await?)
}

/// 5.4: the order of `ctx.stack.stack` decides, and not that of the keys.
#[tokio::test]
async fn a_race_is_won_by_what_was_recorded_first() {
    let driver = driver().function(first_of_two);
    for (order, winner) in [(["a", "b"], "a"), (["b", "a"], "b")] {
        let mut body = Run::new(&driver, "app-first_of_two", json!({})).body(0);
        body["steps"] = json!({ (hash("a")): { "data": "a" }, (hash("b")): { "data": "b" } });
        body["ctx"]["stack"] = json!({ "stack": order.map(hash), "current": 2 });
        // A loser's end has the server call once more, so that what follows is planned, which the server takes once.
        let planned = post(&driver, "app-first_of_two", "step", &body).await;
        assert_eq!(planned.steps(), [("StepPlanned".to_owned(), "after".to_owned())]);
        let answer = post(&driver, "app-first_of_two", &hash("after"), &body).await;
        assert_eq!(answer.body[0]["data"], winner);
    }
}

/// The server may call a loser when the race is decided: one that failed before is tried again. The run must not fail of it.
#[tokio::test]
async fn a_loser_that_is_called_late_is_not_run_and_not_missed() {
    let driver = driver().function(first_of_two);
    let mut body = Run::new(&driver, "app-first_of_two", json!({})).body(1);
    let mut record = |id: &str, value: Value| {
        body["steps"][hash(id)] = value;
        let stack: Vec<_> = body["steps"].as_object().expect("a map").keys().cloned().collect();
        body["ctx"]["stack"] = json!({ "stack": stack, "current": stack.len() });
        body.clone()
    };
    let late = record("a", json!({ "data": "a" }));
    let answer = post(&driver, "app-first_of_two", &hash("b"), &late).await;
    assert_eq!((answer.status, answer.steps()), (206, vec![("StepRun".to_owned(), "b".to_owned())]));
    let lost = answer.body[0]["data"].clone();
    assert_eq!(lost, json!({ "owf:lost": "it was not run: another arm of its race was done before" }));
    let answer = post(&driver, "app-first_of_two", "step", &record("b", json!({ "data": lost }))).await;
    assert_eq!(answer.steps(), [("StepPlanned".to_owned(), "after".to_owned())]);
    // What the code knows nothing of is missed all the same.
    let answer = post(&driver, "app-first_of_two", &hash("c"), &late).await;
    assert_eq!((answer.status, &answer.body["requestedStep"]), (500, &json!(hash("c"))));
}

/// A race says that it is one, so that the server does not wait for its losers.
#[tokio::test]
async fn the_arms_of_a_race_say_that_they_race() {
    let driver = driver().function(first_of_two).function(both);
    let mut run = Run::new(&driver, "app-first_of_two", json!({}));
    assert_eq!(run.finish().await, Ended::Completed(json!("a")));
    let arms = run.calls[0].answer.body.as_array().expect("two steps");
    assert!(arms.iter().all(|op| op["opts"]["parallelMode"] == "race"));
    let mut joined = Run::new(&driver, "app-both", json!({}));
    joined.call().await;
    assert_eq!(joined.calls[0].answer.body[0]["opts"], json!({}));
}

#[workflow(allow(duplicate_id, reason = "they are told apart by their order"))]
async fn drawn(_: Value) -> WorkflowResult<bool> {
    let (before, id) = join!(now("before"), uuid("id")).await;
    let (before, id) = (before?, id?);
    sleep("nap", Duration::from_secs(1)).await?;
    let dice = random::<u32>("dice").await?;
    let kept = step!("keep", (before, id, dice)).await?;
    sleep("nap", Duration::from_secs(1)).await?;
    Ok(kept == (before, id, dice))
}

/// Values of the host are steps for the server: recorded, and the same in every call.
#[tokio::test]
async fn values_are_recorded_as_steps() {
    let driver = driver().function(drawn);
    let mut run = Run::new(&driver, "app-drawn", json!({}));
    assert_eq!(run.finish().await, Ended::Completed(json!(true)));
    assert_eq!(run.calls[0].answer.steps().len(), 2, "both are planned");
    assert!(run.recorded("dice").is_some_and(|dice| dice["data"].is_u64()));
}

#[workflow]
async fn summed(items: Vec<u32>) -> WorkflowResult<u32> {
    Ok(step!("sum", items.iter().sum::<u32>()).await?)
}

/// 4.4.1: the events of a batch are the workflow's input.
#[tokio::test]
async fn a_batch_is_a_list() {
    use owf_runtime::inngest::{Batch, InngestFunction};
    let function = InngestFunction::new(summed).batch(Batch::new(10, Duration::from_secs(5)));
    let driver = driver().function(function);
    let mut body = Run::new(&driver, "app-summed", json!({})).body(0);
    body["events"] = json!([{ "name": "n", "data": 1 }, { "name": "n", "data": 2 }, { "name": "n", "data": 39 }]);
    assert_eq!(post(&driver, "app-summed", "step", &body).await.body[0]["data"], json!(42));
}

/// A thousand recorded steps are replayed in one call, and the next one runs.
#[tokio::test]
async fn a_thousand_recorded_steps_are_replayed() {
    #[workflow]
    async fn long(_: Value) -> WorkflowResult<u32> {
        let mut sum = 0;
        for i in 0..1001_u32 {
            sum += step!("add", i).await?;
        }
        Ok(sum)
    }
    let driver = driver().function(long);
    let mut body = Run::new(&driver, "app-long", json!({})).body(0);
    let ids: Vec<String> =
        (0..1000).map(|i| hash(&if i == 0 { "add".to_owned() } else { format!("add:{i}") })).collect();
    body["steps"] = ids
        .iter()
        .enumerate()
        .map(|(i, id)| (id.clone(), json!({ "data": i })))
        .collect::<serde_json::Map<_, _>>()
        .into();
    body["ctx"]["stack"] = json!({ "stack": ids, "current": 1000 });
    let answer = post(&driver, "app-long", "step", &body).await;
    assert_eq!((&answer.body[0]["id"], &answer.body[0]["data"]), (&json!(hash("add:1000")), &json!(1000)));
}
