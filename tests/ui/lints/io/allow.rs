//! `owf::io`: what is allowed with a reason, or anyway.

use std::fs;
use std::process::Command;

use owf_runtime::prelude::*;

#[workflow]
async fn publish(page: String) -> WorkflowResult<String> {
    #[owf::allow(io, reason = "the file is part of the image, and never changes")]
    let rates = fs::read_to_string("rates.json")?;
    let date = step!("date", Command::new("date").output()?.stdout).await?;
    println!("{date:?}");
    Ok(rates + &page + &std::net::Ipv4Addr::LOCALHOST.to_string())
}

fn main() {}
