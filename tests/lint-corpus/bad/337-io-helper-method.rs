// hazard: io - io helper method
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
struct Store {
    dir: std::path::PathBuf,
}
impl Store {
    fn count(&self) -> u32 {
        std::fs::read_dir(&self.dir).map_or(0, |d| d.count() as u32)
    }
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let s = Store { dir: "a".into() };
    Ok(s.count() + input) //~ io
}

fn main() {}
