//! `owf::addresses`: what it finds.

use owf_runtime::prelude::*;

fn tag_of(order: &str) -> usize {
    order.len()
}

#[workflow]
async fn tag(order: String) -> WorkflowResult<String> {
    let number = &order as *const String as usize;
    let text = format!("{:p} {number}", &order);
    let place = std::ptr::from_ref(&order);
    let list = vec![1, 2];
    let is_first = list.as_ptr() < [3].as_ptr();
    Ok(format!("{text} {:?} {} {is_first}", place, tag_of as usize))
}

fn main() {}
