//! Waiting: for events, signals and times, the first of several, and other functions.

use std::time::{Duration, SystemTime};

use owf_runtime::inngest::InngestDriver;
use owf_runtime::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::errors::{CardError, Caused};
use super::{Caught, caught};

pub(super) fn add(driver: InngestDriver) -> InngestDriver {
    driver
        .function(wait_if)
        .function(wait_parallel)
        .function(wait_twice)
        .function(until)
        .function(signal_timeout)
        .function(signal_waits)
        .function(signal_sends)
        .function(race_timer)
        .function(race_event)
        .function(race_steps)
        .function(double)
        .function(failing)
        .function(throwing)
        .function(nothing)
        .function(invoke_parallel)
        .function(invoke_failing)
        .function(invoke_uncaught)
        .function(invoke_nothing)
        .function(sends_many)
}

#[derive(Serialize, Deserialize)]
struct Placed {
    order: Order,
}

#[derive(Serialize, Deserialize)]
struct Order {
    id: String,
}

#[workflow(name = "wait-if", event = "rec/wait-if")]
async fn wait_if(placed: Placed) -> WorkflowResult<u32> {
    let paid = wait_for_event::<Value>("paid?", "rec/paid")
        .matching("order.id", &placed.order.id)
        .matching("method", "card")
        .matching("cents", &500)
        .timeout(Duration::from_secs(60))
        .await?;
    let receipt = paid.and_then(|paid| paid["receipt"].as_u64()).and_then(|receipt| u32::try_from(receipt).ok());
    let receipt = receipt.ok_or("nobody paid")?;
    Ok(step!("receipt", receipt).await?)
}

#[workflow(name = "wait-parallel", event = "rec/wait-parallel")]
async fn wait_parallel() -> WorkflowResult<Value> {
    let one = wait_for_event::<Value>("comes", "rec/wait-parallel.comes").timeout(Duration::from_secs(20));
    let other = wait_for_event::<Value>("never", "rec/wait-parallel.never").timeout(Duration::from_secs(2));
    let (one, other) = join!(one, other).await;
    let seen = json!({ "one": one?, "other": other? });
    Ok(step!("report", seen.clone()).await?)
}

#[derive(Serialize, Deserialize)]
struct Number {
    n: u32,
}

#[workflow(name = "wait-twice", event = "rec/wait-twice")]
async fn wait_twice() -> WorkflowResult<Vec<u32>> {
    let mut seen = Vec::new();
    for _ in 0..2 {
        let next = wait_for_event::<Number>("next", "rec/wait-twice.next").timeout(Duration::from_secs(20)).await?;
        seen.push(next.ok_or("nothing came")?.n);
    }
    Ok(seen)
}

/// The start of 2020.
const LONG_AGO: Duration = Duration::from_millis(1_577_836_800_000);
/// The 3rd of February 2021.
const NOT_SO_LONG_AGO: Duration = Duration::from_millis(1_612_325_106_789);

#[workflow(name = "sleep-until", event = "rec/sleep-until")]
async fn until() -> WorkflowResult<String> {
    sleep_until("long-ago", SystemTime::UNIX_EPOCH + LONG_AGO).await?;
    sleep_until("not-so-long-ago", SystemTime::UNIX_EPOCH + NOT_SO_LONG_AGO).await?;
    Ok(step!("awake", "awake".to_owned()).await?)
}

#[workflow(name = "signal-timeout", event = "rec/signal-timeout")]
async fn signal_timeout() -> WorkflowResult<Value> {
    let signal = wait_for_signal::<Value>("nobody", "rec-nobody").timeout(Duration::from_secs(2)).await?;
    let seen = json!({ "signal": signal });
    Ok(step!("report", seen.clone()).await?)
}

#[workflow(name = "signal-waits", event = "rec/signal-waits")]
async fn signal_waits() -> WorkflowResult<Value> {
    let data = wait_for_signal::<Value>("go?", "rec-go").timeout(Duration::from_secs(30)).await?;
    Ok(step!("report", data.clone().unwrap_or_default()).await?)
}

