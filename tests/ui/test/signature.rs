//! What a test can't be.

use owf_runtime::prelude::*;
use owf_runtime::testing::TestKit;

#[owf_runtime::test]
fn not_async(kit: TestKit) {}

#[owf_runtime::test]
async fn two_arguments(kit: TestKit, more: u32) -> WorkflowResult<()> {
    Ok(())
}

#[owf_runtime::test]
async fn generic<T>() {}

#[owf_runtime::test]
#[tokio::test]
async fn twice() {}

#[owf_runtime::test]
struct NotAFunction;

#[owf_runtime::test(start_paused = true)]
async fn unknown_argument() {}

struct Tests;

impl Tests {
    #[owf_runtime::test]
    async fn method(&self) {}
}

fn main() {}
