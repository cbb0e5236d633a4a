//! `owf::io`: what it finds.

use std::fs;
use std::process::Command;

use owf_runtime::prelude::*;

#[workflow]
async fn publish(page: String) -> WorkflowResult<String> {
    fs::write("page.html", &page)?;
    let rates = fs::read_to_string("rates.json")?;
    let date = Command::new("date").output()?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(rates + &String::from_utf8_lossy(&date.stdout) + &line)
}

fn main() {}
