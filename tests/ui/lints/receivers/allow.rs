//! A method of one type is not taken for that of another.

use owf_runtime::prelude::*;

trait Clock {
    fn unix(&self) -> u64;
}

struct Real;

struct Fixed(u64);

impl Clock for Real {
    fn unix(&self) -> u64 {
        std::time::UNIX_EPOCH.elapsed().map_or(0, |age| age.as_secs())
    }
}

impl Clock for Fixed {
    fn unix(&self) -> u64 {
        self.0
    }
}

fn is_over(clock: &dyn Clock) -> bool {
    clock.unix() > 5
}

#[workflow]
async fn run(name: String) -> WorkflowResult<bool> {
    let now = step!("now", Real.unix()).await?;
    let clock: Box<dyn Clock + Send> = Box::new(Fixed(now));
    Ok(clock.unix() > name.len() as u64 && is_over(&Fixed(3)))
}

fn main() {}
