//! Steps that run one after the other in one call, and are reported along the way (10).

use std::time::Duration;

use owf_runtime::inngest::{Checkpointing, InngestDriver};
use owf_runtime::prelude::*;
use serde_json::{Value, json};

use crate::cloud::{Asked, Cloud};
use crate::hash;
use crate::server::{Ended, Run, post};

#[workflow]
async fn many(n: u32) -> WorkflowResult<u32> {
    let mut sum = 0;
    for i in 0..n {
        sum += step!("add", i).await?;
    }
    Ok(sum)
}

#[workflow]
async fn napping(_: Value) -> WorkflowResult<u32> {
    let a = step!("a", 1).await?;
    sleep("nap", Duration::from_secs(5)).await?;
    let b = step!("b", 2).await?;
    Ok(a + b)
}

#[workflow]
async fn failing(_: Value) -> WorkflowResult<u32> {
    let a = step!("a", 1).await?;
    step!("b", Err::<(), _>("no")?).await?;
    Ok(a)
}

async fn with_cloud(checkpointing: Checkpointing) -> (Cloud, InngestDriver) {
    let cloud = Cloud::start().await;
    let driver = crate::driver().base_url(&cloud.origin).checkpointing(checkpointing);
    (cloud, driver.function(many).function(napping).function(failing))
}

/// How many steps each report has.
fn reported(cloud: &Cloud) -> Vec<usize> {
    let count = |asked: &Asked| asked.body["steps"].as_array().expect("steps").len();
    cloud.asked().iter().map(count).collect()
}

/// 10.3.1, 10.4.1: every step is reported, and the run takes one call.
#[tokio::test]
async fn a_run_of_many_steps_takes_one_call() {
    let (cloud, driver) = with_cloud(Checkpointing::new()).await;
    let mut run = Run::new(&driver, "app-many", json!({ "input": 20 }));
    assert_eq!(run.to_the_end().await, Ended::Completed(json!(190)));
    assert_eq!(run.calls.len(), 1);
    let asked = cloud.asked();
    assert_eq!(asked.len(), 20);
    assert_eq!(asked[0].path, "/v1/checkpoint/01M814WRNQT7SPHQVJVNMKC84V/async");
    assert_eq!((&asked[3].body["fn_id"], &asked[3].body["qi_id"]), (&json!("f"), &json!("q")));
    let step = &asked[3].body["steps"][0];
    assert_eq!((&step["op"], &step["id"], &step["data"]), (&json!("StepRun"), &json!(hash("add:3")), &json!(3)));
    assert_eq!(run.calls[0].answer.body, json!([{ "op": "RunComplete", "id": hash("complete"), "data": 190 }]));
}

/// 10.4.1 (3): so many at a time; what is left goes with the end.
#[tokio::test]
async fn steps_may_be_reported_several_at_a_time() {
    let (cloud, driver) = with_cloud(Checkpointing::new().buffered_steps(8)).await;
    let mut run = Run::new(&driver, "app-many", json!({ "input": 20 }));
    assert_eq!(run.to_the_end().await, Ended::Completed(json!(190)));
    assert_eq!(reported(&cloud), [8, 8]);
    let ops: Vec<String> = run.calls[0].answer.steps().into_iter().map(|(op, _)| op).collect();
    assert_eq!(ops, ["StepRun", "StepRun", "StepRun", "StepRun", "RunComplete"]);
}

/// 10.4.1 (6): what the server has to do ends the call, after what is done is reported.
#[tokio::test]
async fn a_sleep_ends_the_call() {
    let (cloud, driver) = with_cloud(Checkpointing::new().buffered_steps(8)).await;
    let body = Run::new(&driver, "app-napping", json!({})).body(0);
    let answer = post(&driver, "app-napping", "step", &body).await;
    assert_eq!(answer.steps(), [("Sleep".to_owned(), "nap".to_owned())]);
    assert_eq!(reported(&cloud), [1]);
}

/// 10.2: so does an error, which the server tries again.
#[tokio::test]
async fn an_error_ends_the_call() {
    let (cloud, driver) = with_cloud(Checkpointing::new().buffered_steps(8)).await;
    let body = Run::new(&driver, "app-failing", json!({})).body(0);
    let answer = post(&driver, "app-failing", "step", &body).await;
    assert_eq!(answer.steps(), [("StepError".to_owned(), "b".to_owned())]);
    assert_eq!(answer.header("x-inngest-no-retry"), Some("false"));
    assert_eq!(reported(&cloud), [1]);
}

