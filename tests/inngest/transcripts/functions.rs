//! The functions of `functions.mjs`, in its order.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use owf_runtime::inngest::{Batch, CancelOn, Concurrency, InngestDriver, InngestFunction, Throttle};
use owf_runtime::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(super) fn all(driver: InngestDriver) -> InngestDriver {
    let same_order = "async.data.order == event.data.order";
    driver
        .function(no_steps)
        .function(sequential)
        .function(repeated_ids)
        .function(parallel)
        .function(parallel_chains)
        .function(sleeps)
        .function(wait_received)
        .function(wait_timeout)
        .function(signal)
        .function(child)
        .function(failing_child)
        .function(invokes)
        .function(sends)
        .function(step_retry)
        .function(step_exhausted)
        .function(step_uncaught)
        .function(step_non_retriable)
        .function(step_retry_after)
        .function(fn_retry)
        .function(fn_non_retriable)
        .function(raced)
        .function(InngestFunction::new(batch).batch(Batch::new(3, Duration::from_secs(3))))
        .function(InngestFunction::new(cancelled).cancel_on(CancelOn::new("rec/cancel").when(same_order)))
        .function(
            InngestFunction::new(configured)
                .concurrency(Concurrency::new(2).key("event.data.customer"))
                .throttle(Throttle::new(10, Duration::from_secs(60)).burst(2).key("event.data.customer"))
                .priority("event.data.vip ? 100 : 0")
                .idempotency("event.data.order")
                .start_timeout(Duration::from_secs(600))
                .finish_timeout(Duration::from_secs(3600)),
        )
        .function(null_step)
}

static FLAKY: AtomicU32 = AtomicU32::new(0);
static FUNCTION_FLAKY: AtomicU32 = AtomicU32::new(0);
static LATER: AtomicU32 = AtomicU32::new(0);

/// Lets what fails the first time fail again.
pub(super) fn forget_attempts() {
    [&FLAKY, &FUNCTION_FLAKY, &LATER].into_iter().for_each(|count| count.store(0, Ordering::Relaxed));
}

#[derive(Serialize, Deserialize)]
struct Named {
    name: String,
}

#[derive(Serialize, Deserialize)]
struct Ordered {
    order: u32,
}

#[derive(Serialize, Deserialize)]
struct Number {
    n: u32,
}

#[workflow(name = "no-steps", event = "rec/no-steps")]
async fn no_steps(named: Named) -> WorkflowResult<Value> {
    Ok(json!({ "hello": named.name }))
}

#[workflow(event = "rec/sequential")]
async fn sequential(named: Named) -> WorkflowResult<String> {
    let upper = step!("uppercase", named.name.to_uppercase()).await?;
    Ok(step!("create-greeting", format!("Hello, {upper}!")).await?)
}

#[workflow(name = "repeated-ids", event = "rec/repeated-ids")]
async fn repeated_ids() -> WorkflowResult<Vec<u32>> {
    let mut out = Vec::new();
    for i in 0..3 {
        out.push(step!("item", i * 10).await?);
    }
    Ok(out)
}

#[workflow(event = "rec/parallel")]
async fn parallel() -> WorkflowResult<u32> {
    let (a, b) = join!(step!("left", 1), step!("right", 2)).await;
    let (a, b) = (a?, b?);
    Ok(step!("sum", a + b).await?)
}

#[durable]
async fn chain(name: &str) -> Result<String, StepError> {
    let x = step!(format!("{name}-1"), name.to_owned()).await?;
    step!(format!("{name}-2"), format!("{x}!")).await
}

#[workflow(name = "parallel-chains", event = "rec/parallel-chains")]
async fn parallel_chains() -> WorkflowResult<Vec<String>> {
    let (a, b) = join!(chain("a"), chain("b")).await;
    Ok(vec![a?, b?])
}

#[workflow(event = "rec/sleeps", allow(wall_clock, reason = "as it was recorded"))]
async fn sleeps() -> WorkflowResult<String> {
    sleep("nap", Duration::from_secs(2)).await?;
    sleep_until("until", SystemTime::now() + Duration::from_millis(1500)).await?;
    Ok("rested".to_owned())
}

#[workflow(name = "wait-received", event = "rec/wait-received")]
async fn wait_received(ordered: Ordered) -> WorkflowResult<Value> {
    let approval = wait_for_event::<Value>("approval", "rec/approved").matching("order", &ordered.order);
    let data = approval.timeout(Duration::from_secs(30)).await?;
    Ok(json!({ "got": data }))
}

#[workflow(name = "wait-timeout", event = "rec/wait-timeout")]
async fn wait_timeout() -> WorkflowResult<Value> {
    let never = wait_for_event::<Value>("never", "rec/never").timeout(Duration::from_secs(2)).await?;
    Ok(json!({ "got": never }))
}

#[workflow(event = "rec/signal")]
async fn signal(ordered: Ordered) -> WorkflowResult<Value> {
    let name = format!("sig-{}", ordered.order);
    let data = wait_for_signal::<Value>("signal", name.clone()).timeout(Duration::from_secs(30)).await?;
    Ok(json!({ "got": { "signal": name, "data": data } }))
}

