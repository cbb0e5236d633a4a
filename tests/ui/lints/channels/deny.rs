//! `owf::channels`: what it finds.

use std::sync::{Mutex, mpsc};

use owf_runtime::prelude::*;

#[workflow]
async fn collect(count: u32) -> WorkflowResult<u32> {
    let (sender, receiver) = mpsc::channel();
    sender.send(count).ok();
    let total = Mutex::new(receiver.recv().unwrap_or(0));
    let shared = tokio::sync::Notify::new();
    shared.notify_one();
    Ok(total.into_inner().unwrap_or(0))
}

fn main() {}
