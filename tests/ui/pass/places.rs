//! Where steps and `.await` may stand, without a warning.
#![deny(warnings)]

use std::time::Duration;

use owf_runtime::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
struct Order {
    id: u32,
    items: Vec<String>,
}

async fn ship(order: &Order, item: &str) -> Result<u32, std::io::Error> {
    Ok(order.id + item.len() as u32)
}

fn weigh(limit: u32, item: String) -> u32 {
    limit + item.len() as u32
}

#[workflow]
async fn fan_out(order: Order) -> WorkflowResult<u32> {
    let limit = order.id + 1;
    let numbers = [1u32, 2, 3];
    let mut sum = 0;
    for n in join_all(numbers.iter().map(|n| step!(format!("n-{n}"), n + 1))).await {
        sum += n?;
    }
    for n in join_all(order.items.iter().map(|item| step!(format!("ship-{item}"), ship(&order, item).await?))).await {
        sum += n?;
    }
    for n in join_all(order.items.iter().enumerate().map(|(i, item)| {
        let text = format!("{i} {item} {limit}");
        step!("text", { println!("{text} {limit} {order}", order = order.id); weigh(limit, text.clone()) })
    }))
    .await
    {
        sum += n?;
    }
    for n in join_all(order.items.clone().into_iter().map(|item| step!("own", weigh(limit, item.clone())))).await {
        sum += n?;
    }
    for n in join_all(order.items.clone().into_iter().map(|item| step!("own-block", async move { weigh(1, item) }))).await {
        sum += n?;
    }
    for n in join_all(numbers.iter().map(|n| async move { step!("a", n + 1).await? ; step!("b", n + 2).await })).await {
        sum += n?;
    }
    let closure = |n: u32| step!("closure", n + limit);
    sum += closure(1).await?;
    Ok(sum)
}

#[workflow]
async fn control_flow(n: u32) -> WorkflowResult<u32> {
    let mut sum = 0;
    loop {
        sum += step!("loop", n).await?;
        if step!("enough", sum > n).await? {
            break;
        }
    }
    while step!("while", sum < n).await? {
        sum += 1;
    }
    sum += match step!("match", n % 3).await? {
        0 => step!("zero", n).await?,
        1 if step!("guarded", false).await? => 1,
        _ => return Ok(0),
    };
    let Ok(value) = step!("let-else", n).await else { return Ok(0) };
    if let Ok(other) = step!("if-let", n).await
        && other > value
    {
        sum += other;
    }
    let block = async {
        let inner = step!("in a block", n).await?;
        Ok::<_, StepError>(inner + async { step!("deeper", n).await }.await?)
    };
    let boxed: BoxDurable<'_, u32> = Box::pin(async { 1 });
    sum += block.await? + boxed.await;
    sleep("nap", Duration::from_secs(1)).await?;
    Ok((step!("parentheses", (n)).await?) + sum)
}

#[workflow]
async fn macros(n: u32) -> WorkflowResult<u32> {
    let list = vec![step!("a", n).await?, step!("b", n).await?];
    let many = vec![step!("c", n).await?; 3];
    println!("{} {n} {x}", step!("d", n).await?, x = step!("e", n).await?);
    assert!(step!("f", true).await?, "not {}", step!("g", n).await?);
    assert_eq!(step!("h", 1u32).await?, 1);
    assert_ne!(step!("h-2", 1u32).await?, 2);
    let is_small = matches!(step!("i", n).await?, 0..=9 if n > 1);
    let text = format!("{:?}", vec![step!("j", n).await?]);
    if n > 100 {
        unreachable!("{}", step!("k", n).await?);
    }
    let (a, b) = join!(step!("l", n), async { step!("m", n).await }).await;
    let one = race! {
        value = step!("n", n) => value?,
        _ = sleep("patience", Duration::from_secs(1)) => { return Ok(3) }
        other = async { n } => {
            let more = step!("o", other).await?;
            more + 1
        }
    };
    let same = race!(step!("p", n), step!("q", n)).await?;
    Ok(list[0] + many[0] + u32::from(is_small) + text.len() as u32 + a? + b? + one + same)
}

fn main() {}
