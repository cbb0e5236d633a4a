//! `owf::hash_iteration`: what is allowed with a reason, or anyway.

use std::collections::{BTreeMap, HashMap};

use owf_runtime::prelude::*;

#[workflow]
async fn histogram(words: Vec<String>) -> WorkflowResult<String> {
    let counts: HashMap<String, u32> = words.into_iter().map(|word| (word, 1)).collect();
    #[owf::allow(hash_iteration, reason = "only printed")]
    for word in counts.keys() {
        println!("{word}");
    }
    let sorted: BTreeMap<_, _> = counts.iter().collect();
    Ok(format!("{sorted:?}"))
}

fn main() {}
