//! `owf::unsafe_code`: what is allowed with a reason, or anyway.

use owf_runtime::prelude::*;

unsafe extern "C" {
    safe fn getpid() -> i32;
}

#[workflow]
async fn read(value: u32) -> WorkflowResult<u32> {
    #[owf::allow(unsafe_code, reason = "reads what the line above wrote")]
    let value = unsafe { std::mem::transmute::<u32, u32>(value) };
    let pid = step!("pid", getpid()).await?;
    Ok(value + pid as u32)
}

fn main() {}
