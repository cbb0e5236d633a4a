//! The names of runs and of the operations in them.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// The ID of an operation within a run: as written, or `id:1`, `id:2`, ... where the same ID is met again.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepId(SmolStr);

impl StepId {
    /// Takes an ID as it is recorded.
    #[must_use]
    pub fn new(id: &str) -> StepId {
        StepId(SmolStr::new(id))
    }

    /// The ID's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The ID of a run: chosen by the caller (`order-42`), or made by the client.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(SmolStr);

impl RunId {
    /// Takes an ID as it stands.
    #[must_use]
    pub fn new(id: &str) -> RunId {
        RunId(SmolStr::new(id))
    }

    /// The ID's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! text_id {
    ($id:ident) => {
        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self.as_str(), f)
            }
        }

        impl From<&str> for $id {
            fn from(id: &str) -> Self {
                $id::new(id)
            }
        }

        impl From<String> for $id {
            fn from(id: String) -> Self {
                $id(SmolStr::from(id))
            }
        }

        impl From<&String> for $id {
            fn from(id: &String) -> Self {
                $id::new(id)
            }
        }

        impl From<&$id> for $id {
            fn from(id: &$id) -> Self {
                id.clone()
            }
        }

        impl PartialEq<str> for $id {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $id {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }
    };
}

text_id!(StepId);
text_id!(RunId);

/// A step's ID as the workflow writes it.
#[derive(Debug)]
pub struct StepName<'a>(pub(crate) Cow<'a, str>);

/// What may stand as a step's ID: a literal, a `String`, or a reference to one.
#[diagnostic::on_unimplemented(
    message = "the ID of a step is a text, and `{Self}` is not",
    label = "expected a text",
    note = "write a literal, `\"charge\"`, or make a text of what tells the step from others: `format!(\"charge-{{}}\", order.id)`"
)]
pub trait IntoStepName<'a> {
    /// The ID.
    fn into_step_name(self) -> StepName<'a>;
}

#[diagnostic::do_not_recommend]
impl<'a> IntoStepName<'a> for &'a str {
    fn into_step_name(self) -> StepName<'a> {
        StepName(Cow::Borrowed(self))
    }
}

#[diagnostic::do_not_recommend]
impl<'a> IntoStepName<'a> for &'a String {
    fn into_step_name(self) -> StepName<'a> {
        StepName(Cow::Borrowed(self))
    }
}

#[diagnostic::do_not_recommend]
impl<'a> IntoStepName<'a> for String {
    fn into_step_name(self) -> StepName<'a> {
        StepName(Cow::Owned(self))
    }
}

#[diagnostic::do_not_recommend]
impl<'a> IntoStepName<'a> for Cow<'a, str> {
    fn into_step_name(self) -> StepName<'a> {
        StepName(self)
    }
}

#[diagnostic::do_not_recommend]
impl<'a> IntoStepName<'a> for &'a StepId {
    fn into_step_name(self) -> StepName<'a> {
        StepName(Cow::Borrowed(self.as_str()))
    }
}
