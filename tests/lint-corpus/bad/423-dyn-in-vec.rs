// hazard: clock - a Vec<Box<dyn Rule>> with a rule that reads the clock
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
trait Rule { fn ok(&self, n: u32) -> bool; }
struct Max(u32);
struct OfficeHours;
impl Rule for Max { fn ok(&self, n: u32) -> bool { n < self.0 } }
impl Rule for OfficeHours { fn ok(&self, _: u32) -> bool { std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) % 86400 > 32400 } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let rules: Vec<Box<dyn Rule>> = vec![Box::new(Max(5)), Box::new(OfficeHours)];
    let ok = rules.iter().all(|r| r.ok(input)); //~ clock
    Ok(u32::from(ok))
}

fn main() {}
