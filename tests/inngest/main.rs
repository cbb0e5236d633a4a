//! Workflows behind an Inngest server, which the tests play: what it calls, and what it is called for.
//!
//! Where a test says what an answer is to be, it names the section of the server's `docs/SDK_SPEC.md`.

mod calls;
#[path = "../capture/mod.rs"]
#[expect(dead_code, reason = "each test target uses a part of it")]
mod capture;
mod checkpointing;
mod client;
mod cloud;
#[path = "../conformance/compensation.rs"]
#[expect(dead_code, reason = "the driver declares some of its behaviours")]
mod compensation;
#[path = "../conformance/concurrency.rs"]
#[expect(dead_code, reason = "the driver declares some of its behaviours")]
mod concurrency;
mod conformance;
mod edits;
mod errors;
#[path = "../conformance/failures.rs"]
#[expect(dead_code, reason = "the driver declares some of its behaviours")]
mod failures;
mod fuzz;
mod operations;
#[path = "../conformance/parallel.rs"]
#[expect(dead_code, reason = "the driver declares some of its behaviours")]
mod parallel;
#[path = "../conformance/probe.rs"]
#[expect(dead_code, reason = "the driver declares some of its behaviours")]
mod probe;
mod requests;
mod security;
mod server;
mod side_by_side;
#[path = "../conformance/steps.rs"]
#[expect(dead_code, reason = "the driver declares some of its behaviours")]
mod steps;
mod subjects;
mod sync;
#[path = "../conformance/timers.rs"]
#[expect(dead_code, reason = "the driver declares some of its behaviours")]
mod timers;
mod transcripts;
#[path = "../conformance/values.rs"]
#[expect(dead_code, reason = "the driver declares some of its behaviours")]
mod values;

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