/// 10.4.3: where reports fail, the steps are the answer, and nothing is lost.
#[tokio::test]
async fn without_reports_it_goes_on_as_without_checkpointing() {
    let (cloud, driver) = with_cloud(Checkpointing::new()).await;
    // A server that knows nothing of it is not asked again.
    for (status, asked) in [(404, 1), (503, 5)] {
        (0..asked).for_each(|_| cloud.answer(status, json!({})));
        let body = Run::new(&driver, "app-many", json!({ "input": 3 })).body(0);
        let answer = post(&driver, "app-many", "step", &body).await;
        assert_eq!(answer.steps(), [("StepRun".to_owned(), "add".to_owned())]);
        assert_eq!(cloud.asked().len(), asked);
    }
    (0..3).for_each(|_| cloud.answer(404, json!({})));
    let mut run = Run::new(&driver, "app-many", json!({ "input": 3 }));
    assert_eq!(run.to_the_end().await, Ended::Completed(json!(3)));
    assert_eq!(run.calls.len(), 4);
}

/// The run goes on in another call: this one is over, and its steps do not count.
#[tokio::test]
async fn a_call_that_was_given_up_ends() {
    let (cloud, driver) = with_cloud(Checkpointing::new()).await;
    cloud.answer(409, json!({}));
    let body = Run::new(&driver, "app-many", json!({ "input": 3 })).body(0);
    let answer = post(&driver, "app-many", "step", &body).await;
    assert_eq!((answer.status, answer.header("x-inngest-no-retry")), (400, Some("true")));
    assert_eq!(cloud.asked().len(), 1);
}

/// 10.4.1 (7): a call does not go on for ever.
#[tokio::test]
async fn a_call_ends_in_good_time() {
    let (cloud, driver) = with_cloud(Checkpointing::new().runtime(Duration::ZERO)).await;
    let body = Run::new(&driver, "app-many", json!({ "input": 3 })).body(0);
    let answer = post(&driver, "app-many", "step", &body).await;
    assert_eq!(answer.steps(), [("StepPlanned".to_owned(), "add".to_owned())]);
    assert!(cloud.asked().is_empty());
}

/// A step that has had attempts is reported by itself: the server counts those of the call.
#[tokio::test]
async fn a_step_that_was_tried_before_is_reported_by_itself() {
    let (cloud, driver) = with_cloud(Checkpointing::new()).await;
    let body = Run::new(&driver, "app-many", json!({ "input": 3 })).body(1);
    let answer = post(&driver, "app-many", "step", &body).await;
    assert_eq!(answer.steps(), [("StepRun".to_owned(), "add".to_owned())]);
    assert!(cloud.asked().is_empty());
}

/// 10.4.1 (3): what is buffered is reported after a while, also while a step runs.
#[tokio::test]
async fn what_is_buffered_is_reported_while_a_step_runs() {
    #[workflow]
    async fn slow(_: Value) -> WorkflowResult<()> {
        step!("quick", ()).await?;
        step!("slow", tokio::time::sleep(Duration::from_millis(60)).await).await?;
        Ok(())
    }
    let cloud = Cloud::start().await;
    let checkpointing = Checkpointing::new().buffered_steps(100).interval(Duration::from_millis(10));
    let driver = crate::driver().base_url(&cloud.origin).checkpointing(checkpointing).function(slow);
    let answer = post(&driver, "app-slow", "step", &Run::new(&driver, "app-slow", json!({})).body(0)).await;
    let first = cloud.asked().first().map(|asked| asked.body["steps"][0]["displayName"].clone());
    assert_eq!(first, Some(json!("quick")));
    assert_eq!(answer.steps().last().map(|(op, _)| op.as_str()), Some("RunComplete"));
}

/// Parallel steps, planned steps and targets are as without it.
#[tokio::test]
async fn what_is_planned_is_not_checkpointed() {
    let (cloud, driver) = with_cloud(Checkpointing::new()).await;
    let mut body = Run::new(&driver, "app-many", json!({ "input": 3 })).body(0);
    let answer = post(&driver, "app-many", &hash("add"), &body).await;
    assert_eq!(answer.steps(), [("StepRun".to_owned(), "add".to_owned())]);
    body["ctx"]["disable_immediate_execution"] = json!(true);
    let answer = post(&driver, "app-many", "step", &body).await;
    assert_eq!(answer.steps(), [("StepPlanned".to_owned(), "add".to_owned())]);
    assert!(cloud.asked().is_empty());
}
