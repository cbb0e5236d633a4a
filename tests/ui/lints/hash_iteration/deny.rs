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
    Ok(text)
}

fn main() {}
