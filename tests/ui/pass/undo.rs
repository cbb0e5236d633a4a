//! What undos may use, without a warning.
#![deny(warnings)]

use owf_runtime::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[derive(Clone)]
struct Shop {
    name: String,
}

impl Shop {
    async fn release(&self, sku: &str) -> Result<(), std::io::Error> {
        println!("{}: {sku}", self.name);
        Ok(())
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct User {
    id: u32,
}

async fn load<T: DeserializeOwned>() -> Result<T, std::io::Error> {
    Err(std::io::ErrorKind::NotFound.into())
}

async fn remove(user: &User) -> Result<(), std::io::Error> {
    println!("{}", user.id);
    Ok(())
}

#[durable]
async fn references(shop: &Shop, skus: &[String], note: &str) -> Result<(), StepError> {
    for (at, sku) in skus.iter().enumerate() {
        step!(format!("reserve-{at}"), 1, undo = |_| shop.release(sku).await?).await?;
    }
    let all = skus.iter().map(|sku| step!(format!("pack-{sku}"), 1, undo = |_| shop.release(sku).await?));
    join_all(all).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    step!("note", 1, undo = |_| println!("{note} {skus:?}")).await?;
    Ok(())
}

#[workflow]
async fn types_that_are_known_later(shop: String) -> WorkflowResult<u32> {
    let user = step!("load", load().await?).await?;
    step!("greet", 1, undo = |_| remove(&user).await?).await?;
    let number = "5".parse().unwrap_or_default();
    let list = [1u32].into_iter().collect();
    let mut seen = Vec::new();
    let undone = |number: u32, list: &Vec<u32>, seen: &[u8]| println!("{number} {list:?} {seen:?}");
    step!("count", 1, undo = |_| {
        let all: (u32, Vec<u32>, Vec<u8>) = (number, list, seen);
        println!("{all:?}");
    })
    .await?;
    seen.push(1);
    undone(number, &list, &seen);
    references(&Shop { name: shop }, &["a".to_owned()], "text").await?;
    Ok(number)
}

fn main() {
    let _ = types_that_are_known_later;
}
