//! Workflows behind an Inngest server, which the tests play: what it calls, and what it is called for.
//!
//! Where a test says what an answer is to be, it names the section of the server's `docs/SDK_SPEC.md`.

mod calls;
mod checkpointing;
mod client;
mod cloud;
mod edits;
mod failures;
mod fuzz;
mod operations;
mod requests;
mod security;
mod server;
mod side_by_side;
mod sync;
mod transcripts;

use std::sync::Arc;

use owf_runtime::VirtualHost;
use owf_runtime::inngest::InngestDriver;

/// A driver of a dev server, on a clock that jumps.
fn driver() -> InngestDriver {
    InngestDriver::new("app").dev(true).host(Arc::new(VirtualHost::new(42)))
}

/// What the server calls a step (5.1.2).
fn hash(id: &str) -> String {
    use sha1::Digest as _;
    sha1::Sha1::digest(id.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
