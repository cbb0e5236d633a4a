//! Workflows behind an Inngest server, which the tests play: what it calls, and what it is called for.
//!
//! Where a test says what an answer is to be, it names the section of the server's `docs/SDK_SPEC.md`.

#[path = "../conformance/behaviours.rs"]
#[macro_use]
mod behaviours;
mod calls;
#[path = "../conformance/cancellation.rs"]
mod cancellation;
#[path = "../capture/mod.rs"]
#[expect(dead_code, reason = "each test target uses a part of it")]
mod capture;
mod checkpointing;
#[path = "../conformance/children.rs"]
mod children;
#[path = "../conformance/cleanups.rs"]
mod cleanups;
#[path = "../conformance/client.rs"]
mod client;
mod clients;
#[path = "../conformance/clock.rs"]
mod clock;
mod cloud;
#[path = "../conformance/compensation.rs"]
mod compensation;
#[path = "../conformance/concurrency.rs"]
mod concurrency;
mod conformance;
#[path = "../conformance/cron.rs"]
mod cron;
mod declared;
#[path = "../conformance/details.rs"]
mod details;
mod edits;
#[path = "../conformance/endings.rs"]
mod endings;
mod endings_at_the_server;
mod ends;
mod engine;
mod errors;
#[path = "../conformance/events.rs"]
mod events;
#[path = "../conformance/failures.rs"]
mod failures;
mod fuzz;
mod kept_errors;
mod operations;
#[path = "../conformance/parallel.rs"]
mod parallel;
#[path = "../conformance/probe.rs"]
mod probe;
mod requests;
mod security;
mod sending;
mod server;
mod side_by_side;
#[path = "../conformance/signals.rs"]
mod signals;
#[path = "../conformance/steps.rs"]
mod steps;
mod subjects;
mod sync;
#[path = "../conformance/timers.rs"]
mod timers;
mod transcripts;
#[path = "../conformance/values.rs"]
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