#[workflow(event = "rec/child")]
async fn child(number: Number) -> WorkflowResult<Number> {
    Ok(Number { n: step!("double", number.n * 2).await? })
}

#[workflow(name = "failing-child", event = "rec/failing-child")]
async fn failing_child() -> WorkflowResult<()> {
    Err(WorkflowError::fatal("child says no"))
}

#[workflow(event = "rec/invokes")]
async fn invokes() -> WorkflowResult<Value> {
    let r = invoke("call-child", child, Number { n: 21 }).await?;
    let failed = invoke("call-failing", failing_child, ()).await.err().map(|error| {
        let name = if error.is_fatal() { "NonRetriableError" } else { "Error" };
        format!("{name}: {}", error.message())
    });
    Ok(json!({ "r": r, "failed": failed }))
}

#[workflow(event = "rec/sends")]
async fn sends() -> WorkflowResult<()> {
    send_events("notify", [("rec/other", json!({ "a": 1 })), ("rec/other", json!({ "a": 2 }))]).await?;
    Ok(())
}

#[workflow(name = "step-retry", event = "rec/step-retry", retries = 2)]
async fn step_retry() -> WorkflowResult<String> {
    Ok(step!("flaky", {
        match FLAKY.fetch_add(1, Ordering::Relaxed) {
            0 => Err("first try fails")?,
            _ => "ok".to_owned(),
        }
    })
    .await?)
}

/// What JavaScript calls by this name.
#[derive(Debug, Serialize, Deserialize)]
struct TypeError {
    message: String,
}

impl std::fmt::Display for TypeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

#[workflow(name = "step-exhausted", event = "rec/step-exhausted", retries = 1)]
async fn step_exhausted() -> WorkflowResult<String> {
    let hopeless = step!("hopeless", Err::<(), _>(TypeError { message: "always".to_owned() })?).await;
    let Err(error) = hopeless else { return Ok("never".to_owned()) };
    let name = if error.downcast::<TypeError>().is_some() { "TypeError" } else { "Error" };
    Ok(step!("fallback", format!("caught {name}: {}", error.message())).await?)
}

#[workflow(name = "step-uncaught", event = "rec/step-uncaught", retries = 0)]
async fn step_uncaught() -> WorkflowResult<String> {
    step!("hopeless", Err::<(), _>("boom")?).await?;
    Ok("never".to_owned())
}

#[workflow(name = "step-non-retriable", event = "rec/step-non-retriable", retries = 3)]
async fn step_non_retriable() -> WorkflowResult<()> {
    Ok(step!("fatal", Err::<(), _>(StepError::fatal("not again"))?).await?)
}

#[workflow(name = "step-retry-after", event = "rec/step-retry-after", retries = 2)]
async fn step_retry_after() -> WorkflowResult<String> {
    Ok(step!("later", {
        match LATER.fetch_add(1, Ordering::Relaxed) {
            0 => Err(StepError::msg("busy").retry_after(Duration::from_secs(2)))?,
            _ => "ok".to_owned(),
        }
    })
    .await?)
}

#[workflow(
    name = "fn-retry",
    event = "rec/fn-retry",
    retries = 1,
    allow(shared_state, reason = "as it was recorded: the function itself fails once")
)]
async fn fn_retry() -> WorkflowResult<u32> {
    let a = step!("a", 1).await?;
    if FUNCTION_FLAKY.fetch_add(1, Ordering::Relaxed) < 1 {
        return Err(WorkflowError::msg("function fails once"));
    }
    Ok(a)
}

#[derive(Debug)]
struct Caused(std::io::Error);

impl std::fmt::Display for Caused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no")
    }
}

impl std::error::Error for Caused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[workflow(name = "fn-non-retriable", event = "rec/fn-non-retriable")]
async fn fn_non_retriable() -> WorkflowResult<()> {
    Err(WorkflowError::fatal(Caused(std::io::Error::other("because"))))
}

#[workflow(name = "race", event = "rec/race")]
async fn raced() -> WorkflowResult<String> {
    let w = race! {
        fast = step!("fast", "fast".to_owned()) => fast?,
        _ = sleep("slow", Duration::from_secs(20)) => "slow".to_owned(),
    };
    Ok(step!("after", w.clone()).await?)
}

#[derive(Serialize, Deserialize)]
struct Item {
    i: u32,
}

#[workflow(event = "rec/batch")]
async fn batch(items: Vec<Item>) -> WorkflowResult<Vec<u32>> {
    Ok(step!("count", items.iter().map(|item| item.i).collect::<Vec<u32>>()).await?)
}

#[workflow(event = "rec/cancelled")]
async fn cancelled(_: Ordered) -> WorkflowResult<String> {
    sleep("long", Duration::from_secs(20)).await?;
    Ok("not reached".to_owned())
}

#[workflow(event = "rec/configured", retries = 5)]
async fn configured(_: Value) -> WorkflowResult<Value> {
    Ok(step!("one", json!({ "nested": { "null": null, "f": 1.5, "s": "é😀", "a": [1, "x"] } })).await?)
}

#[workflow(name = "null-step", event = "rec/null-step")]
async fn null_step() -> WorkflowResult<Value> {
    step!("void", ()).await?;
    let n: Option<u32> = step!("null", None).await?;
    Ok(json!({ "v": true, "n": n }))
}
