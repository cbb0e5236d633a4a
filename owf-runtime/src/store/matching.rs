//! Which waits an event matches, in a form that an index can find: the places that a wait looks at, and the values there.

use serde_json::Value;

use super::{FieldMatch, StoreError};
use crate::value::Json;

/// What a wait compares, as two JSON arrays: sorted pointers, and the value at each, written the same way always.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pattern {
    pub(crate) pointers: String,
    pub(crate) expected: String,
}

impl Pattern {
    pub(crate) fn of_wait(matches: &[FieldMatch]) -> Result<Pattern, StoreError> {
        let mut pairs = Vec::with_capacity(matches.len());
        for field in matches {
            let value: Value = field
                .value
                .decode()
                .map_err(|error| StoreError::invalid("read what an event is to be matched with", error))?;
            pairs.push((field.pointer.as_str(), value));
        }
        pairs.sort_by(|a, b| a.0.cmp(b.0));
        let (pointers, expected): (Vec<&str>, Vec<Value>) = pairs.into_iter().unzip();
        Ok(Pattern { pointers: Value::from(pointers).to_string(), expected: Value::Array(expected).to_string() })
    }

    /// The values that `payload` has at these pointers; `None` if one of them is not there.
    pub(crate) fn expected_of(pointers: &str, payload: &Value) -> Option<String> {
        let pointers: Vec<String> = serde_json::from_str(pointers).ok()?;
        let found: Option<Vec<Value>> = pointers.iter().map(|pointer| payload.pointer(pointer).cloned()).collect();
        Some(Value::Array(found?).to_string())
    }
}

/// An event's payload as a tree, to be looked into.
pub(crate) fn tree(payload: &Json) -> Result<Value, StoreError> {
    payload.decode().map_err(|error| StoreError::invalid("read the payload of an event", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        Json::parse(text.to_owned()).expect("valid JSON")
    }

    #[test]
    fn a_pattern_finds_its_event_whatever_the_order() {
        let field = |pointer: &str, value: &str| FieldMatch { pointer: pointer.to_owned(), value: json(value) };
        let one = Pattern::of_wait(&[field("/b", r#"{"y":1,"x":2}"#), field("/a/id", "7")]).expect("valid");
        let other = Pattern::of_wait(&[field("/a/id", "7"), field("/b", r#"{"x":2, "y":1}"#)]).expect("valid");
        assert_eq!(one, other);
        let event = tree(&json(r#"{"a":{"id":7},"b":{"x":2,"y":1},"c":null}"#)).expect("valid");
        assert_eq!(Pattern::expected_of(&one.pointers, &event), Some(one.expected));
    }

    #[test]
    fn a_place_that_is_not_there_matches_nothing() {
        assert_eq!(Pattern::expected_of(r#"["/a"]"#, &Value::Null), None);
        assert_eq!(Pattern::expected_of("[]", &Value::Null), Some("[]".to_owned()));
    }
}
