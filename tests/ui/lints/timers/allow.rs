//! `owf::timers`: what is allowed with a reason, or anyway.

use std::thread::sleep as nap;
use std::time::Duration;

use owf_runtime::prelude::*;

fn timeout(seconds: u64) -> u64 {
    seconds
}

#[workflow]
async fn wait(seconds: u64) -> WorkflowResult<u64> {
    #[owf::allow(timers, reason = "a millisecond, to see the log in order")]
    nap(Duration::from_millis(1));
    sleep("pause", Duration::from_secs(seconds)).await?;
    step!("busy", nap(Duration::from_millis(1))).await?;
    Ok(timeout(3))
}

fn main() {}
