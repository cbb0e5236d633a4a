//! Files and hosts that are asked through a value.
use std::net::ToSocketAddrs;
use std::path::{Path, PathBuf};

use owf_runtime::prelude::*;

struct Order {
    file: PathBuf,
}

#[durable]
async fn ask(order: &Order, host: &str) -> WorkflowResult<usize> {
    if Path::new("flag").exists() {
        return Ok(0);
    }
    let files = [order.file.clone()].iter().filter(|file| file.is_file()).count();
    let size = order.file.metadata()?.len() as usize;
    let parent = order.file.parent().is_some_and(Path::is_dir) || order.file.join("x").is_dir();
    let addresses = (host, 80).to_socket_addrs()?.count();
    Ok(files + size + addresses + usize::from(parent))
}

fn main() {}
