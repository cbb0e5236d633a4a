//! `owf::hash_iteration`: what it finds.

use std::collections::HashMap;

use owf_runtime::prelude::*;

#[workflow]
async fn histogram(words: Vec<String>) -> WorkflowResult<String> {
    let mut counts = HashMap::new();
    for word in words {
        *counts.entry(word).or_insert(0) += 1;
    }
    let mut text = String::new();
    for (word, count) in &counts {
        text += &format!("{word}: {count}");
    }
    text += &names(&counts).concat();
    text += &format!("{:?}", (1, &counts));
    let mut list = Vec::new();
    list.extend(&counts);
    let pairs: Vec<_> = (0..3).zip(&counts).collect();
    let first = HashMap::keys(&counts).next();
    let long = long(&counts).collect::<Vec<_>>();
    let flat: Vec<_> = vec![&counts].into_iter().flatten().collect();
    let total = Total { counts };
    Ok(format!("{text} {total:?} {}", serde_json::to_string(&total)?))
}

/// What a helper does with a map is told by the types that are written in the file.
fn names(counts: &HashMap<String, u32>) -> Vec<String> {
    counts.keys().cloned().collect()
}

fn long(counts: &HashMap<String, u32>) -> impl Iterator<Item = &String> {
    counts.keys().filter(|word| word.len() > 9)
}

#[derive(Debug, serde::Serialize)]
struct Total {
    counts: HashMap<String, u32>,
}

fn main() {}
