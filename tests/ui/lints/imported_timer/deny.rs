//! `owf::timers`: a timer that is imported under the name of the durable one.

use std::time::Duration;

use owf_runtime::prelude::*;
use tokio::time::sleep;

#[workflow]
async fn waits() -> WorkflowResult<()> {
    sleep(Duration::from_secs(1)).await;
    Ok(())
}

fn main() {}
