// hazard: await - await method
#![allow(dead_code, unused_variables, unused_imports, unused_mut, clippy::all)]
use owf_runtime::prelude::*;
struct Client;
impl Client {
    async fn get(&self, n: u32) -> u32 {
        n
    }
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let c = Client;
    Ok(c.get(input).await) //~ await
}

fn main() {}
