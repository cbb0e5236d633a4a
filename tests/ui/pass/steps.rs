//! Every form of a step, without a warning.
#![deny(warnings)]

use std::time::Duration;

use owf_runtime::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
struct User {
    id: u32,
    name: String,
}

#[derive(Debug)]
enum MyErr {
    A,
}

impl std::fmt::Display for MyErr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a")
    }
}

impl std::error::Error for MyErr {}

struct Client;
struct Request;
struct Response;

impl Client {
    fn get(&self, _url: &str) -> Request {
        Request
    }
}

impl Request {
    async fn send(self) -> Result<Response, std::io::Error> {
        Ok(Response)
    }
}

impl Response {
    async fn json<T: serde::de::DeserializeOwned>(self) -> Result<T, serde_json::Error> {
        serde_json::from_str("null")
    }
}

async fn fetch() -> Result<u32, MyErr> {
    Err(MyErr::A)
}

fn parse() -> Result<u32, std::num::ParseIntError> {
    "1".parse()
}

fn work() {}

#[workflow]
async fn values(url: String) -> WorkflowResult<u32> {
    let client = Client;
    let user: User = step!("tail", client.get(&url).send().await?.json().await?).await?;
    let bad = user.id == 0;
    let a = step!("early", { if bad { Err(MyErr::A)? } 42 }).await?;
    let b = step!("ok", { let v = parse()?; Ok(v) }).await?;
    let c = step!("branches", if bad { Ok(1) } else { Err(MyErr::A) }).await?;
    let d = step!("owned", async move { let v = fetch().await?; Ok(v) }).await?;
    let e = step!("async", async { fetch().await? + 1 }).await?;
    let f = step!("match", match a { 1 => parse()?, 2 => fetch().await?, _ => panic!("no") }).await?;
    let g = step!("text", Err::<u32, _>("text")).await;
    let h = step!("text-2", Err::<u32, _>("text")?).await;
    let i = step!("owned error", Err::<u32, _>(format!("no {bad}"))?).await;
    step!("unit", { work(); }).await?;
    step!("unit-2", work()).await?;
    step!("loop", { for i in 0..3 { if i > 2 { continue; } } }).await?;
    step!("exit", { std::process::exit(1); }).await?;
    Ok(a + b + c + d + e + f + g.unwrap_or(0) + h.unwrap_or(0) + i.unwrap_or(0))
}

#[workflow]
async fn types_from_outside(text: String) -> WorkflowResult<u32> {
    let a: u32 = step!("parse", text.parse()?).await?;
    let b = step!("turbofish", text.parse::<u32>()?).await?;
    let c: u32 = step!("unwrap", text.parse().unwrap()).await?;
    let d: Vec<u32> = step!("collect", (0..10).collect()).await?;
    let e = step!("results", (0..10).map(|_| parse()).collect::<Result<Vec<_>, _>>()).await?;
    let f: u32 = step!("default", Default::default()).await?;
    let g: u8 = step!("try_from", u8::try_from(a)?).await?;
    let h: u8 = step!("try_into", a.try_into()?).await?;
    Ok(a + b + c + d[0] + e[0] + f + u32::from(g) + u32::from(h))
}

#[workflow]
async fn panics() -> WorkflowResult<u32> {
    step!("discarded", panic!("boom")).await?;
    let _ = step!("ignored", panic!("boom")).await;
    let error = step!("error", panic!("boom")).await.unwrap_err();
    if let Err(other) = step!("error-2", Err("text")?).await {
        return Err(other.into());
    }
    let number: u32 = step!("typed", unimplemented!("{error}")).await?;
    Ok(number)
}

#[workflow(name = "with options", retries = 3, backoff = Duration::from_secs(1))]
async fn options(user: User) -> WorkflowResult<u32> {
    const ID: &str = "constant";
    let a = step!("all", retries = 3, timeout = Duration::from_secs(1), backoff = Duration::from_secs(1), input = &user, user.id).await?;
    let b = step!("order", input = user.name, retries = 1 + 2, { user.id }).await?;
    let c = step!(format!("computed-{}", user.id), user.id).await?;
    let d = step!(ID, user.id).await?;
    let e = step!(&user.name, user.id,).await?;
    Ok(a + b + c + d + e)
}

fn main() {}
