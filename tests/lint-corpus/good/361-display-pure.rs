// trap: Display, Debug, ToString of own types
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
struct Money { cents: u32 }
impl std::fmt::Display for Money { fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "{}.{:02}", self.cents / 100, self.cents % 100) } }

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let m = Money { cents: input };
    let s = format!("{m} {m:?} {}", m.to_string());
    Ok(s.len() as u32 + (m == m.clone()) as u32 + (m > Money::default()) as u32)
}

fn main() {}
