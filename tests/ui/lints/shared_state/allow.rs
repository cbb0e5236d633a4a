//! `owf::shared_state`: what is allowed with a reason, or anyway.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use owf_runtime::prelude::*;

static RUNS: AtomicU32 = AtomicU32::new(0);
static LIMIT: u32 = 3;
static ORIGIN: Cell = Cell(7);

/// A type of one's own, whatever it is called.
struct Cell(u32);

#[workflow]
async fn run(name: String) -> WorkflowResult<u32> {
    #[owf::allow(shared_state, reason = "a metric, which may count a run twice")]
    RUNS.fetch_add(1, Ordering::Relaxed);
    let names = Mutex::new(vec![name]);
    Ok(LIMIT + ORIGIN.0 + names.into_inner().map_or(0, |names| names.len() as u32))
}

fn main() {}
