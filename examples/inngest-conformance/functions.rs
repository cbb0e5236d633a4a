//! What each function does is what the command's cases say.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use owf_runtime::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Serialize, Deserialize)]
pub struct Answer {
    name: String,
    body: String,
}

fn ok(name: &str) -> Answer {
    Answer { name: name.to_owned(), body: "ok".to_owned() }
}

#[workflow(name = "test-suite-simple-fn", event = "tests/function.test")]
pub async fn simple(_: Value) -> WorkflowResult<Answer> {
    Ok(ok("tests/function.test"))
}

#[workflow(name = "test-suite-step-test", event = "tests/step.test")]
pub async fn steps(_: Value) -> WorkflowResult<Answer> {
    let first = step!("first step", "first step".to_owned()).await?;
    sleep("sleep", Duration::from_secs(2)).await?;
    step!("second step", json!({ "first": first, "second": true })).await?;
    Ok(ok("tests/step.test"))
}

/// Fails at the first attempt, in whatever run: the command starts one.
static STEP_ATTEMPTS: AtomicU32 = AtomicU32::new(0);
static FUNCTION_ATTEMPTS: AtomicU32 = AtomicU32::new(0);

#[workflow(
    name = "test-suite-retry-test",
    event = "tests/retry.test",
    allow(shared_state, reason = "what is shown is that the function is tried again")
)]
pub async fn retry(_: Value) -> WorkflowResult<Answer> {
    step!("first step", {
        match STEP_ATTEMPTS.fetch_add(1, Ordering::Relaxed) {
            0 => Err("broken")?,
            _ => "yes: 2".to_owned(),
        }
    })
    .await?;
    if FUNCTION_ATTEMPTS.fetch_add(1, Ordering::Relaxed) == 0 {
        return Err(WorkflowError::msg("broken func"));
    }
    Ok(ok("tests/retry.test"))
}

#[workflow(name = "test-suite-cancel-test", event = "tests/cancel.test")]
pub async fn cancelled(_: Value) -> WorkflowResult<Answer> {
    sleep("sleep", Duration::from_secs(10)).await?;
    step!("After the sleep", "This should be cancelled if a matching cancel event is received".to_owned()).await?;
    Ok(ok("tests/cancel.test"))
}

#[derive(Serialize, Deserialize)]
pub struct Asked {
    id: String,
}

#[workflow(name = "test-suite-wait-for-event", event = "tests/wait.test")]
pub async fn wait(asked: Asked) -> WorkflowResult<Value> {
    let resumed = wait_for_event::<Value>("wait", "test/resume")
        .matching("resume", &true)
        .matching("id", &asked.id)
        .timeout(Duration::from_secs(10))
        .await?;
    Ok(resumed.map_or_else(|| json!({}), |result| json!({ "result": result })))
}
