//! `owf::hidden_step`: it can't be allowed.

use owf_runtime::prelude::*;

macro_rules! twice {
    ($value:expr) => {
        $value + $value
    };
}

#[workflow]
async fn hidden(value: u32) -> WorkflowResult<u32> {
    Ok(twice!(step!("once", value).await?))
}

macro_rules! get {
    ($future:expr) => {
        $future.await
    };
}

async fn fetch(value: u32) -> u32 {
    value
}

#[workflow]
async fn awaits(value: u32) -> WorkflowResult<u32> {
    Ok(get!(fetch(value)))
}

#[deterministic]
fn plain(value: u32) -> u32 {
    step!("plain", value);
    value
}

#[workflow(allow(hidden_step, reason = "no"))]
async fn allowed(value: u32) -> WorkflowResult<u32> {
    Ok(value)
}

fn main() {}
