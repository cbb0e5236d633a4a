//! Retries, parallel steps, and a step's error that the workflow handles.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use owf_runtime::StepOutcome;
use owf_runtime::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Order {
    id: String,
    cents: u64,
}

/// A serde error: after a replay it is still a `Declined`, not a text.
#[derive(Debug, Serialize, Deserialize)]
struct Declined {
    limit: u64,
}

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "over the limit of {} cents", self.limit)
    }
}

impl std::error::Error for Declined {}

#[workflow]
async fn process(order: Order) -> WorkflowResult<String> {
    // Fails twice, and is tried again.
    let stock = step!("stock", retries = 3, backoff = Duration::from_millis(5), warehouse().await?).await?;

    // Both at once.
    let (mail, label) =
        join!(step!("mail", format!("mail for {}", order.id)), step!("label", { format!("label for {}", order.id) }))
            .await;
    println!("{} and {}", mail?, label?);

    // Declined for good: no retry would help, and the workflow takes another way.
    let paid = match step!("charge", retries = 0, charge(order.cents).await?).await {
        Ok(receipt) => receipt,
        Err(error) => {
            println!("{error}");
            let limit = error.downcast::<Declined>().map_or(0, |declined| declined.limit);
            step!("invoice", format!("invoice over {} cents", order.cents - limit)).await?
        }
    };
    Ok(format!("{stock} in stock, {paid}"))
}

async fn warehouse() -> Result<u32, std::io::Error> {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    match CALLS.fetch_add(1, Ordering::Relaxed) {
        0 | 1 => Err(std::io::Error::other("the warehouse does not answer")),
        _ => Ok(3),
    }
}

async fn charge(cents: u64) -> Result<String, Declined> {
    if cents > 5_000 { Err(Declined { limit: 5_000 }) } else { Ok("paid".to_owned()) }
}

#[tokio::main]
async fn main() -> Result<(), RunError> {
    let client = WorkflowClient::new(InMemoryDriver::new());
    let order = Order { id: "order-42".to_owned(), cents: 9_900 };
    let run = client.start(process, order).id("order-42").await?;
    println!("Result: {}", run.result().await?);
    for step in run.steps().await? {
        let outcome = match &step.outcome {
            StepOutcome::Succeeded { .. } => "ok".to_owned(),
            StepOutcome::Retrying { failure, .. } => format!("{failure}, will be tried again"),
            StepOutcome::Failed { failure } => failure.to_string(),
        };
        println!("{:8} attempt {}: {outcome}", step.id, step.attempt);
    }
    Ok(())
}
