use owf_runtime::prelude::*;

const BEFORE_ALL: u32 = 0;

#[workflow(version = BEFORE_ALL)]
async fn calculated() {}

fn main() {}
