//! `owf::wall_clock`: what is allowed with a reason, or anyway.

use std::time::{Instant as Tick, SystemTime, UNIX_EPOCH};

use owf_runtime::prelude::*;

mod game {
    pub struct Instant(pub u64);
    impl Instant {
        pub fn now() -> Self {
            Instant(7)
        }
    }
}

#[workflow]
async fn remind(user: String) -> WorkflowResult<u64> {
    #[owf::allow(wall_clock, reason = "only printed")]
    let started = Tick::now();
    #[owf::allow(wall_clock, reason = "only printed")]
    if user.is_empty() {
        println!("{:?}", SystemTime::now());
    }
    let step = step!("started", SystemTime::now()).await?;
    println!("{started:?} {step:?} {:?}", UNIX_EPOCH);
    tracing::info!("it is {:?}", SystemTime::now());
    Ok(game::Instant::now().0)
}

#[durable(allow(wall_clock, reason = "only printed"))]
async fn helper() {
    println!("{:?}", SystemTime::now());
}

fn main() {}
