//! Values that outlive a process: JSON text, and the types that can become it.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::error::Category;
use serde_json::value::RawValue;

/// A value encoded as JSON text; cheap to clone, never parsed into a tree.
#[derive(Clone)]
pub struct Json(Arc<RawValue>);

impl Json {
    /// Encodes a value.
    ///
    /// # Errors
    ///
    /// When `value`'s `Serialize` fails, or it has no form in JSON (such as a map whose keys are not strings).
    pub fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Json, JsonError> {
        match serde_json::value::to_raw_value(value) {
            Ok(raw) => Ok(Json(raw.into())),
            Err(error) => Err(JsonError::new::<T>(&error)),
        }
    }

    /// The value `null`.
    #[must_use]
    pub fn null() -> Json {
        Json(RawValue::NULL.to_owned().into())
    }

    /// Encodes a value that has to come back: what JSON turns into a `null` that does not decode is refused here, and not on replay.
    pub(crate) fn encode_to_decode<T: Serialize + DeserializeOwned>(value: &T) -> Result<Json, JsonError> {
        let json = Json::encode(value)?;
        if json.as_str().contains("null") && json.decode::<T>().is_err() {
            let problem = "it holds a float that is not a number or infinite, which JSON has no form for".to_owned();
            return Err(JsonError { type_name: std::any::type_name::<T>(), problem });
        }
        Ok(json)
    }

    /// Decodes the value.
    ///
    /// # Errors
    ///
    /// When the text is not a `T`. The error names the type and the place, and quotes nothing of the text.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, JsonError> {
        serde_json::from_str(self.0.get()).map_err(|error| JsonError::new::<T>(&error))
    }

    /// Checks that `text` is JSON and takes it as it stands.
    ///
    /// # Errors
    ///
    /// When `text` is not one JSON value.
    pub fn parse(text: String) -> Result<Json, JsonError> {
        match RawValue::from_string(text) {
            Ok(raw) => Ok(Json(raw.into())),
            Err(error) => Err(JsonError::new::<Json>(&error)),
        }
    }

    /// Whether both texts are the same value, however it is spaced and its fields are ordered.
    #[must_use]
    pub fn is_same_value(&self, other: &Json) -> bool {
        let value = |json: &Json| serde_json::from_str::<serde_json::Value>(json.as_str()).ok();
        self == other || value(self) == value(other)
    }

    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.get()
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Json {}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Json(Box::<RawValue>::deserialize(deserializer)?.into()))
    }
}

/// A value that could not be written as JSON, or read back from it.
///
/// It names the Rust type and the place in the text, never the text itself: payloads may be secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    type_name: &'static str,
    problem: String,
}

impl JsonError {
    fn new<T: ?Sized>(error: &serde_json::Error) -> Self {
        let problem = match error.classify() {
            // An error without a place comes from writing, not from reading.
            _ if error.line() == 0 => error.to_string(),
            // serde's own text may quote the payload, so only the place is kept.
            Category::Data | Category::Io => format!("the shape differs at column {}", error.column()),
            Category::Syntax => format!("not JSON at column {}", error.column()),
            Category::Eof => "the text ends too early".to_owned(),
        };
        JsonError { type_name: std::any::type_name::<T>(), problem }
    }

    /// The Rust type that was to be written or read.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        self.type_name
    }

    /// What does not fit, without the type.
    pub(crate) fn problem(&self) -> &str {
        &self.problem
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` and its JSON do not fit: {}", self.type_name, self.problem)
    }
}

impl std::error::Error for JsonError {}

/// A value that a step may return: it is written down, and read back on every replay.
#[diagnostic::on_unimplemented(
    message = "a step's result must survive a restart, and `{Self}` cannot be stored",
    label = "this step returns `{Self}`",
    note = "return plain data: `{Self}` must be `Serialize + DeserializeOwned + Send + 'static` (`#[derive(serde::Serialize, serde::Deserialize)]`; `String` instead of `&str`; an ID instead of a handle)"
)]
pub trait StepValue: Serialize + DeserializeOwned + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + 'static> StepValue for T {}

/// A value that a workflow may wait for: that of a signal or of an event.
#[diagnostic::on_unimplemented(
    message = "what a workflow waits for must survive a restart, and `{Self}` cannot be stored",
    label = "this waits for `{Self}`",
    note = "if that is `!`, nothing here tells what is waited for, so say what it carries: `wait_for_signal::<String>(..)`",
    note = "otherwise wait for plain data: it must be `Serialize + DeserializeOwned + Send + 'static` (`#[derive(serde::Serialize, serde::Deserialize)]`)"
)]
pub trait ReceivedValue: StepValue {}

