use owf_runtime::prelude::*;

struct Order {
    id: u32,
}

#[workflow]
async fn input(order: Order) -> u32 {
    order.id
}

#[workflow]
async fn output(id: u32) -> WorkflowResult<Order> {
    Ok(Order { id })
}

fn main() {}
