use owf_runtime::prelude::*;

#[durable]
fn not_async(n: u32) -> u32 {
    n
}

#[durable]
async unsafe fn is_unsafe(n: u32) -> u32 {
    n
}

#[durable]
async extern "C" fn is_extern(n: u32) -> u32 {
    n
}

#[durable]
async fn opaque(n: u32) -> impl Iterator<Item = u32> {
    0..n
}

#[durable(box)]
async fn unknown(n: u32) -> u32 {
    n
}

#[durable(boxed = true)]
async fn no_value(n: u32) -> u32 {
    n
}

#[durable]
struct Order;

fn main() {
    let _ = (not_async(1), is_unsafe(1), is_extern(1), unknown(1), no_value(1), Order);
}
