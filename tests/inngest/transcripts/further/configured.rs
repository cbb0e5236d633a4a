//! Events and configurations, and what a function may return.

use std::time::Duration;

use owf_runtime::CronTick;
use owf_runtime::inngest::{
    Batch, CancelOn, Concurrency, Debounce, InngestDriver, InngestFunction, RateLimit, Scope, Singleton, Throttle,
};
use owf_runtime::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::count;

pub(super) fn add(driver: InngestDriver) -> InngestDriver {
    let customer = "event.data.customer";
    let same_customer = "async.data.customer == event.data.customer";
    driver
        .function(InngestFunction::new(batch_parallel).batch(Batch::new(2, Duration::from_secs(5))))
        .function(edited)
        .function(
            InngestFunction::new(triggers)
                .event_when("rec/triggers.other", "event.data.n > 1")
                .cron("0 12 * * 5", Some("Europe/Paris")),
        )
        .function(InngestFunction::new(minutely).cron("* * * * *", None))
        .function(InngestFunction::new(cron).cron("0 3 1 1 *", None))
        .function(
            InngestFunction::new(limits)
                .display_name("Limits of all kinds")
                .concurrency(Concurrency::new(1).key(customer).scope(Scope::Environment))
                .concurrency(Concurrency::new(3).scope(Scope::Function))
                .rate_limit(RateLimit::new(5, Duration::from_secs(3600)).key(customer))
                .debounce(Debounce::new(Duration::from_secs(1)).key(customer).timeout(Duration::from_secs(10)))
                .cancel_on(CancelOn::new("rec/limits.cancel").when(same_customer).timeout(Duration::from_secs(3600)))
                .cancel_on(CancelOn::new("rec/limits.cancel-all"))
                .singleton(Singleton::skip().key(customer)),
        )
        .function(
            InngestFunction::new(singleton_cancels)
                .singleton(Singleton::cancel())
                .finish_timeout(Duration::from_secs(30)),
        )
        .function(
            InngestFunction::new(batch_keyed)
                .batch(Batch::new(10, Duration::from_secs(1)).key(customer))
                .throttle(Throttle::new(1, Duration::from_secs(5))),
        )
        .function(returns_text)
        .function(returns_list)
        .function(returns_number)
        .function(returns_nothing)
}

#[derive(Clone, Serialize, Deserialize)]
struct Item {
    i: u32,
}

#[workflow(name = "batch-parallel", event = "rec/batch-parallel")]
async fn batch_parallel(items: Vec<Item>) -> WorkflowResult<u32> {
    let doubled = join_all(items.iter().map(|item| step!("double", async move { item.i * 2 }))).await;
    let doubled: Vec<u32> = doubled.into_iter().collect::<Result<_, _>>()?;
    Ok(step!("sum", doubled.iter().sum::<u32>()).await?)
}

#[workflow(event = "rec/edited", allow(shared_state, reason = "as it was recorded: the code changes while it sleeps"))]
async fn edited() -> WorkflowResult<u32> {
    let is_new = count("edited") > 2;
    let a = step!("a", 1).await?;
    if is_new {
        step!("added", "new".to_owned()).await?;
    }
    sleep("nap", Duration::from_secs(1)).await?;
    Ok(step!(if is_new { "renamed" } else { "b" }, a + 1).await?)
}

#[workflow(event = "rec/triggers")]
async fn triggers(_: Value) -> WorkflowResult<String> {
    Ok(step!("one", "triggered".to_owned()).await?)
}

#[workflow]
async fn minutely(_: CronTick) -> WorkflowResult<String> {
    Ok(step!("tick", "inngest/scheduled.timer".to_owned()).await?)
}

#[workflow]
async fn cron() -> WorkflowResult<String> {
    Ok("a new year".to_owned())
}

#[workflow(event = "rec/limits", retries = 0)]
async fn limits(_: Value) -> WorkflowResult<u32> {
    Ok(step!("one", 1).await?)
}

#[workflow(name = "singleton-cancels", event = "rec/singleton-cancels")]
async fn singleton_cancels() -> WorkflowResult<u32> {
    Ok(step!("one", 1).await?)
}

#[workflow(name = "batch-keyed", event = "rec/batch-keyed")]
async fn batch_keyed(events: Vec<Value>) -> WorkflowResult<usize> {
    Ok(step!("count", events.len()).await?)
}

#[workflow(name = "returns-text", event = "rec/returns-text")]
async fn returns_text() -> WorkflowResult<String> {
    Ok("é \"text\"".to_owned())
}

#[workflow(name = "returns-list", event = "rec/returns-list")]
async fn returns_list() -> WorkflowResult<Value> {
    let one = step!("one", 1).await?;
    Ok(json!([one, null, { "a": [] }]))
}

#[workflow(name = "returns-number", event = "rec/returns-number")]
async fn returns_number() -> WorkflowResult<f64> {
    Ok(1.5)
}

#[workflow(name = "returns-nothing", event = "rec/returns-nothing")]
async fn returns_nothing() -> WorkflowResult<()> {
    step!("one", ()).await?;
    Ok(())
}
