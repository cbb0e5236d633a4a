use owf_runtime::prelude::*;

#[workflow]
async fn over_types<T: Send, const N: usize>(value: T) -> u32 {
    let _ = value;
    0
}

#[workflow]
async fn over_lifetimes<'a>(value: &'a str) -> &'a str {
    value
}

#[workflow]
async fn with_clause(value: u32) -> u32
where
    u32: Copy,
{
    value
}

fn main() {
    let _ = (over_types, over_lifetimes, with_clause);
}
