// trap: variants with times, matched, not read
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::time::{Duration, SystemTime};
enum Window { Open, Until(SystemTime), For { from: SystemTime, len: Duration } }
impl Window { fn end(&self) -> Option<SystemTime> { match self { Window::Open => None, Window::Until(t) => Some(*t), Window::For { from, len } => Some(*from + *len) } } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let w = Window::For { from: SystemTime::UNIX_EPOCH, len: Duration::from_secs(input as u64) };
    let end = w.end().and_then(|t| t.duration_since(SystemTime::UNIX_EPOCH).ok()).map_or(0, |d| d.as_secs());
    Ok(end as u32)
}

fn main() {}
