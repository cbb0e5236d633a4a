use owf_runtime::prelude::*;

#[durable]
async fn helper(n: u32) -> u32 {
    n
}

async fn plain(n: u32) -> u32 {
    helper(n).await
}

fn main() {
    let _ = plain(1);
}
