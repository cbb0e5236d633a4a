//! Errors as they are written on the wire, and read back.

use std::panic::Location;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::{RecordedEnd, WorkflowError};
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
    cause: Option<Box<Cause>>,
    /// What else is kept of the error, in the field that the server leaves to SDKs.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Json>,
    #[serde(rename = "__serialized")]
    is_serialized: bool,
}

/// What caused an error, and what is kept of that error beside its name and its message. It is seen in the server's UI.
#[derive(Clone, Debug, Default, Serialize)]
struct Cause {
    #[serde(flatten)]
    error: Option<ErrorObject>,
    #[serde(flatten)]
    kept: Option<KeptValue>,
    #[serde(rename = "owf:end", skip_serializing_if = "Option::is_none")]
    end: Option<RecordedEnd>,
}

/// How a run has ended, as its cause tells.
#[derive(Deserialize)]
struct KeptEnd {
    #[serde(rename = "owf:end")]
    end: RecordedEnd,
}

/// What a name and a message do not tell of a step's error: it brings back its value and its causes, and how many attempts there were.
#[derive(Serialize, Deserialize)]
struct Kept {
    failure: Failure,
    attempts: u32,
}

/// What a name, a message and causes do not tell of a function's error.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct KeptValue {
    /// The value of the error, which is of the type that its name says.
    value: Json,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    fatal: bool,
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

    /// The error of a function. The server keeps no more of it than its cause, when it hands it to the function that has invoked this one, or
    /// tells of its failure.
    pub(super) fn of_function(error: &WorkflowError) -> ErrorObject {
        let failure = error.failure();
        let mut object = ErrorObject::of_failure(failure);
        // A text says no more than the message, and what another SDK has written no more than the object itself.
        if let Some(name) = telling_type(failure)
            && let Some(value) = failure.value()
            && Written::of(value).is_none_or(|written| written.name.as_deref() != Some(name))
        {
            let kept = KeptValue { value: value.clone(), fatal: failure.is_fatal() };
            object.cause.get_or_insert_default().kept = Some(kept);
        }
        if let Some(end) = RecordedEnd::of(error) {
            object.cause.get_or_insert_default().end = Some(end);
        }
        if let [undo, ..] = error.failed_undos() {
            object.message = format!("{} (and an undo failed: {undo})", object.message);
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
            let error = ErrorObject { cause, ..ErrorObject::new(PLAIN, message.as_str()) };
            Some(Box::new(Cause { error: Some(error), ..Cause::default() }))
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
#[derive(Default, Deserialize)]
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

    /// The value that the error was kept with, if it is named after its type.
    fn value(&self) -> Option<KeptValue> {
        self.cause.as_ref()?.decode().ok()
    }

    /// How the run has ended whose error it is.
    fn end(&self) -> Option<RecordedEnd> {
        let KeptEnd { end } = self.cause.as_ref()?.decode().ok()?;
        Some(end)
    }

    /// The texts of its causes, the nearest first.
    fn causes(&self) -> Vec<String> {
        let mut causes = Vec::new();
        // A cause may tell of the run's end alone.
        let is_end = |cause: &Json| {
            cause.decode::<KeptEnd>().is_ok() && Written::of(cause).is_none_or(|cause| cause.message().is_none())
        };
        let mut next = self.cause.clone().filter(|cause| cause.as_str() != "null" && !is_end(cause));
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

    fn into_failure(self, json: &Json) -> Failure {
        const SILENT: &str = "it failed, and did not say why";
        let failure = Failure::msg(self.message().as_deref().unwrap_or(SILENT));
        let name = match self.name.as_deref() {
            Some(FATAL) => return failure.into_fatal().with_causes(self.causes()),
            // How long the wait would have been is not told, and of no interest any more.
            Some(RETRY_AFTER) => return failure.with_retry_after(Duration::ZERO).with_causes(self.causes()),
            None | Some("" | PLAIN) => return failure.with_causes(self.causes()),
            Some(name) => name,
        };
        let Some(KeptValue { value, fatal }) = self.value() else {
            return failure.of_type(name, json.clone()).with_causes(self.causes());
        };
        let is_cause = self.cause.as_ref().and_then(Written::of).is_some_and(|cause| cause.message().is_some());
        let failure = failure.of_type(name, value).with_causes(if is_cause { self.causes() } else { Vec::new() });
        if fatal { failure.into_fatal() } else { failure }
    }
}

/// Reads an error that the server has kept, and how many attempts it took.
pub(super) fn read(json: &Json) -> (Failure, u32) {
    let written = Written::of(json).unwrap_or_default();
    if let Some(Kept { failure, attempts }) = written.kept() {
        return (failure, attempts);
    }
    let is_cancelled = written.end().is_some_and(|end| end.is_cancelled());
    let failure = written.into_failure(json);
    match is_cancelled {
        true => (Failure::msg(format_args!("it was cancelled: {}", failure.message())).into_fatal(), 1),
        false => (failure, 1),
    }
}

/// Reads the error of a run that has failed.
pub(super) fn read_of_run(json: &Json) -> WorkflowError {
    let mut written = Written::of(json).unwrap_or_default();
    match written.end() {
        Some(end) => {
            written.message = end.message().map(str::to_owned).or(written.message);
            end.into_error(written.into_failure(json))
        }
        None => WorkflowError::of_failure(read(json).0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(object: &ErrorObject) -> Json {
        Json::encode(object).expect("an error is JSON")
    }

    fn failures() -> [Failure; 6] {
        [
            Failure::msg("plain"),
            Failure::msg("fatal").into_fatal(),
            Failure::typed(&17).into_fatal(),
            Failure::typed(&[1, 2, 3].len()).with_causes(["start".to_owned()]),
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
            let error = WorkflowError::of_failure(failure);
            let object = ErrorObject::of_function(&error);
            assert!(object.data.is_none());
            assert_eq!(read(&json(&object)).0, *error.failure());
            assert_eq!(read_of_run(&json(&object)), error);
        }
    }

    #[test]
    fn the_value_of_a_functions_error_is_seen_beside_its_causes() {
        let cause = |failure: Failure| {
            serde_json::to_value(ErrorObject::of_function(&WorkflowError::of_failure(failure)).cause).expect("JSON")
        };
        assert_eq!(cause(Failure::typed(&17)), serde_json::json!({ "value": 17 }));
        let (foreign, _) = read(&Json::parse(r#"{"name": "E", "message": "m"}"#.to_owned()).expect("this is JSON"));
        assert_eq!(cause(foreign), serde_json::Value::Null);
        let caused = cause(Failure::typed(&17).into_fatal().with_causes(["start".to_owned()]));
        let error =
            serde_json::json!({ "name": "Error", "message": "start", "stack": "Error: start", "__serialized": true });
        let mut expected = serde_json::json!({ "value": 17, "fatal": true });
        expected.as_object_mut().expect("a map").extend(error.as_object().expect("a map").clone());
        assert_eq!(caused, expected);
    }

    #[test]
    fn a_text_is_called_an_error() {
        let failure = Failure::typed(&"a text is serde".to_owned());
        let object = ErrorObject::of_step(&failure, 1, Location::caller());
        assert_eq!((object.name.as_str(), read(&json(&object)).0), (PLAIN, failure.clone()));
        assert!(
            ErrorObject::of_function(&WorkflowError::of_failure(failure)).cause.is_none(),
            "its value is its message"
        );
    }

    #[test]
    fn an_error_that_said_when_to_try_again_keeps_its_name() {
        let failure = Failure::msg("busy").with_retry_after(Duration::from_secs(7));
        let object = ErrorObject::of_step(&failure, 1, Location::caller());
        assert_eq!(read(&json(&object)).0, failure);
        let written = r#"{"name": "RetryAfterError", "message": "busy", "stack": ".."}"#;
        let (foreign, _) = read(&Json::parse(written.to_owned()).expect("this is JSON"));
        assert_eq!(ErrorObject::of_function(&WorkflowError::of_failure(foreign)).name, RETRY_AFTER);
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
        let object = ErrorObject::of_function(&WorkflowError::of_failure(Failure::from(Outer)));
        let cause = object.cause.and_then(|cause| cause.error).expect("it has one");
        assert_eq!(cause.message, std::fmt::Error.to_string());
    }
}
