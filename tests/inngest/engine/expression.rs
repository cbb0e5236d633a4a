//! The part of the server's expressions that the driver writes: comparisons of fields with fields and with values, all of which have to hold.

use serde_json::Value;

/// Whether an expression holds; `event` has started the run, `received` has just come.
pub(super) fn holds(expression: &str, event: &Value, received: &Value) -> bool {
    let mut text = Text(expression);
    loop {
        let left = text.operand(event, received);
        assert!(text.eats("=="), "a comparison: {expression}");
        let right = text.operand(event, received);
        // A field that is not there is like one that is null.
        if left.unwrap_or_default() != right.unwrap_or_default() {
            return false;
        }
        if !text.eats("&&") {
            assert!(text.0.trim().is_empty(), "nothing else: {expression}");
            return true;
        }
    }
}

struct Text<'a>(&'a str);

impl Text<'_> {
    fn eats(&mut self, token: &str) -> bool {
        let rest = self.0.trim_start().strip_prefix(token);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// A field's value, `None` if there is no such field, or a value as it stands there.
    fn operand(&mut self, event: &Value, received: &Value) -> Option<Value> {
        if self.eats("async") {
            return self.field(received);
        }
        if self.eats("event") {
            return self.field(event);
        }
        let mut value = self.literal();
        while self.eats("+") {
            let more = self.literal();
            value = format!("{}{}", value.as_str().expect("a text"), more.as_str().expect("a text")).into();
        }
        Some(value)
    }

    fn literal(&mut self) -> Value {
        if !self.eats("'") {
            return self.json();
        }
        let (text, rest) = self.0.split_once('\'').expect("a quotation mark");
        self.0 = rest;
        text.into()
    }

    fn field(&mut self, of: &Value) -> Option<Value> {
        let mut value = Some(of);
        loop {
            if self.0.starts_with('.') {
                let name = &self.0[1..];
                let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
                value = value.and_then(|value| value.get(&name[..end]));
                self.0 = &name[end..];
            } else if self.0.starts_with('[') {
                self.0 = &self.0[1..];
                let key = self.literal();
                assert!(self.eats("]"), "a bracket");
                value = value.and_then(|value| match key.as_u64() {
                    Some(place) => value.get(usize::try_from(place).ok()?),
                    None => value.get(key.as_str()?),
                });
            } else {
                return value.cloned();
            }
        }
    }

    fn json(&mut self) -> Value {
        let mut values = serde_json::Deserializer::from_str(self.0).into_iter::<Value>();
        let value = values.next().expect("a value").expect("JSON");
        self.0 = &self.0[values.byte_offset()..];
        value
    }
}
