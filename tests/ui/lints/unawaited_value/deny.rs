//! `owf::unawaited_step`: operations that are used as if they were their values.

use std::time::Duration;

use owf_runtime::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct User {
    id: u32,
}

#[durable]
async fn load(n: u32) -> Result<User, StepError> {
    step!("load", User { id: n }).await
}

#[durable]
async fn double(n: u32) -> u32 {
    n * 2
}

#[workflow]
async fn question_marks(n: u32) -> WorkflowResult<u32> {
    let step = step!("step", n + 1)?;
    sleep("pause", Duration::from_secs(1))?;
    let child = invoke("child", last, n)?;
    let signal = wait_for_signal::<u32>("signal", "go").timeout(Duration::from_secs(1))?;
    println!("{:?}", now("now")?);
    Ok(step + child + signal.unwrap_or(0) + load(n)?.id)
}

#[workflow]
async fn values(n: u32) -> WorkflowResult<u32> {
    if step!("check", n > 3) {
        return Ok(1);
    }
    if !step!("again", n > 2) && double(n) > 3 {
        return Ok(2);
    }
    if let Ok(one) = step!("one", n) {
        return Ok(one);
    }
    match step!("match", n) {
        0 => Ok(step!("user", User { id: n }).id + step!("more", n)),
        _ => Ok(step!("ok", n)),
    }
}

#[workflow]
async fn variables(n: u32) -> WorkflowResult<u32> {
    let is_big = step!("big", n > 3);
    let text = step!("text", format!("{n}"));
    println!("{text}");
    let user = load(n);
    if is_big { Ok(user.id) } else { Ok(7) }
}

#[workflow]
async fn question_mark_before(n: u32) -> WorkflowResult<u32> {
    let one = step!("one", n)?.await;
    sleep("pause", Duration::from_secs(1))?.await;
    Ok(one)
}

#[workflow]
async fn joined(n: u32) -> WorkflowResult<u32> {
    let (a, b) = join!(step!("a", n), step!("b", n));
    Ok(a? + b?)
}

#[workflow]
async fn last(n: u32) -> WorkflowResult<u32> {
    step!("last", n)
}

#[durable]
async fn last_of_a_branch(n: u32) -> u32 {
    if n > 3 { step!("big", n) } else { 7 }
}

fn main() {}
