//! Workflows behind an Inngest server, which the tests play: what it calls, and what it is called for.

#[path = "../capture/mod.rs"]
#[expect(dead_code, reason = "each test target uses a part of it")]
mod capture;
mod cloud;
mod transcripts;
