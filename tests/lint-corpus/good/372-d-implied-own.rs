// trap: own Add, Index, Iterator, Display, Default, Drop, Deref, FromStr, all pure
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::{fmt, ops, str::FromStr};
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)] struct Cents(u32);
impl ops::Add for Cents { type Output = Cents; fn add(self, o: Cents) -> Cents { Cents(self.0 + o.0) } }
impl ops::AddAssign for Cents { fn add_assign(&mut self, o: Cents) { self.0 += o.0 } }
impl ops::Deref for Cents { type Target = u32; fn deref(&self) -> &u32 { &self.0 } }
impl fmt::Display for Cents { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{}", self.0) } }
impl FromStr for Cents { type Err = std::num::ParseIntError; fn from_str(s: &str) -> Result<Self, Self::Err> { s.parse().map(Cents) } }
impl std::iter::Sum for Cents { fn sum<I: Iterator<Item = Cents>>(iter: I) -> Cents { iter.fold(Cents(0), |a, b| a + b) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut c = Cents(input) + Cents(1);
    c += "5".parse::<Cents>()?;
    let t: Cents = [c, Cents::default()].into_iter().sum();
    let s = format!("{t} {c:?}");
    Ok(*t + s.len() as u32 + (c > Cents(3)) as u32 + c.count_ones())
}

fn main() {}
