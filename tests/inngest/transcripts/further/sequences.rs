//! Steps one after the other.

use std::time::Duration;

use owf_runtime::inngest::InngestDriver;
use owf_runtime::prelude::*;
use serde_json::{Value, json};

use super::{Caught, caught, count};

pub(super) fn add(driver: InngestDriver) -> InngestDriver {
    driver
        .function(in_a_loop)
        .function(chain)
        .function(unicode_ids)
        .function(values)
        .function(large)
        .function(flaky_twice)
        .function(step_after_caught)
}

#[workflow(name = "loop", event = "rec/loop")]
async fn in_a_loop() -> WorkflowResult<Vec<u32>> {
    let mut out = Vec::new();
    for i in 0..3 {
        out.push(step!("item", i).await?);
        sleep("pause", Duration::from_secs(1)).await?;
    }
    Ok(out)
}

#[workflow(event = "rec/chain")]
async fn chain() -> WorkflowResult<u32> {
    let mut n = 0;
    for i in 0..8 {
        n = step!(format!("add-{i}"), n + i).await?;
    }
    Ok(n)
}

#[workflow(name = "unicode-ids", event = "rec/unicode-ids")]
async fn unicode_ids() -> WorkflowResult<String> {
    let a = step!("é😀 with spaces", "ü".to_owned()).await?;
    Ok(step!("x".repeat(300), format!("{a}\u{2028}\"\\")).await?)
}

#[workflow(event = "rec/values")]
async fn values() -> WorkflowResult<Vec<Value>> {
    let values = [
        json!(null),
        json!(""),
        json!([]),
        json!({}),
        json!(0.1),
        json!(9_007_199_254_740_991_u64),
        json!({ "data": { "a": 1 } }),
        json!({ "error": "no error" }),
        json!({ "input": [1] }),
        json!("null"),
        json!("é😀\n"),
        json!([[null]]),
        json!(false),
    ];
    let mut seen = Vec::new();
    for value in values {
        seen.push(step!("value", value.clone()).await?);
    }
    Ok(seen)
}

#[workflow(event = "rec/large")]
async fn large() -> WorkflowResult<usize> {
    let text = step!("large", "0123456789".repeat(400)).await?;
    Ok(step!("length", text.len()).await?)
}

#[workflow(name = "flaky-twice", event = "rec/flaky-twice", retries = 3)]
async fn flaky_twice() -> WorkflowResult<u32> {
    let a = step!("one", if count("flaky-one") < 3 { Err("one is not yet done")? } else { 1 }).await?;
    let b = step!("two", if count("flaky-two") < 2 { Err("two is not yet done")? } else { 2 }).await?;
    Ok(a + b)
}

#[workflow(name = "step-after-caught", event = "rec/step-after-caught", retries = 1)]
async fn step_after_caught() -> WorkflowResult<Vec<Caught<()>>> {
    let first = caught(step!("hopeless", Err::<(), _>("hopeless")?).await);
    sleep("rest", Duration::from_secs(1)).await?;
    let second = caught(step!("fatal", Err::<(), _>(StepError::fatal("fatal"))?).await);
    let both = vec![first, second];
    Ok(step!("report", both.clone()).await?)
}
