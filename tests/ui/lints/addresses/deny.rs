//! `owf::addresses`: what it finds.

use owf_runtime::prelude::*;

#[workflow]
async fn tag(order: String) -> WorkflowResult<String> {
    let number = &order as *const String as usize;
    let text = format!("{:p} {number}", &order);
    Ok(text)
}

fn main() {}
