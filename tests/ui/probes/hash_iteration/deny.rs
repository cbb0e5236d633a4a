//! The order of a hash map or set, under whatever name.
use std::collections::HashMap as Dict;

use owf_runtime::prelude::*;

type Index = std::collections::HashMap<String, u32>;

struct Stock {
    items: Index,
}

impl Stock {
    fn all(&self) -> &Index {
        &self.items
    }
}

#[workflow]
async fn methods(stock: Vec<String>) -> WorkflowResult<String> {
    let stock: Index = stock.into_iter().map(|name| (name, 1)).collect();
    let other: std::collections::HashSet<u32> = stock.values().copied().collect();
    let first = stock.keys().next();
    let union: Vec<_> = other.union(&other).collect();
    let names: Vec<String> = stock.clone().into_keys().collect();
    let floats: f64 = stock.values().map(|n| f64::from(*n)).sum();
    let mut seen = Vec::new();
    let mut rest = other.clone();
    rest.retain(|n| {
        seen.push(*n);
        true
    });
    Ok(format!("{first:?} {union:?} {names:?} {floats} {seen:?}"))
}

#[workflow]
async fn loops(n: u32) -> WorkflowResult<u32> {
    let stock = Stock { items: Dict::from([("a".to_owned(), n)]) };
    for (name, n) in &stock.items {
        step!(format!("reserve-{name}"), n + 1).await?;
    }
    for (name, _) in stock.all() {
        step!(format!("release-{name}"), 1).await?;
    }
    let list = Vec::from_iter(stock.items.clone());
    for (name, _) in stock.items {
        println!("{name}");
    }
    Ok(list.len() as u32)
}

#[workflow]
async fn texts(n: u32) -> WorkflowResult<String> {
    let map = Dict::from([(n, n)]);
    let nested = Some(vec![&map]);
    let mut text = format!("{map:?} {} {:#?}", n, &map);
    std::fmt::Write::write_fmt(&mut text, format_args!("{0:?}", map))?;
    text += &format!("{n} {value:?}", value = nested.as_ref());
    text += &serde_json::to_string(&map).unwrap_or_default();
    Ok(text)
}

fn main() {}
