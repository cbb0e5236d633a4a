//! Functions of other files that are the user's own.
#![deny(warnings)]
#![allow(dead_code, reason = "the names are shared with the other test")]
#![allow(unused_imports, reason = "the names are shared with the other test")]
use owf_runtime::prelude::*;

#[path = "names/mod.rs"]
mod names;

use names::{Order, apply, longest, nap, now, parse, pick, shipped, sleep as pause, trimmed};

fn names_of(limits: [u32; 2]) -> Vec<u32> {
    limits.to_vec()
}

#[workflow]
async fn called(n: u32) -> WorkflowResult<u32> {
    let mut total = now() + pause(std::time::Duration::from_millis(u64::from(n)));
    total += pick::<u32>();
    let picked: u32 = pick();
    let parsed = parse::<u32>("5").unwrap_or_default() + parse(&total.to_string()).unwrap_or(picked);
    let text = trimmed(&String::from(" a b ")).len() + longest(trimmed(&format!("{n} ")), 1).len();
    let order = Order::new(n);
    let function = names::now;
    let mut count = 0;
    let mut add = |n: u32| count += n;
    add(function());
    add(1);
    let mapped: Vec<u32> = vec![1, 2].into_iter().map(Order::new).map(Order::twice).collect();
    let boxed: Box<dyn Fn(u32) -> Order + Send> = Box::new(Order::new);
    let lazily: Box<dyn Fn() -> u32 + Send> = Box::new(|| now() + apply(|n| n + 1));
    let taken = step!("nap", {
        nap(std::time::Duration::ZERO);
        1
    })
    .await?;
    let applied = apply(u32::from) + apply(|n| n * 2);
    #[owf::allow(timers, reason = "the test has no other thread")]
    nap(std::time::Duration::ZERO);
    let pointer: fn() -> u32 = now;
    total += shipped(&order, &String::from("label")).await;
    let fetched = step!("names", names::fetched(1).await).await?;
    for limit in names::LIMITS {
        total += limit + fetched;
    }
    let limits = names_of(names::LIMITS);
    for limit in limits {
        total += limit;
    }
    total += pointer() + boxed(1).twice() + lazily() + order.twice() + applied;
    Ok(total + parsed + text as u32 + mapped.iter().sum::<u32>() + count + taken)
}

fn main() {}
