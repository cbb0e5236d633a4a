use owf_runtime::prelude::*;

type Answer = Result<u32, String>;

#[workflow]
async fn aliased(n: u32) -> Answer {
    Ok(n)
}

fn main() {}
