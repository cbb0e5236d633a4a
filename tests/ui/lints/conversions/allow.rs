//! Conversions that code calls where only their result is written: what is allowed with a reason, or anyway.

use std::num::ParseIntError;
use std::time::SystemTime;

use owf_runtime::prelude::*;

struct Fault {
    at: SystemTime,
    text: String,
}

impl From<ParseIntError> for Fault {
    fn from(error: ParseIntError) -> Self {
        Fault { at: SystemTime::now(), text: error.to_string() }
    }
}

impl From<u32> for Fault {
    fn from(code: u32) -> Self {
        Fault { at: SystemTime::UNIX_EPOCH, text: code.to_string() }
    }
}

fn limited(cents: u32) -> Result<u32, Fault> {
    if cents > 1000 { Err(cents.into()) } else { Ok(cents) }
}

fn doubled(cents: u32) -> Result<u32, Fault> {
    let cents = limited(cents)?;
    Err(cents)?
}

struct Sorted(Vec<u32>);

impl FromIterator<u32> for Sorted {
    fn from_iter<I: IntoIterator<Item = u32>>(list: I) -> Self {
        Sorted(list.into_iter().collect())
    }
}

#[workflow]
async fn pay(cents: u32) -> WorkflowResult<usize> {
    let doubled = doubled(cents).unwrap_or(0);
    let fault: Fault = cents.into();
    #[owf::allow(wall_clock, reason = "the time of a fault is only logged")]
    let read = |text: &str| -> Result<u32, Fault> { Ok(text.parse::<u32>()?) };
    let list: Sorted = (0..doubled).collect();
    println!("{:?} {} {}", fault.at, fault.text, read("1").is_ok());
    Ok(list.0.len())
}

fn main() {}
