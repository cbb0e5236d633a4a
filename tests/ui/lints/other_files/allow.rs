use std::time::Duration;

use owf_runtime::prelude::*;

// It imports a `sleep` of its own, which does not come with this.
use self::clock::*;

mod clock;

#[workflow]
async fn waits(n: u64) -> WorkflowResult<u64> {
    sleep("cool off", Duration::from_secs(n)).await?;
    let now = step!("now", seconds()).await?;
    Ok(half(now))
}

fn main() {
    let _ = (waits, nap as fn(), Wall { zone: 1 }.read());
}
