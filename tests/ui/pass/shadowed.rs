//! Names that the user gives another meaning.
#![deny(warnings)]
#![allow(dead_code, unused_macros)]

extern crate std as real;

use owf_runtime::{StepError, durable, race, sleep, step, workflow};

mod std {}
mod core {}
mod alloc {}
mod serde {}
mod owf_runtime_private {}

struct Result;
struct Option;
struct Some;
struct String;
struct Vec;
struct Box;
struct Send;
struct Clone;
struct Default;
struct Future;
struct Workflow;
struct Durable;
struct WorkflowError;
struct Failure;

#[derive(serde_json_free::Nothing)]
enum Answer {
    Yes,
}

mod serde_json_free {
    pub use real::fmt::Debug as Nothing;
}

#[allow(non_snake_case)]
fn Ok(n: u32) -> u32 {
    n
}

#[allow(non_snake_case)]
fn Err(n: u32) -> u32 {
    n
}

macro_rules! vec {
    () => {};
}

macro_rules! panic {
    () => {};
}

macro_rules! unreachable {
    () => {};
}

#[durable]
async fn helper(n: u32) -> real::result::Result<u32, StepError> {
    step!("helper", { n + 1 }).await
}

#[workflow]
async fn shadows(n: u32) -> real::result::Result<u32, StepError> {
    let __input = n;
    let __result = step!("plain", Ok(__input)).await?;
    let __value = step!("block", { let __error = n.to_string().parse::<u32>()?; __error + 1 }).await?;
    let step = helper(n).await?;
    let durable = race! {
        a = step!("a", n) => a?,
        _ = sleep("nap", real::time::Duration::from_secs(1)) => 0,
    };
    let owned = step!("owned", async move { Ok(step) }).await?;
    real::result::Result::Ok(__result + __value + durable + owned)
}

fn main() {
    let _ = shadows;
}
