// trap: own Hash and Eq keys in a HashMap used for lookups
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
#[derive(Eq)]
struct Email(String);
impl PartialEq for Email { fn eq(&self, o: &Self) -> bool { self.0.eq_ignore_ascii_case(&o.0) } }
impl Hash for Email { fn hash<H: Hasher>(&self, h: &mut H) { self.0.to_ascii_lowercase().hash(h) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut seen: HashMap<Email, u32> = HashMap::new();
    seen.insert(Email("A".into()), input);
    Ok(seen.get(&Email("a".into())).copied().unwrap_or(0))
}

fn main() {}
