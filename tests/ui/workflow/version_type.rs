use owf_runtime::prelude::*;

const TODAY: &str = "2026-08-01";

#[workflow(version = TODAY)]
async fn of_another_type() {}

fn main() {}
