// trap: Box<dyn> chosen by match, all pure, an impure impl unused
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
trait Fee { fn on(&self, n: u32) -> u32; }
struct Flat(u32); struct Percent(u32); struct Remote;
impl Fee for Flat { fn on(&self, _: u32) -> u32 { self.0 } }
impl Fee for Percent { fn on(&self, n: u32) -> u32 { n * self.0 / 100 } }
impl Fee for Remote { fn on(&self, _: u32) -> u32 { std::fs::read("fee").map_or(0, |b| b.len() as u32) } }
fn fee(kind: &str) -> Box<dyn Fee> { match kind { "flat" => Box::new(Flat(3)), _ => Box::new(Percent(2)) } }
struct Plan { fee: Box<dyn Fee> }
impl Plan { fn new(kind: &str) -> Plan { Plan { fee: fee(kind) } } fn total(&self, n: u32) -> u32 { n + self.fee.on(n) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    Ok(Plan::new("flat").total(input) + fee("x").on(2))
}

fn main() {}
