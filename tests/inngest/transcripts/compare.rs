//! The comparison of two answers, field by field.

use std::fmt;

use serde_json::Value;

/// The headers that mean something to the server.
pub(super) const HEADERS: [&str; 6] = [
    "content-type",
    "retry-after",
    "x-inngest-no-retry",
    "x-inngest-req-version",
    "x-inngest-sdk-handled",
    "x-inngest-sync-kind",
];

/// A field that is another here.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    pub(super) call: String,
    /// `body[].opts.if`
    pub(super) path: String,
    pub(super) ours: Option<Value>,
    pub(super) theirs: Option<Value>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |value: &Option<Value>| value.as_ref().map_or_else(|| "nothing".to_owned(), Value::to_string);
        write!(f, "{}: {}: {} is {} there", self.call, self.path, text(&self.ours), text(&self.theirs))
    }
}

/// Whether a field says when something was, or how long it took.
fn is_time(path: &str) -> bool {
    path.contains("timing.") || path.ends_with(".ts") || path.ends_with("request_started_at")
}

pub(super) fn compare(ours: &Value, theirs: &Value) -> Vec<Difference> {
    let mut differences = Vec::new();
    walk("", Some(ours), Some(theirs), &mut differences);
    differences
}

fn walk(path: &str, ours: Option<&Value>, theirs: Option<&Value>, differences: &mut Vec<Difference>) {
    match (ours, theirs) {
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            let mut names: Vec<&String> = one.keys().chain(other.keys()).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                walk(&path, one.get(name), other.get(name), differences);
            }
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) => {
            for position in 0..one.len().max(other.len()) {
                walk(&format!("{path}[]"), one.get(position), other.get(position), differences);
            }
        }
        (Some(Value::Number(one)), Some(Value::Number(other))) if one.as_f64() == other.as_f64() => {}
        (Some(Value::Number(_)), Some(Value::Number(_))) if is_time(path) => {}
        // The frames of a stack are the language's own.
        (Some(Value::String(one)), Some(Value::String(other)))
            if path.ends_with("stack") && one.lines().next() == other.lines().next() => {}
        (ours, theirs) if ours == theirs => {}
        (ours, theirs) => differences.push(Difference {
            call: String::new(),
            path: path.to_owned(),
            ours: ours.cloned(),
            theirs: theirs.cloned(),
        }),
    }
}
