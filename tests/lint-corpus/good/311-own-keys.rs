// trap: own keys
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
struct Table {
    rows: Vec<(u32, u32)>,
}
impl Table {
    fn keys(&self) -> impl Iterator<Item = u32> + '_ {
        self.rows.iter().map(|row| row.0)
    }
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let t = Table { rows: vec![(1, input)] };
    let first = t.keys().next();
    Ok(first.unwrap_or(0))
}

fn main() {}
