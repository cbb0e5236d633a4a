use owf_runtime::prelude::*;

#[durable]
async fn even(n: u32) -> bool {
    if n == 0 { true } else { odd(n - 1).await }
}

#[durable]
async fn odd(n: u32) -> bool {
    if n == 0 { false } else { even(n - 1).await }
}

fn main() {
    let _ = even(1);
}
