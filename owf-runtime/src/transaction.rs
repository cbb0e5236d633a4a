//! A step that writes to the database of its driver: what it writes commits together with its result.

use std::future::ready;

use rusqlite::Connection;

use crate::failure::Failure;
use crate::host::BoxFuture;
use crate::kernel::Provided;
use crate::step::{Step, Undo};
use crate::stored::Transaction;
use crate::value::{Codec, StepValue};

/// An attempt of a transaction.
pub type Transacting<T> = BoxFuture<'static, Result<T, Failure>>;

/// Runs a body in the driver's transaction, if the driver has any.
pub(crate) fn begin<T, F>(provided: Option<Provided>, body: F) -> Transacting<T>
where
    F: FnOnce(&Connection) -> Result<T, Failure> + Clone + Send + 'static,
    T: StepValue + Send,
{
    match provided.and_then(|provided| provided.downcast::<Transaction>().ok()) {
        Some(transaction) => Box::pin(transaction.run(body, Codec::<T>::new().encode)),
        None => Box::pin(ready(Err(Failure::msg(NO_DATABASE).into_fatal()))),
    }
}

/// Why a transaction cannot begin.
const NO_DATABASE: &str = "it is a transaction, and this driver has no SQL database that it could commit to: run the workflow on \
                           `SqliteDriver`, or in a test put a mock in its place, `kit.mock(\"its-id\").with(value)`";

impl<T: StepValue, F, Fut> Step<T, F, Fut> {
    /// Registers a transaction that undoes the step, should the run not complete: a step of its own, `debit:undo`, with the options of this
    /// one.
    pub fn undo_in_transaction<U, V>(self, undo: U) -> Self
    where
        U: FnOnce(&Connection, T) -> Result<V, Failure> + Clone + Send + 'static,
    {
        self.undone_by(true, undo, |Undo { undo, value, decode }, provided| {
            let (undo, value, decode) = (undo.clone(), value.clone(), *decode);
            let undoing = move |db: &Connection| {
                let value = decode(&value).map_err(|problem| Failure::msg(problem).into_fatal())?;
                // What it yields is nobody's concern.
                undo(db, value).map(drop)
            };
            Some(begin(provided, undoing))
        })
    }
}
