//! `owf::unsafe_code`: what it finds.

use owf_runtime::prelude::*;

unsafe extern "C" {
    safe fn getpid() -> i32;
    fn getppid() -> i32;
}

#[workflow]
async fn read(value: u32) -> WorkflowResult<u32> {
    let pointer = &value as *const u32;
    let value = unsafe { *pointer };
    let other = unsafe { getppid() };
    Ok(value + getpid() as u32 + other as u32)
}

fn main() {}
