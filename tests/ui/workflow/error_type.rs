use owf_runtime::prelude::*;

#[derive(Debug)]
struct NoError;

#[workflow]
async fn fails(n: u32) -> Result<u32, NoError> {
    if n > 1 { Err(NoError) } else { Ok(n) }
}

fn main() {}
