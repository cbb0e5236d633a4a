//! `owf::timers`: what it finds.

use std::thread::sleep as nap;
use std::time::Duration;

use owf_runtime::prelude::*;

#[workflow]
async fn wait(seconds: u64) -> WorkflowResult<()> {
    nap(Duration::from_secs(seconds));
    let _ = tokio::time::sleep(Duration::from_secs(60));
    tokio::time::sleep(Duration::from_secs(60)).await;
    Ok(())
}

fn main() {}
