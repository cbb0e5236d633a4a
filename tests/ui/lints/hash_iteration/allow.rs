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
    let mut list = names(&counts);
    list.extend(counts.keys().cloned().collect::<std::collections::HashSet<_>>());
    list.sort();
    let mut words: Vec<_> = counts.iter().collect();
    words.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let mut doubled = counts.clone();
    for count in doubled.values_mut() {
        *count *= total(&counts);
    }
    let sorted: BTreeMap<_, _> = counts.iter().collect();
    Ok(format!("{sorted:?}"))
}

/// In a random order, which is of no consequence to whoever sorts it.
fn names(counts: &HashMap<String, u32>) -> Vec<String> {
    counts.keys().cloned().collect()
}

fn total(counts: &HashMap<String, u32>) -> u32 {
    let mut total = 0;
    for (_, count) in counts {
        total += count;
    }
    total
}

fn main() {}
