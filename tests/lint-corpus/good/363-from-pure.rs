// trap: From, TryFrom, FromStr and ? of own types
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
struct Cents(u32);
impl From<u32> for Cents { fn from(n: u32) -> Self { Cents(n * 100) } }
impl TryFrom<i64> for Cents { type Error = std::num::TryFromIntError; fn try_from(n: i64) -> Result<Self, Self::Error> { Ok(Cents(u32::try_from(n)?)) } }
impl std::str::FromStr for Cents { type Err = std::num::ParseIntError; fn from_str(s: &str) -> Result<Self, Self::Err> { Ok(Cents(s.parse()?)) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let a: Cents = input.into();
    let b = Cents::try_from(5i64)?;
    let c: Cents = "7".parse()?;
    let d = "8".parse::<Cents>()?;
    Ok(a.0 + b.0 + c.0 + d.0)
}

fn main() {}
