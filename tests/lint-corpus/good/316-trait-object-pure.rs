// trap: trait object pure
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
trait Rule {
    fn apply(&self, n: u32) -> u32;
}
struct Double;
impl Rule for Double {
    fn apply(&self, n: u32) -> u32 {
        n * 2
    }
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let rule: Box<dyn Rule + Send> = Box::new(Double);
    Ok(rule.apply(input))
}

fn main() {}
