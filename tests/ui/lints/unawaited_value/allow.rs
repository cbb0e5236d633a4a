//! `owf::unawaited_step`: operations that are passed on, and awaited there.

use std::time::Duration;

use owf_runtime::Durable;
use owf_runtime::prelude::*;

struct Held<D> {
    step: D,
    name: &'static str,
}

#[durable]
async fn awaited<D: Durable<Output = Result<u32, StepError>> + Send>(step: D) -> Result<u32, StepError> {
    step.await
}

/// Not the macro of that name.
fn step(n: u32) -> Result<u32, StepError> {
    Ok(n)
}

fn join(a: u32, b: u32) -> (u32, u32) {
    (a, b)
}

#[workflow]
async fn named_alike(n: u32) -> WorkflowResult<u32> {
    let (a, b) = join(step(n)?, n);
    let now = |n: u32| Some(n);
    let later = now(a).map_or(0, |now| now + 1);
    Ok(join(a, b).0 + step(later)? + if step(n).is_ok() { 1 } else { 2 })
}

#[workflow]
async fn passes_on(items: Vec<u32>) -> WorkflowResult<u32> {
    let all = join_all(items.iter().map(|item| step!(format!("item-{item}"), *item))).await;
    let first = step!("first", 1);
    let first = awaited(first).await?;
    let held = Held { step: step!("held", 2), name: "held" };
    println!("{}", held.name);
    let held = held.step.await?;
    let pair = (step!("left", 3), step!("right", 4));
    let (left, right) = join!(pair.0, pair.1).await;
    let list = [step!("listed", 5)];
    let listed = join_all(list).await;
    let (one, two) = (step!("one", 6), step!("two", 7));
    let sum = left? + right? + one.await? + two.await?;
    let block = async { step!("block", 8) }.await.await?;
    let boxed: BoxDurable<'_, Result<u32, StepError>> = Box::pin(step!("boxed", 9));
    let nested = async {
        let value = step!("value", 10).await?;
        Ok::<u32, StepError>(value)
    }
    .await?;
    if let Some(step) = Some(step!("some", 11)) {
        step.await?;
    }
    Ok(race! {
        value = step!("value-2", 12) => value? + sum + block + boxed.await? + nested + first + held,
        _ = sleep("late", Duration::from_secs(1)) => all.len() as u32 + listed.len() as u32,
    })
}

fn main() {}
