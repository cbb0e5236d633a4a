// hazard: env - a Vec<Box<dyn Check>> filled with push
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
trait Check { fn ok(&self, n: u32) -> bool; }
struct Max(u32); struct Region;
impl Check for Max { fn ok(&self, n: u32) -> bool { n < self.0 } }
impl Check for Region { fn ok(&self, n: u32) -> bool { std::env::var("REGION").is_ok() && n > 0 } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut checks: Vec<Box<dyn Check>> = Vec::new();
    checks.push(Box::new(Max(4)));
    checks.push(Box::new(Region));
    let ok = checks.iter().all(|c| c.ok(input)); //~ env
    Ok(u32::from(ok))
}

fn main() {}
