// hazard: env - macro with repeated arguments
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
macro_rules! settings { ($($name:ident),* $(,)?) => { vec![$(std::env::var(stringify!($name)).unwrap_or_default()),*] }; }

#[workflow]
async fn w(input: String) -> WorkflowResult<String> {
    let all = settings!(REGION, STAGE,); //~ env
    Ok(all.join(&input))
}

fn main() {}
