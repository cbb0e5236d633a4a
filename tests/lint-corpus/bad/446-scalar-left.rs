// hazard: clock - f64 * Money
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::ops::Mul;
struct Money(u64);
impl Mul<Money> for f64 { type Output = f64; fn mul(self, m: Money) -> f64 { self * m.0 as f64 + std::time::UNIX_EPOCH.elapsed().map_or(0.0, |d| d.as_secs_f64()) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m = 1.5 * Money(3); //~ clock
    Ok(input + m as u32)
}

fn main() {}
