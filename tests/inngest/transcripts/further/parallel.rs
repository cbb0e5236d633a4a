//! Steps at once.

use std::time::Duration;

use owf_runtime::inngest::InngestDriver;
use owf_runtime::prelude::*;

use super::{Caught, caught, count};

pub(super) fn add(driver: InngestDriver) -> InngestDriver {
    driver
        .function(parallel_caught)
        .function(parallel_fails)
        .function(parallel_retried)
        .function(parallel_then_throws)
        .function(parallel_nested)
        .function(parallel_fallback)
        .function(parallel_same_id)
        .function(parallel_many)
        .function(parallel_sleeps)
        .function(parallel_sleep_chains)
}

#[workflow(name = "parallel-caught", event = "rec/parallel-caught", retries = 0)]
async fn parallel_caught() -> WorkflowResult<Vec<Caught<u32>>> {
    let (fine, broken, also_fine) =
        join!(step!("fine", 1), step!("broken", Err::<u32, _>("no luck")?), step!("also-fine", 3)).await;
    let all = vec![caught(fine), caught(broken), caught(also_fine)];
    Ok(step!("report", all.clone()).await?)
}

#[workflow(name = "parallel-fails", event = "rec/parallel-fails", retries = 0)]
async fn parallel_fails() -> WorkflowResult<(u32, u32)> {
    let (fine, broken) = join!(step!("fine", 1), step!("broken", Err::<u32, _>("no luck")?)).await;
    let all = (fine?, broken?);
    Ok(step!("report", all).await?)
}

#[workflow(name = "parallel-retried", event = "rec/parallel-retried", retries = 2)]
async fn parallel_retried() -> WorkflowResult<String> {
    let flaky = step!(
        "flaky",
        match count("parallel-retried") {
            1 => Err("not yet")?,
            _ => "at last".to_owned(),
        }
    );
    let (a, b) = join!(step!("fine", "fine".to_owned()), flaky).await;
    let (a, b) = (a?, b?);
    Ok(step!("both", format!("{a}, {b}")).await?)
}

#[workflow(name = "parallel-then-throws", event = "rec/parallel-then-throws", retries = 1)]
async fn parallel_then_throws() -> WorkflowResult<()> {
    let (a, b) = join!(step!("left", 1), step!("right", 2)).await;
    Err(WorkflowError::msg(format!("the sum is {}", a? + b?)))
}

#[durable]
async fn inner() -> Result<u32, StepError> {
    let first = step!("first", 10).await?;
    let (second, third) = join!(step!("second", first + 1), step!("third", first + 2)).await;
    let (second, third) = (second?, third?);
    step!("inner-sum", second + third).await
}

#[workflow(name = "parallel-nested", event = "rec/parallel-nested")]
async fn parallel_nested() -> WorkflowResult<u32> {
    let ((a, b), c) = join!(join!(step!("a", 1), step!("b", 2)), inner()).await;
    let (a, b, c) = (a?, b?, c?);
    Ok(step!("outer-sum", a + b + c).await?)
}

#[durable]
async fn with_fallback(name: &str, fails: bool) -> Result<String, StepError> {
    let step = step!(name, if fails { Err(format!("{name} fails"))? } else { name.to_owned() });
    match step.await {
        Ok(value) => Ok(value),
        Err(_) => step!(format!("{name}-fallback"), format!("instead of {name}")).await,
    }
}

#[workflow(name = "parallel-fallback", event = "rec/parallel-fallback", retries = 0)]
async fn parallel_fallback() -> WorkflowResult<Vec<String>> {
    let (one, two, three) =
        join!(with_fallback("one", false), with_fallback("two", true), with_fallback("three", true)).await;
    Ok(vec![one?, two?, three?])
}

#[workflow(
    name = "parallel-same-id",
    event = "rec/parallel-same-id",
    allow(duplicate_id, reason = "what becomes of such IDs was recorded")
)]
async fn parallel_same_id() -> WorkflowResult<Vec<u32>> {
    let all = join_all((0..3).map(|i| step!("same", async move { i }))).await;
    let all: Vec<u32> = all.into_iter().collect::<Result<_, _>>()?;
    Ok(step!("same", all.clone()).await?)
}

#[workflow(name = "parallel-many", event = "rec/parallel-many")]
async fn parallel_many() -> WorkflowResult<Vec<String>> {
    let names = ["a", "b", "c", "d", "e", "f"];
    let all = join_all(names.iter().map(|name| step!(*name, async move { name.to_uppercase() }))).await;
    Ok(all.into_iter().collect::<Result<_, _>>()?)
}

#[workflow(name = "parallel-sleeps", event = "rec/parallel-sleeps")]
async fn parallel_sleeps() -> WorkflowResult<String> {
    let short = sleep("short", Duration::from_secs(1));
    let (short, long, work) =
        join!(short, sleep("long", Duration::from_secs(2)), step!("work", "done".to_owned())).await;
    short?;
    long?;
    work?;
    Ok(step!("after", "rested".to_owned()).await?)
}

#[durable]
async fn sleeping_chain(name: &str, seconds: u64) -> Result<String, StepError> {
    sleep(format!("{name}-sleep"), Duration::from_secs(seconds)).await?;
    step!(format!("{name}-work"), name.to_owned()).await
}

#[workflow(name = "parallel-sleep-chains", event = "rec/parallel-sleep-chains")]
async fn parallel_sleep_chains() -> WorkflowResult<Vec<String>> {
    let (a, b) = join!(sleeping_chain("a", 1), sleeping_chain("b", 2)).await;
    Ok(vec![a?, b?])
}
