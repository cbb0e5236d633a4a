use std::borrow::Cow;

use owf_runtime::prelude::*;

#[workflow]
async fn borrows(text: &str) -> usize {
    text.len()
}

#[workflow]
async fn borrows_within(texts: Option<&[u8]>) -> usize {
    texts.map_or(0, <[u8]>::len)
}

#[workflow]
async fn hidden_lifetime(text: Cow<'_, str>) -> usize {
    text.len()
}

#[workflow]
async fn opaque(numbers: impl Iterator<Item = u32>) -> u32 {
    numbers.sum()
}

#[workflow]
async fn returns_borrow(n: u32) -> &str {
    let _ = n;
    "text"
}

#[workflow]
async fn returns_opaque(n: u32) -> impl Iterator<Item = u32> {
    0..n
}

fn main() {
    let _ = (borrows, borrows_within, hidden_lifetime, opaque, returns_borrow, returns_opaque);
}
