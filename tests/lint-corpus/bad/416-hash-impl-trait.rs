// hazard: clock - Hash impl of own type reads the clock when inserted
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::BTreeSet;
#[derive(PartialEq, Eq)]
struct Key(u32);
impl PartialOrd for Key { fn partial_cmp(&self, o: &Self) -> Option<std::cmp::Ordering> { Some(self.cmp(o)) } }
impl Ord for Key { fn cmp(&self, o: &Self) -> std::cmp::Ordering { if std::time::UNIX_EPOCH.elapsed().is_ok() { self.0.cmp(&o.0) } else { o.0.cmp(&self.0) } } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut keys = vec![Key(1), Key(2)];
    keys.sort(); //~ clock
    Ok(input + keys[0].0)
}

fn main() {}
