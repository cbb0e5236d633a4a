//! Errors as they are written on the wire, and read back.

use std::panic::Location;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::failure::{CAUSES_MAX, Failure};
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
    /// What else is kept of the error, in the field that the server leaves to SDKs.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Json>,
    #[serde(rename = "__serialized")]
    is_serialized: bool,
}

/// What a name and a message do not tell of an error: it brings back its value and its causes, and how many attempts there were.
#[derive(Serialize, Deserialize)]
struct Kept {
    failure: Failure,
    attempts: u32,
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

    /// The error of a step's attempt.
    pub(super) fn of_step(failure: &Failure, attempts: u32, location: &Location<'_>) -> ErrorObject {
        let mut object = ErrorObject::of_failure(failure);
        object.stack.push_str(&format!("\n    at {location}"));
        if attempts > 1 || failure.type_name().is_some() || failure.retry_after().is_some() {
            object.data = Json::encode(&Kept { failure: failure.clone(), attempts }).ok();
        }
        object
    }

    /// The error of a function. The server keeps no more of it than its cause, when it hands it to the function that has invoked this one.
    pub(super) fn of_function(failure: &Failure) -> ErrorObject {
        let mut object = ErrorObject::of_failure(failure);
        // A text says no more than the message.
        if telling_type(failure).is_some() {
            let (name, message) = (object.name.clone(), object.message.clone());
            let cause = object.cause.get_or_insert_with(|| Box::new(ErrorObject::new(&name, message)));
            cause.data = Json::encode(&Kept { failure: failure.clone(), attempts: 1 }).ok();
        }
        object
    }

    fn of_failure(failure: &Failure) -> ErrorObject {
        let name = match telling_type(failure) {
            Some(name) => name,
            None if failure.is_fatal() => FATAL,
            None if failure.retry_after().is_some() => RETRY_AFTER,
            None => PLAIN,
        };
        let mut object = ErrorObject::new(name, failure.message());
        object.cause = failure.causes().iter().rev().fold(None, |cause, message| {
            Some(Box::new(ErrorObject { cause, ..ErrorObject::new(PLAIN, message.as_str()) }))
        });
        object
    }

    pub(super) fn notice(&self) -> ErrorNotice {
        ErrorNotice { is_serialized: true, name: self.name.clone(), message: self.message.clone(), stack: "" }
    }
}

/// The name of an error's type, where it tells more than that the error is a text.
fn telling_type(failure: &Failure) -> Option<&str> {
    failure.type_name().filter(|name| !matches!(*name, "String" | "Box<str>" | "Cow<str>"))
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
    #[serde(default)]
    cause: Option<Json>,
}

impl Written {
    fn of(json: &Json) -> Option<Written> {
        json.decode().ok()
    }

    fn kept(&self) -> Option<Kept> {
        self.data.as_ref()?.decode().ok()
    }

    fn message(&self) -> Option<String> {
        self.message.clone().or_else(|| self.error.clone()).filter(|message| !message.is_empty())
    }

    /// The texts of its causes, the nearest first.
    fn causes(&self) -> Vec<String> {
        let mut causes = Vec::new();
        let mut next = self.cause.clone().filter(|cause| cause.as_str() != "null");
        while let Some(cause) = next
            && causes.len() < CAUSES_MAX
        {
            let written = Written::of(&cause);
            // What is no error is shown as it is: other SDKs take any value for a cause.
            let text = written.as_ref().and_then(Written::message).or_else(|| cause.decode().ok());
            causes.push(text.unwrap_or_else(|| cause.to_string()));
            next = written.and_then(|written| written.cause);
        }
        causes
    }
}

