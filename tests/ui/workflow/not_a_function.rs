use owf_runtime::prelude::*;

#[workflow]
struct Order {
    id: u32,
}

fn main() {
    let _ = Order { id: 1 };
}
