use owf_runtime::prelude::*;

#[workflow(cron = "0 2 * * *", timezone = "Europe/Amsterdam")]
async fn nightly() {}

fn main() {}
