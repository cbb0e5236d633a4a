//! What an event has to be like, as an expression of the server's (CEL).
//!
//! The server puts values of the run's event into an expression, and takes texts out of it, without minding escapes: a text that can only be
//! written with one is not found. So texts are written without, wherever that can be done.

use std::fmt::Write as _;

use serde_json::Value;

use crate::kernel::EventPattern;
use crate::value::Json;

/// Names that mean something else in an expression.
const RESERVED: [&str; 21] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
    "while",
];

/// The expression of a pattern; `None` for any event of the name.
///
/// A value that stands in the run's own event at the same place is named by it, so that the expression is the same for all runs.
pub(super) fn of(pattern: &EventPattern, own: &Json) -> Option<String> {
    if pattern.fields.is_empty() {
        return None;
    }
    let own: Value = own.decode().unwrap_or_default();
    let mut text = String::new();
    for (path, wanted) in &pattern.fields {
        if !text.is_empty() {
            text.push_str(" && ");
        }
        let wanted: Value = wanted.decode().unwrap_or_default();
        let names: Vec<&str> = path.split('.').collect();
        let path = accessor(&names);
        let own = at(&own, &names).filter(|own| **own == wanted && is_plain(own));
        // Writing to a text never fails.
        let _ = match own {
            Some(_) => write!(text, "async.data{path} == event.data{path}"),
            None => write!(text, "async.data{path} == {}", literal(&wanted)),
        };
    }
    Some(text)
}

/// The value at a path; not within a list, for of those the server takes none out of the run's event.
fn at<'v>(value: &'v Value, names: &[&str]) -> Option<&'v Value> {
    names.iter().try_fold(value, |value, name| value.get(name))
}

/// `order.id` as `.order.id`, `lines.0` as `.lines[0]`; a name that is none in an expression, in brackets.
fn accessor(names: &[&str]) -> String {
    let is_name = |name: &str| {
        !name.starts_with(|c: char| c.is_ascii_digit())
            && !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !RESERVED.contains(&name)
    };
    let text = names.iter().map(|name| match name.parse::<u32>() {
        Ok(index) => format!("[{index}]"),
        Err(_) if is_name(name) => format!(".{name}"),
        Err(_) => format!("[{}]", text_literal(name)),
    });
    text.collect()
}

/// Whether the server can put the value into an expression: no escape is needed for it.
fn is_plain(value: &Value) -> bool {
    let is_plain_char =
        |c: char| c.is_alphanumeric() || c == ' ' || c.is_ascii_punctuation() && !matches!(c, '"' | '\\');
    match value {
        Value::String(text) => text.chars().all(is_plain_char),
        _ => true,
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => text_literal(text),
        // As JSON has it.
        value => value.to_string(),
    }
}

fn text_literal(text: &str) -> String {
    if text.contains(['\\', '\n', '\r']) {
        return Value::from(text).to_string();
    }
    if !text.contains('"') {
        return format!("\"{text}\"");
    }
    if !text.contains('\'') {
        return format!("'{text}'");
    }
    let parts: Vec<String> = text.split('"').map(|part| format!("\"{part}\"")).collect();
    parts.join(" + '\"' + ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        Json::parse(text.to_owned()).expect("this is JSON")
    }

    fn condition(fields: &[(&str, &str)]) -> Option<String> {
        let fields = fields.iter().map(|(path, value)| ((*path).to_owned(), json(value))).collect();
        let own = json(r#"{"order":{"id":7},"n":"7","lines":[{"article":"pen"}],"quote":"a\"b"}"#);
        of(&EventPattern { name: "e".to_owned(), fields }, &own)
    }

    #[test]
    fn an_event_without_conditions_has_none() {
        assert_eq!(condition(&[]), None);
    }

    #[test]
    fn a_value_of_the_runs_own_event_is_named_by_it() {
        assert_eq!(condition(&[("order.id", "7")]).as_deref(), Some("async.data.order.id == event.data.order.id"));
        let both = condition(&[("paid", "true"), ("n", r#""8""#)]);
        assert_eq!(both.as_deref(), Some(r#"async.data.paid == true && async.data.n == "8""#));
    }

    #[test]
    fn a_value_within_a_list_is_written_out() {
        let listed = condition(&[("lines.0.article", r#""pen""#)]);
        assert_eq!(listed.as_deref(), Some(r#"async.data.lines[0].article == "pen""#));
    }

    #[test]
    fn a_text_of_the_runs_own_event_that_the_server_would_escape_is_written_out() {
        assert_eq!(condition(&[("quote", r#""a\"b""#)]).as_deref(), Some(r#"async.data.quote == 'a"b'"#));
    }

    #[test]
    fn names_that_are_none_in_expressions_are_quoted() {
        let text = condition(&[("a-b.\"x.in", "1")]);
        assert_eq!(text.as_deref(), Some(r#"async.data["a-b"]['"x']["in"] == 1"#));
    }

    #[test]
    fn texts_are_written_without_escapes_where_that_can_be_done() {
        let text = |value: &str| condition(&[("t", value)]).map(|text| text.replace("async.data.t == ", ""));
        assert_eq!(text(r#""tab\tand é""#).as_deref(), Some("\"tab\tand é\""));
        assert_eq!(text(r#""\"quoted\"""#).as_deref(), Some(r#"'"quoted"'"#));
        assert_eq!(text(r#""\" and '""#).as_deref(), Some(r#""" + '"' + " and '""#));
        assert_eq!(text(r#""a\\b""#).as_deref(), Some(r#""a\\b""#));
    }

    #[test]
    fn a_text_cannot_leave_its_quotes() {
        for text in ["\" || true || \"", "' || true || '", "' || \" || \\", "\\\" || true", "\" + '"] {
            let literal = text_literal(text);
            assert_eq!(read_back(&literal).as_deref(), Some(text), "{literal}");
        }
    }

    /// The text of a sum of literals, as the language has it; `None` if anything else stands there.
    fn read_back(expression: &str) -> Option<String> {
        let (mut text, mut rest) = (String::new(), expression.chars());
        loop {
            let quote = rest.next().filter(|c| matches!(c, '"' | '\''))?;
            loop {
                match rest.next()? {
                    '\\' => text.push(rest.next()?),
                    c if c == quote => break,
                    c => text.push(c),
                }
            }
            match rest.as_str() {
                "" => return Some(text),
                more => rest = more.strip_prefix(" + ")?.chars(),
            }
        }
    }
}
