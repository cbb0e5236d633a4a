//! `owf::environment`: what is allowed with a reason, or anyway.

use std::env;

use owf_runtime::prelude::*;

#[workflow]
async fn deploy(name: String) -> WorkflowResult<String> {
    #[owf::allow(environment, reason = "the same on all of our machines")]
    let region = env::var("REGION").unwrap_or_default();
    let user = step!("user", env::var("USER").unwrap_or_default()).await?;
    Ok(format!("{region} {user} {name} {} {:?}", env::consts::OS, option_env!("CI")))
}

fn main() {}
