//! What stands in the place of steps' bodies.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::MemoResult;
use crate::failure::Failure;
use crate::kernel::Attempt;
use crate::value::Json;

/// All mocks of a test. Clones are the same mocks.
#[derive(Clone, Default)]
pub(super) struct Mocks(Arc<Mutex<BTreeMap<String, StepMock>>>);

#[derive(Default)]
struct StepMock {
    /// By the number of the attempt.
    attempts: BTreeMap<u32, MemoResult>,
    /// For all other attempts.
    any: Option<MemoResult>,
    is_used: bool,
}

impl Mocks {
    /// What stands in the place of an attempt, if anything does.
    pub(super) fn of(&self, attempt: &Attempt<'_>) -> Option<MemoResult> {
        let mut mocks = self.content();
        let mock = mocks.get_mut(attempt.step.as_str())?;
        let result = mock.attempts.get(&attempt.number).or(mock.any.as_ref()).cloned();
        mock.is_used |= result.is_some();
        result
    }

    /// The steps whose mocks no attempt has used.
    pub(super) fn unused(&self) -> Vec<String> {
        let mocks = self.content();
        mocks.iter().filter(|(_, mock)| !mock.is_used).map(|(step, _)| step.clone()).collect()
    }

    pub(super) fn mock(&self, step: &str) -> Mock {
        self.content().entry(step.to_owned()).or_default();
        Mock { mocks: self.clone(), step: step.to_owned(), attempt: None }
    }

    fn content(&self) -> MutexGuard<'_, BTreeMap<String, StepMock>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is to stand in the place of a step's body: made by [`TestKit::mock`](super::TestKit::mock).
///
/// The step is executed as ever (with its retries, its record and its undo), only its body does not run.
#[must_use = "a mock stands for nothing until it is said what it does: add `.with(value)` or `.fail_with(error)`"]
pub struct Mock {
    mocks: Mocks,
    step: String,
    attempt: Option<u32>,
}

impl Mock {
    /// Speaks of one attempt, from 1; what is said before speaks of all others.
    pub fn attempt(mut self, number: u32) -> Mock {
        self.attempt = Some(number);
        self
    }

    /// The step returns this value; an undo, `()`.
    ///
    /// # Panics
    ///
    /// When the value has no form in JSON.
    #[track_caller]
    pub fn with<T: Serialize>(self, value: T) -> MockSaid {
        match Json::encode(&value) {
            Ok(json) => self.set(MemoResult::Value(json)),
            Err(problem) => panic!("the mock of step `{}` cannot be recorded: {problem}", self.step),
        }
    }

    /// The attempt fails with this error: a text, an error, or a [`StepError`](crate::StepError) that says more.
    pub fn fail_with(self, error: impl Into<Failure>) -> MockSaid {
        self.set(MemoResult::Error(error.into()))
    }

    /// The attempt fails with this serde error, which comes back by [`StepError::downcast`](crate::StepError::downcast).
    pub fn fail_with_typed<E>(self, error: E) -> MockSaid
    where
        E: fmt::Display + Serialize + DeserializeOwned + Send + 'static,
    {
        self.set(MemoResult::Error(Failure::typed(&error)))
    }

    fn set(self, result: MemoResult) -> MockSaid {
        {
            let mut mocks = self.mocks.content();
            let mock = mocks.entry(self.step.clone()).or_default();
            match self.attempt {
                Some(number) => drop(mock.attempts.insert(number, result)),
                None => mock.any = Some(result),
            }
        }
        MockSaid(Mock { attempt: None, ..self })
    }
}

impl fmt::Debug for Mock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mock").field("step", &self.step).field("attempt", &self.attempt).finish_non_exhaustive()
    }
}

/// A mock of which something was said: [`attempt`](MockSaid::attempt) says more.
#[derive(Debug)]
pub struct MockSaid(Mock);

impl MockSaid {
    /// Speaks of another attempt of the step.
    pub fn attempt(self, number: u32) -> Mock {
        self.0.attempt(number)
    }
}
