//! `owf::addresses`: what is allowed with a reason, or anyway.

use owf_runtime::prelude::*;

enum State {
    Open = 1,
}

#[workflow]
async fn tag(order: String) -> WorkflowResult<String> {
    #[owf::allow(addresses, reason = "only printed")]
    println!("{:p}", &order);
    let state = State::Open as usize;
    Ok(format!("{state} http://host:port/{order}:p"))
}

fn main() {}
