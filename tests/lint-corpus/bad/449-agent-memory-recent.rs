// hazard: clock - memories are ranked by their age
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::time::{Duration, SystemTime};
#[derive(Clone)]
struct Memory { at: SystemTime, text: String }
fn rank(all: &mut Vec<Memory>) { all.sort_by_key(|m| m.at.elapsed().unwrap_or_default()); }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut all = vec![Memory { at: SystemTime::UNIX_EPOCH, text: "a".into() }];
    rank(&mut all); //~ clock
    Ok(input + all[0].text.len() as u32)
}

fn main() {}
