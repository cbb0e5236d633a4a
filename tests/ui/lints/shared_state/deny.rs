//! `owf::shared_state`: what it finds.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use owf_runtime::prelude::*;

static RUNS: AtomicU32 = AtomicU32::new(0);

mod cache {
    pub static NAMES: super::Mutex<Vec<String>> = super::Mutex::new(Vec::new());
}

struct Stats {
    runs: AtomicU32,
}

static STATS: Stats = Stats { runs: AtomicU32::new(0) };

macro_rules! count {
    () => {
        RUNS.fetch_add(1, Ordering::Relaxed)
    };
}

fn next() -> u32 {
    RUNS.fetch_add(1, Ordering::Relaxed)
}

#[workflow]
async fn run(name: String) -> WorkflowResult<u32> {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    cache::NAMES.lock().map_err(|error| WorkflowError::msg(error))?.push(name);
    let text = format!("{RUNS:?}");
    STATS.runs.store(text.len() as u32, Ordering::Relaxed);
    count!();
    Ok(RUNS.load(Ordering::Relaxed) + next())
}

fn main() {}
