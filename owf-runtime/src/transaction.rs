//! A step that writes to the database of its driver: what it writes commits together with its result.

use std::borrow::Borrow;
use std::fmt;
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

/// A variable of the workflow that a transaction uses: it gets a clone, because it runs on another thread.
///
/// What is behind a reference is cloned, and lent to the body as it was.
#[derive(Debug)]
pub struct Captured<'a, T>(pub &'a T);

impl<B: ?Sized> Captured<'_, &B> {
    /// The clone of what is referred to.
    pub fn keep(&self) -> Lent<B>
    where
        B: KeptForTransaction,
    {
        Lent((**self.0).keep())
    }
}

/// What [`Captured::keep`] is for all that is no reference.
pub trait KeepValue<T> {
    /// The clone.
    fn keep(&self) -> Given<T::Kept>
    where
        T: KeptForTransaction;
}

impl<T> KeepValue<T> for Captured<'_, T> {
    fn keep(&self) -> Given<T::Kept>
    where
        T: KeptForTransaction,
    {
        Given(self.0.keep())
    }
}

/// A clone of a variable, which the body gets.
#[derive(Clone)]
pub struct Given<T>(T);

impl<T> Given<T> {
    /// The variable.
    pub fn lend(self) -> T {
        self.0
    }
}

/// A clone of what a variable refers to, which the body gets a reference to.
pub struct Lent<B: KeptForTransaction + ?Sized>(B::Kept);

impl<B: KeptForTransaction + ?Sized> Lent<B> {
    /// The variable.
    pub fn lend(&self) -> &B {
        self.0.borrow()
    }
}

impl<B: KeptForTransaction + ?Sized> Clone for Lent<B> {
    fn clone(&self) -> Self {
        Lent(self.0.clone())
    }
}

impl<T> fmt::Debug for Given<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Given(..)")
    }
}

impl<B: KeptForTransaction + ?Sized> fmt::Debug for Lent<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lent(..)")
    }
}

/// What a transaction may use of the workflow's variables.
#[diagnostic::on_unimplemented(
    message = "a transaction owns a clone of what it uses, and `{Self}` cannot be cloned",
    label = "used in the transaction, which runs on the thread that writes, and once for each attempt",
    note = "use what is needed of it: `let id = order.id.clone();` before the transaction; or derive `Clone`"
)]
pub trait KeptForTransaction {
    /// The clone.
    type Kept: Borrow<Self> + Clone;

    /// The clone.
    fn keep(&self) -> Self::Kept;
}

#[diagnostic::do_not_recommend]
impl<T: ToOwned<Owned: Clone> + ?Sized> KeptForTransaction for T {
    type Kept = T::Owned;

    fn keep(&self) -> T::Owned {
        self.to_owned()
    }
}
