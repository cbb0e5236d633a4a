//! `owf::channels`: what is allowed with a reason, or anyway.

use std::sync::{Mutex, mpsc};

use owf_runtime::prelude::*;

#[workflow]
async fn collect(count: u32) -> WorkflowResult<u32> {
    #[owf::allow(channels, reason = "a queue that nobody else has")]
    let (sender, receiver) = mpsc::channel();
    sender.send(count).ok();
    let total = Mutex::new(receiver.recv().unwrap_or(0));
    Ok(total.into_inner().unwrap_or(0))
}

fn main() {}
