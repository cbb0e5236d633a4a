//! What a step changes through a shared reference, and is looked at afterwards.
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use owf_runtime::prelude::*;

struct State {
    count: AtomicU32,
}

#[workflow]
async fn orders(n: u32) -> WorkflowResult<u32> {
    let log = Arc::new(Mutex::new(Vec::new()));
    let for_step = Arc::clone(&log);
    step!("first", log.lock().unwrap().push(n)).await?;
    step!("second", async move {
        for_step.lock().unwrap().push(n);
    })
    .await?;
    let state = State { count: AtomicU32::new(0) };
    step!("count", {
        state.count.fetch_add(n, Ordering::SeqCst);
    })
    .await?;
    let seen = step!("seen", state.count.load(Ordering::SeqCst)).await?;
    let length = log.lock().unwrap().len() as u32;
    Ok(length + seen)
}

fn main() {}
