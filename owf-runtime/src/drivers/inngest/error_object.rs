//! Errors as they are written on the wire, and read back.

use std::panic::Location;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::value::Json;

/// What an error is called that says nothing of its type.
const PLAIN: &str = "Error";
/// What an error is called after which nothing is tried again; the server's UI knows the name.
const FATAL: &str = "NonRetriableError";
/// What an error is called that says when to try again.
const RETRY_AFTER: &str = "RetryAfterError";

/// An error on the wire.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ErrorObject {
    pub(super) name: String,
    pub(super) message: String,
    stack: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<Box<ErrorObject>>,
    /// The error as it is recorded here, which the server keeps for us: it brings the error's value back.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Json>,
    #[serde(rename = "__serialized")]
    is_serialized: bool,
}

/// What the server keeps of an error that a step has ended with.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ErrorNotice {
    #[serde(rename = "__serialized")]
    is_serialized: bool,
    name: String,
    message: String,
    stack: &'static str,
}

impl ErrorObject {
    /// An error of this driver's own.
    pub(super) fn new(name: &str, message: impl Into<String>) -> ErrorObject {
        let message = message.into();
        ErrorObject {
            stack: format!("{name}: {message}"),
            name: name.to_owned(),
            message,
            cause: None,
            data: None,
            is_serialized: true,
        }
    }

    pub(super) fn of_failure(failure: &Failure, location: Option<&Location<'_>>) -> ErrorObject {
        let name = match failure.type_name() {
            Some(name) => name,
            None if failure.is_fatal() => FATAL,
            None if failure.retry_after().is_some() => RETRY_AFTER,
            None => PLAIN,
        };
        let mut object = ErrorObject::new(name, failure.message());
        if let Some(location) = location {
            object.stack.push_str(&format!("\n    at {location}"));
        }
        object.cause = failure.causes().iter().rev().fold(None, |cause, message| {
            Some(Box::new(ErrorObject { cause, ..ErrorObject::new(PLAIN, message.as_str()) }))
        });
        // What a name and a message tell is not said twice.
        let says_more = failure.type_name().is_some() || !failure.causes().is_empty();
        object.data = says_more.then(|| Json::encode(failure).ok()).flatten();
        object
    }

    pub(super) fn notice(&self) -> ErrorNotice {
        ErrorNotice { is_serialized: true, name: self.name.clone(), message: self.message.clone(), stack: "" }
    }
}

/// An error as any SDK writes it.
#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    data: Option<Json>,
}

/// Reads an error that the server has kept.
pub(super) fn read(json: &Json) -> Failure {
    let Ok(written) = json.decode::<Written>() else { return Failure::msg("it failed, and did not say why") };
    if let Some(failure) = written.data.as_ref().and_then(|data| data.decode::<Failure>().ok()) {
        return failure;
    }
    let message = written.message.or(written.error).filter(|message| !message.is_empty());
    let failure = Failure::msg(message.as_deref().unwrap_or("it failed, and did not say why"));
    match written.name.as_deref() {
        Some(FATAL) => failure.into_fatal(),
        None | Some("" | PLAIN | RETRY_AFTER) => failure,
        Some(name) => failure.of_type(name, json.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through_json(failure: &Failure) -> Failure {
        let object = ErrorObject::of_failure(failure, Some(Location::caller()));
        read(&Json::encode(&object).expect("an error is JSON"))
    }

    #[test]
    fn what_is_kept_of_an_error_comes_back() {
        for failure in [
            Failure::msg("plain"),
            Failure::msg("fatal").into_fatal(),
            Failure::typed(&"a text is serde".to_owned()),
            Failure::from(std::io::Error::other(Box::<dyn std::error::Error + Send + Sync>::from("because"))),
        ] {
            assert_eq!(through_json(&failure), failure);
        }
        assert_eq!(through_json(&Failure::typed(&"t".to_owned())).downcast::<String>().as_deref(), Some("t"));
    }

    #[test]
    fn errors_of_other_sdks_are_read() {
        let json = |text: &str| Json::parse(text.to_owned()).expect("this is JSON");
        let failure = read(&json(r#"{"name": "TypeError", "message": "always", "stack": "..", "other": 1}"#));
        assert_eq!((failure.message(), failure.type_name()), ("always", Some("TypeError")));
        assert!(read(&json(r#"{"name": "NonRetriableError", "message": "no"}"#)).is_fatal());
        assert_eq!(read(&json(r#"{"error": "old form"}"#)).message(), "old form");
        assert_eq!(read(&json("17")).message(), "it failed, and did not say why");
    }

    #[test]
    fn causes_are_nested() {
        let cause: Box<dyn std::error::Error + Send + Sync> = "inner".into();
        let object = ErrorObject::of_failure(&Failure::from(std::io::Error::other(cause)), None);
        assert_eq!(object.message, "inner");
    }
}
