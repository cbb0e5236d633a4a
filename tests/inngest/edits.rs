//! Code that is edited between two calls of a run (5.4).

use std::time::Duration;

use owf_runtime::OnDivergence;
use owf_runtime::inngest::InngestDriver;
use owf_runtime::prelude::*;
use serde_json::{Value, json};

use crate::driver;
use crate::hash;
use crate::server::{Ended, Run, post};

#[workflow(name = "live")]
async fn before(_: Value) -> WorkflowResult<Vec<u32>> {
    let a = step!("a", 1).await?;
    sleep("nap", Duration::from_secs(5)).await?;
    let b = step!("b", 2).await?;
    Ok(vec![a, b])
}

#[workflow(name = "live")]
async fn reordered(_: Value) -> WorkflowResult<Vec<u32>> {
    let b = step!("b", 20).await?;
    let x = step!("x", 30).await?;
    let a = step!("a", 10).await?;
    sleep("nap", Duration::from_secs(5)).await?;
    Ok(vec![a, b, x])
}

#[workflow(name = "live")]
async fn without(_: Value) -> WorkflowResult<Vec<u32>> {
    Ok(vec![step!("c", 300).await?])
}

async fn stopped_in_the_sleep(driver: &InngestDriver) -> Run<'_> {
    let mut run = Run::new(driver, "app-live", json!({}));
    run.call().await;
    run.call().await;
    assert_eq!(run.calls[1].answer.body[0]["op"], "Sleep");
    run
}

#[tokio::test]
async fn what_is_recorded_is_kept_when_steps_are_moved_and_added() {
    let (old, new) = (driver().function(before), driver().function(reordered));
    let mut run = stopped_in_the_sleep(&old).await.served_by(&new);
    assert_eq!(run.to_the_end().await, Ended::Completed(json!([1, 20, 30])));
}

#[tokio::test]
async fn steps_that_are_gone_are_left_alone() {
    let (old, new) = (driver().function(before), driver().function(without));
    let mut run = stopped_in_the_sleep(&old).await.served_by(&new);
    assert_eq!(run.to_the_end().await, Ended::Completed(json!([300])));
}

#[tokio::test]
async fn a_run_may_be_ended_where_the_code_has_changed() {
    let (old, new) = (driver().function(before), driver().on_divergence(OnDivergence::Fail).function(without));
    let mut run = stopped_in_the_sleep(&old).await.served_by(&new);
    let Ended::Failed(error) = run.to_the_end().await else { panic!("it diverges") };
    assert_eq!(error["name"], "DivergenceError");
    assert!(error["message"].as_str().is_some_and(|text| text.contains("not met again")), "{error}");
}

#[workflow(name = "live")]
async fn of_another_type(_: Value) -> WorkflowResult<String> {
    Ok(step!("a", "text".to_owned()).await?)
}

#[tokio::test]
async fn a_recorded_value_of_another_type_ends_the_run_and_is_not_quoted() {
    let driver = driver().function(of_another_type);
    let mut body = Run::new(&driver, "app-live", json!({})).body(0);
    body["steps"] = json!({ (hash("a")): { "data": { "secret": "5ec7e7" } } });
    let answer = post(&driver, "app-live", "step", &body).await;
    assert_eq!((answer.status, answer.header("x-inngest-no-retry")), (400, Some("true")));
    let text = answer.body.to_string();
    assert!(text.contains("String") && !text.contains("5ec7e7"), "{text}");
}

/// The planned step is gone from the code: the server is told, and the run goes on once the code is found again.
#[tokio::test]
async fn a_planned_step_that_is_gone_is_tried_again() {
    #[workflow(name = "live")]
    async fn pair(_: Value) -> WorkflowResult<u32> {
        let (a, b) = join!(step!("a", 1), step!("b", 2)).await;
        Ok(a? + b?)
    }
    #[workflow(name = "live")]
    async fn renamed(_: Value) -> WorkflowResult<u32> {
        let (a, b) = join!(step!("a", 1), step!("c", 2)).await;
        Ok(a? + b?)
    }
    let (old, new) = (driver().function(pair), driver().function(renamed));
    let mut run = Run::new(&old, "app-live", json!({}));
    run.call().await;
    run = run.served_by(&new);
    run.call().await;
    run.call().await;
    assert_eq!((run.calls[1].answer.status, run.calls[2].answer.status), (206, 500));
    run = run.served_by(&old);
    assert_eq!(run.to_the_end().await, Ended::Completed(json!(3)));
}