/// Reads an error that the server has kept, and how many attempts it took.
pub(super) fn read(json: &Json) -> (Failure, u32) {
    const SILENT: &str = "it failed, and did not say why";
    let Some(written) = Written::of(json) else { return (Failure::msg(SILENT), 1) };
    let of_cause = || Written::of(written.cause.as_ref()?)?.kept();
    if let Some(Kept { failure, attempts }) = written.kept().or_else(of_cause) {
        return (failure, attempts);
    }
    let failure = Failure::msg(written.message().as_deref().unwrap_or(SILENT)).with_causes(written.causes());
    let failure = match written.name.as_deref() {
        Some(FATAL) => failure.into_fatal(),
        // How long the wait would have been is not told, and of no interest any more.
        Some(RETRY_AFTER) => failure.with_retry_after(Duration::ZERO),
        None | Some("" | PLAIN) => failure,
        Some(name) => failure.of_type(name, json.clone()),
    };
    (failure, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(object: &ErrorObject) -> Json {
        Json::encode(object).expect("an error is JSON")
    }

    fn failures() -> [Failure; 5] {
        [
            Failure::msg("plain"),
            Failure::msg("fatal").into_fatal(),
            Failure::typed(&17).into_fatal(),
            Failure::from(Outer),
            Failure::msg("in the end").with_causes(["middle".to_owned(), "start".to_owned()]),
        ]
    }

    #[derive(Debug)]
    struct Outer;

    impl std::fmt::Display for Outer {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("outer")
        }
    }

    impl std::error::Error for Outer {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            const INNER: &std::fmt::Error = &std::fmt::Error;
            Some(INNER)
        }
    }

    #[test]
    fn what_is_kept_of_a_steps_error_comes_back() {
        for failure in failures() {
            let object = ErrorObject::of_step(&failure, 3, Location::caller());
            assert_eq!(read(&json(&object)), (failure, 3));
        }
    }

    #[test]
    fn a_functions_error_comes_back_from_its_cause_alone() {
        for failure in failures() {
            let mut object = ErrorObject::of_function(&failure);
            object.data = None;
            assert_eq!(read(&json(&object)).0, failure);
        }
    }

    #[test]
    fn a_text_is_called_an_error() {
        let failure = Failure::typed(&"a text is serde".to_owned());
        let object = ErrorObject::of_step(&failure, 1, Location::caller());
        assert_eq!((object.name.as_str(), read(&json(&object)).0), (PLAIN, failure.clone()));
        assert!(ErrorObject::of_function(&failure).cause.is_none(), "its value is its message");
    }

    #[test]
    fn an_error_that_said_when_to_try_again_keeps_its_name() {
        let failure = Failure::msg("busy").with_retry_after(Duration::from_secs(7));
        let object = ErrorObject::of_step(&failure, 1, Location::caller());
        assert_eq!(read(&json(&object)).0, failure);
        let written = r#"{"name": "RetryAfterError", "message": "busy", "stack": ".."}"#;
        let (foreign, _) = read(&Json::parse(written.to_owned()).expect("this is JSON"));
        assert_eq!(ErrorObject::of_function(&foreign).name, RETRY_AFTER);
    }

    #[test]
    fn a_plain_error_is_a_name_a_message_and_a_stack() {
        let object = ErrorObject::of_step(&Failure::msg("boom"), 1, Location::caller());
        assert!(object.data.is_none() && object.cause.is_none());
        assert_eq!((object.name.as_str(), object.stack.lines().next()), ("Error", Some("Error: boom")));
    }

    #[test]
    fn errors_of_other_sdks_are_read() {
        let read = |text: &str| read(&Json::parse(text.to_owned()).expect("this is JSON")).0;
        let failure = read(r#"{"name": "TypeError", "message": "always", "stack": "..", "other": 1}"#);
        assert_eq!((failure.message(), failure.type_name()), ("always", Some("TypeError")));
        assert!(read(r#"{"name": "NonRetriableError", "message": "no"}"#).is_fatal());
        assert_eq!(read(r#"{"error": "old form"}"#).message(), "old form");
        assert_eq!(read("17").message(), "it failed, and did not say why");
        assert_eq!(read(r#"{"message": "m", "cause": "text", "data": {"x": 1}}"#).causes(), ["text"]);
        let caused = read(r#"{"message": "m", "cause": {"name": "E", "message": "middle", "cause": {"code":5}}}"#);
        assert_eq!(caused.causes(), ["middle", r#"{"code":5}"#]);
    }

    #[test]
    fn causes_are_nested() {
        let object = ErrorObject::of_function(&Failure::from(Outer));
        let cause = object.cause.expect("it has one");
        assert_eq!(cause.message, std::fmt::Error.to_string());
    }
}
