//! Methods that code calls without their names: what is allowed with a reason, or anyway.

use std::time::SystemTime;
use std::{fmt, ops};

use owf_runtime::prelude::*;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Cents(u64);

impl ops::Mul<u64> for Cents {
    type Output = Cents;

    fn mul(self, count: u64) -> Cents {
        Cents(self.0 * count)
    }
}

impl ops::Mul<SystemTime> for Cents {
    type Output = Cents;

    fn mul(self, since: SystemTime) -> Cents {
        Cents(self.0 * since.elapsed().map_or(0, |age| age.as_secs()))
    }
}

impl ops::Add for Cents {
    type Output = Cents;

    fn add(self, more: Cents) -> Cents {
        Cents(self.0 + more.0)
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

struct Stamp;

impl fmt::Display for Stamp {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{:?}", SystemTime::now())
    }
}

#[workflow]
async fn bill(cents: u64) -> WorkflowResult<String> {
    let total = (Cents(cents) + Cents::default()).max(Cents(3)) * cents;
    #[owf::allow(wall_clock, reason = "only printed")]
    let stamp = Stamp.to_string();
    println!("{stamp}");
    let stamp = step!("stamp", Stamp.to_string()).await?;
    Ok(format!("{total} at {stamp}"))
}

fn main() {}
