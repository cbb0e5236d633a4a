use owf_runtime::prelude::*;

#[workflow(event = "")]
async fn no_event() {}

#[workflow(event = 5)]
async fn number() {}

#[workflow(timezone = "Europe/Amsterdam")]
async fn zone_alone() {}

#[workflow(cron = "0 2 * *")]
async fn four_fields() {}

#[workflow(cron = "0 25 * * *")]
async fn no_such_hour() {}

#[workflow(cron = "0 2 * * *", timezone = "2 hours east")]
async fn no_such_zone() {}

#[workflow(timeout = 60)]
async fn no_unit() {}

fn main() {}
