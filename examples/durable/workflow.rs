//! The order: charged, packed while the customer is told, left to dry, and handed to a courier who does not always come.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use owf_runtime::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) cents: u64,
    /// How long each step takes.
    pub(crate) step_ms: u64,
}

#[workflow]
pub(crate) async fn process(order: Order) -> WorkflowResult<String> {
    let time = Duration::from_millis(order.step_ms);
    set_details("charging");
    let receipt =
        step!("charge", work(time, format!("{} cents", order.cents)).await, undo = |paid| refund(paid)).await?;

    set_details("packing, and telling the customer");
    let (parcel, told) = join!(
        step!("pack", work(2 * time, format!("parcel of {}", order.id)).await),
        step!("mail", work(time, "a mail".to_owned()).await),
    )
    .await;
    told?;

    set_details("the varnish dries");
    sleep("dry", 3 * time).await?;

    set_details("waiting for the courier");
    let parcel = parcel?;
    let shipped = step!("ship", backoff = time, courier(time, &parcel).await?).await?;
    Ok(format!("{receipt} paid, {shipped}"))
}

/// Something that takes its time.
async fn work(time: Duration, result: String) -> String {
    tokio::time::sleep(time).await;
    result
}

/// Does not come the first time that a process calls.
async fn courier(time: Duration, parcel: &str) -> Result<String, std::io::Error> {
    static HAS_BEEN_CALLED: AtomicBool = AtomicBool::new(false);
    tokio::time::sleep(time).await;
    match HAS_BEEN_CALLED.swap(true, Ordering::Relaxed) {
        false => Err(std::io::Error::other("the courier is stuck in traffic")),
        true => Ok(format!("{parcel} shipped")),
    }
}

/// Runs only if the order fails, or is cancelled.
fn refund(paid: String) {
    println!("  {paid} paid back");
}
