//! `owf::shared_state`: what it finds.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use owf_runtime::prelude::*;

static RUNS: AtomicU32 = AtomicU32::new(0);

mod cache {
    pub static NAMES: super::Mutex<Vec<String>> = super::Mutex::new(Vec::new());
}

fn next() -> u32 {
    RUNS.fetch_add(1, Ordering::Relaxed)
}

#[workflow]
async fn run(name: String) -> WorkflowResult<u32> {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    cache::NAMES.lock().map_err(|error| WorkflowError::msg(error))?.push(name);
    Ok(RUNS.load(Ordering::Relaxed) + next())
}

fn main() {}
