//! Deterministic functions and methods.

use owf_runtime::prelude::*;

use std::fmt::Display;

struct Order {
    cents: u32,
}

impl Order {
    #[deterministic]
    fn fee(&self) -> u32 {
        self.cents / 10
    }
}

/// Documented.
#[deterministic]
pub fn join<T: Display>(parts: &[T]) -> String {
    parts.iter().map(|part| part.to_string()).collect::<Vec<_>>().join(", ")
}

#[deterministic(allow(environment, reason = "only printed"))]
fn log(order: &Order) {
    println!("{} {}", std::process::id(), order.cents);
}

#[deterministic]
const fn double(cents: u32) -> u32 {
    cents * 2
}

#[workflow(strict)]
async fn pay(cents: u32) -> WorkflowResult<String> {
    let order = Order { cents };
    log(&order);
    Ok(join(&[order.fee(), double(cents)]))
}

fn main() {}
