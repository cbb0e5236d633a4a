use owf_runtime::prelude::*;

use self::clock::seconds as age;

mod clock;

#[workflow]
async fn calls(n: u64) -> WorkflowResult<u64> {
    let wall = clock::Wall { zone: n };
    Ok(age() + wall.read())
}

#[workflow(strict)]
async fn unmarked(n: u64) -> WorkflowResult<u64> {
    clock::nap();
    Ok(clock::half(n))
}

fn main() {}
