//! What a server keeps of errors that it is told.

use serde_json::{Map, Value};

/// What it keeps of a step's.
pub(crate) fn of_step(error: &Value) -> Value {
    pick(error, &["name", "message", "stack", "data", "cause"])
}

/// What it keeps of a function's.
pub(crate) fn of_function(error: &Value) -> Value {
    let mut kept = pick(error, &["name", "message", "stack", "cause"]);
    kept["error"] = error["name"].clone();
    kept
}

fn pick(error: &Value, names: &[&str]) -> Value {
    let fields = error.as_object().into_iter().flatten();
    let kept = fields.filter(|(name, _)| names.contains(&name.as_str()));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>().into()
}
