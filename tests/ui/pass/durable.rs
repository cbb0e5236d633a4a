//! `#[durable]` functions of every kind, without a warning.
#![deny(warnings)]

use owf_runtime::prelude::*;
use serde::Serialize;

#[durable]
async fn borrows(text: &str, numbers: &[u32], n: u32) -> Result<u32, StepError> {
    let sum = step!("sum", numbers.iter().sum::<u32>() + n).await?;
    if sum > 3 {
        return Ok(3);
    }
    step!("len", text.len() as u32).await
}

#[durable]
async fn generic<'a, T>(text: &'a str, other: &str, value: T) -> Result<&'a str, StepError>
where
    T: Serialize + Send + Sync,
{
    step!("json", { let _ = (serde_json::to_string(&value)?, other.len()); }).await?;
    Ok(text)
}

#[durable]
async fn factorial(n: u32) -> Result<u32, StepError> {
    if n == 0 {
        return Ok(1);
    }
    Ok(step!("factor", n).await? * factorial(n - 1).await?)
}

#[durable]
async fn recursion_with_lifetimes(n: u32, a: &str, b: &str) -> Result<u32, StepError> {
    if n == 0 {
        return step!("lengths", (a.len() + b.len()) as u32).await;
    }
    recursion_with_lifetimes(n - 1, b, a).await
}

#[durable(boxed)]
async fn even(n: u32) -> bool {
    if n == 0 { true } else { odd(n - 1).await }
}

#[durable]
async fn odd(n: u32) -> bool {
    if n == 0 { false } else { even(n - 1).await }
}

#[durable]
async fn unit() {
    step!("unit", ()).await.ok();
}

struct Service {
    n: u32,
}

impl Service {
    #[durable]
    async fn by_reference(&self, text: &str) -> Result<u32, StepError> {
        step!("go", self.n + text.len() as u32).await
    }

    #[durable]
    async fn in_closures(&self, texts: &[String]) -> u32 {
        join_all(texts.iter().map(|text| step!("go", self.n + text.len() as u32))).await.len() as u32
    }

    #[durable]
    async fn by_value(self) -> u32 {
        step!("go", self.n).await.unwrap_or(0)
    }

    #[durable]
    async fn recursive(&self, n: u32) -> u32 {
        if n == 0 { self.n } else { self.recursive(n - 1).await }
    }

    #[durable]
    async fn changes(&mut self) {
        self.n = step!("go", 1).await.unwrap_or(0);
    }
}

trait Shop {
    #[durable]
    async fn sell(&self) -> u32;
}

impl Shop for Service {
    #[durable]
    async fn sell(&self) -> u32 {
        step!("sell", self.n).await.unwrap_or(1)
    }
}

#[workflow]
async fn uses(text: String) -> WorkflowResult<u32> {
    let mut service = Service { n: 1 };
    service.changes().await;
    unit().await;
    let mut sum = borrows(&text, &[1], 2).await?;
    sum += generic(&text, "b", 3).await?.len() as u32;
    sum += factorial(3).await? + recursion_with_lifetimes(1, &text, "c").await?;
    sum += u32::from(even(2).await);
    sum += service.by_reference("a").await? + service.recursive(3).await + service.sell().await;
    sum += service.in_closures(&[text]).await + service.by_value().await;
    Ok(sum)
}

fn main() {}
