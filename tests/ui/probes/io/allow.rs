//! Paths that are only names, and types of one's own with methods of those names.
#![deny(warnings)]
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};

use owf_runtime::prelude::*;

#[derive(Clone)]
struct Token {
    n: u32,
}

impl Token {
    fn exists(self) -> bool {
        self.n > 0
    }

    fn metadata(&self) -> &u32 {
        &self.n
    }
}

#[workflow]
async fn names(n: u32) -> WorkflowResult<u32> {
    let path = PathBuf::from("/data").join(n.to_string());
    let name = path.file_name().map_or(0, |name| name.len()) + Path::new("a/b").components().count();
    let found = step!("found", path.exists() && path.is_file()).await?;
    let token = Token { n };
    let meta = *token.metadata();
    let address = SocketAddr::from(([127, 0, 0, 1], 80)).to_socket_addrs()?.count();
    let exists = token.clone().exists() || token.exists();
    Ok(meta + name as u32 + address as u32 + u32::from(found) + u32::from(exists))
}

fn main() {}