#[workflow(name = "signal-sends", event = "rec/signal-sends")]
async fn signal_sends() -> WorkflowResult<String> {
    send_signal("go!", "any", "rec-go", &json!({ "by": "Ada" })).await?;
    Ok(step!("sent", "sent".to_owned()).await?)
}

#[workflow(name = "race-timer", event = "rec/race-timer")]
async fn race_timer() -> WorkflowResult<String> {
    let winner = race! {
        _ = sleep("patience", Duration::from_secs(2)) => "timer".to_owned(),
        _ = wait_for_event::<Value>("answer", "rec/race-timer.answer").timeout(Duration::from_secs(5)) => "event".to_owned(),
    };
    Ok(step!("after", winner.clone()).await?)
}

#[workflow(name = "race-event", event = "rec/race-event")]
async fn race_event() -> WorkflowResult<String> {
    let winner = race! {
        _ = sleep("patience", Duration::from_secs(5)) => "timer".to_owned(),
        event = wait_for_event::<Value>("answer", "rec/race-event.answer").timeout(Duration::from_secs(5)) =>
            event?.and_then(|event| event["text"].as_str().map(str::to_owned)).unwrap_or_default(),
    };
    Ok(step!("after", winner.clone()).await?)
}

#[workflow(name = "race-steps", event = "rec/race-steps")]
async fn race_steps() -> WorkflowResult<String> {
    let winner = race! {
        a = step!("a", "a".to_owned()) => a?,
        b = step!("b", "b".to_owned()) => b?,
    };
    let next = step!("after", winner.clone()).await?;
    Ok(step!("after-that", format!("{next}!")).await?)
}

#[workflow(event = "rec/double")]
async fn double(number: Number) -> WorkflowResult<u32> {
    Ok(step!("double", number.n * 2).await?)
}

#[workflow(event = "rec/failing", retries = 0)]
async fn failing() -> WorkflowResult<()> {
    Ok(step!("hopeless", Err::<(), _>(CardError::new("the child's step fails"))?).await?)
}

#[workflow(event = "rec/throwing", retries = 0)]
async fn throwing() -> WorkflowResult<()> {
    Err(Caused::by("the child fails", "for a reason").into())
}

#[workflow(event = "rec/nothing")]
async fn nothing() -> WorkflowResult<()> {
    Ok(())
}

#[workflow(name = "invoke-parallel", event = "rec/invoke-parallel")]
async fn invoke_parallel() -> WorkflowResult<u32> {
    let (a, b) = join!(invoke("one", double, Number { n: 1 }), invoke("two", double, Number { n: 2 })).await;
    let (a, b) = (a?, b?);
    Ok(step!("sum", a + b).await?)
}

#[workflow(name = "invoke-failing", event = "rec/invoke-failing")]
async fn invoke_failing() -> WorkflowResult<Vec<Caught<()>>> {
    let first = caught(invoke("failing", failing, ()).await);
    let second = caught(invoke("throwing", throwing, ()).await);
    let both = vec![first, second];
    Ok(step!("report", both.clone()).await?)
}

#[workflow(name = "invoke-uncaught", event = "rec/invoke-uncaught")]
async fn invoke_uncaught() -> WorkflowResult<()> {
    Ok(invoke("throwing", throwing, ()).await?)
}

#[workflow(name = "invoke-nothing", event = "rec/invoke-nothing")]
async fn invoke_nothing() -> WorkflowResult<bool> {
    invoke("nothing", nothing, ()).await?;
    Ok(step!("report", true).await?)
}

#[workflow(name = "sends-many", event = "rec/sends-many")]
async fn sends_many() -> WorkflowResult<()> {
    send_event("one", "rec/out.sends-many", &json!({ "a": "é" })).await?;
    send_events("three", [1, 2, 3].map(|i| ("rec/out.sends-many", json!({ "i": i })))).await?;
    step!("after", "sent".to_owned()).await?;
    Ok(())
}
