//! `owf::addresses`: what is allowed with a reason, or anyway.

use owf_runtime::prelude::*;

#[workflow]
async fn tag(order: String) -> WorkflowResult<String> {
    #[owf::allow(addresses, reason = "only printed")]
    println!("{:p}", &order);
    Ok(format!("http://host:port/{order}:p"))
}

fn main() {}