#[diagnostic::do_not_recommend]
impl<T: StepValue> ReceivedValue for T {}

/// A value that a workflow may take as its input.
#[diagnostic::on_unimplemented(
    message = "a workflow's input must survive a restart, and `{Self}` cannot be stored",
    label = "the input of this workflow",
    note = "take plain data: `{Self}` must be `Serialize + DeserializeOwned + Send + 'static` (`#[derive(serde::Serialize, serde::Deserialize)]`)"
)]
pub trait WorkflowInput: Serialize + DeserializeOwned + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + 'static> WorkflowInput for T {}

/// A value that a workflow may return.
#[diagnostic::on_unimplemented(
    message = "a workflow's result must survive a restart, and `{Self}` cannot be stored",
    label = "the result of this workflow",
    note = "return plain data: `{Self}` must be `Serialize + DeserializeOwned + Send + 'static` (`#[derive(serde::Serialize, serde::Deserialize)]`)",
    note = "if `{Self}` is another name of a `Result`, write `Result<T, E>` or `WorkflowResult<T>` in the signature"
)]
pub trait WorkflowOutput: Serialize + DeserializeOwned + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + 'static> WorkflowOutput for T {}

/// How a value's type is written and read, taken where the type is known.
pub(crate) struct Codec<T> {
    pub(crate) encode: fn(&T) -> Result<Json, JsonError>,
    pub(crate) decode: fn(&Json) -> Result<T, JsonError>,
}

impl<T: StepValue> Codec<T> {
    pub(crate) const fn new() -> Self {
        Codec { encode: Json::encode_to_decode::<T>, decode: Json::decode::<T> }
    }
}

/// A value on its way into or out of a workflow: live, or encoded where the driver keeps it.
pub(crate) enum Value {
    Live(Box<dyn Any + Send>),
    Encoded(Json),
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Live(_) => f.write_str("Live(..)"),
            Value::Encoded(json) => f.debug_tuple("Encoded").field(json).finish(),
        }
    }
}

impl Value {
    /// Takes the value out as a `T`; a live value of another type is an error, as undecodable text is.
    pub(crate) fn into_typed<T: DeserializeOwned + 'static>(self) -> Result<T, JsonError> {
        match self {
            Value::Encoded(json) => json.decode(),
            Value::Live(any) => match any.downcast::<T>() {
                Ok(value) => Ok(*value),
                Err(_) => Err(JsonError {
                    type_name: std::any::type_name::<T>(),
                    problem: "the value in memory is of another type".to_owned(),
                }),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_never_quotes_the_payload() {
        let json = Json::encode("card 4242").expect("a string is JSON");
        let error = json.decode::<u32>().expect_err("a string is no number");
        assert!(!error.to_string().contains("4242"), "{error}");
        assert!(error.to_string().contains("u32"), "{error}");
    }

    #[test]
    fn a_float_that_would_not_come_back_is_refused() {
        let error = Json::encode_to_decode(&[1.0, f64::NAN]).expect_err("JSON has no NaN");
        assert!(error.to_string().contains("not a number"), "{error}");
        assert!(Json::encode_to_decode(&(None::<f64>, "null".to_owned(), ())).is_ok());
    }

    #[test]
    fn the_order_of_fields_makes_no_other_value() {
        let json = |text: &str| Json::parse(text.to_owned()).expect("valid JSON");
        assert!(json(r#"{"a": 1, "b": 2}"#).is_same_value(&json(r#"{"b":2,"a":1}"#)));
        assert!(!json(r#"{"a": 1}"#).is_same_value(&json(r#"{"a": 2}"#)));
    }

    #[test]
    fn an_error_of_writing_says_what_is_wrong() {
        let map = std::collections::BTreeMap::from([((1, 2), 3)]);
        let error = Json::encode(&map).expect_err("keys are strings in JSON");
        assert!(error.to_string().contains("key must be a string"), "{error}");
    }

    #[test]
    fn text_is_kept_as_written() {
        let json = Json::parse(r#"{"b": 1,  "a":2}"#.to_owned()).expect("valid JSON");
        assert_eq!(serde_json::to_string(&json).expect("JSON"), r#"{"b": 1,  "a":2}"#);
    }

    #[test]
    fn text_that_is_not_json_is_refused() {
        assert!(Json::parse("{".to_owned()).is_err());
    }
}
