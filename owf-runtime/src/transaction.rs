//! A step that writes to the database of its driver: what it writes commits together with its result.

use std::borrow::Borrow;
use std::fmt;
use std::future::ready;
use std::marker::PhantomData;

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
/// What is behind a reference is cloned, and lent to the body as it was. A method call tries that first.
#[derive(Debug)]
pub struct Captured<'a, T>(pub &'a T);

impl<B: ?Sized> Captured<'_, &B> {
    /// The clone of what is referred to. Its type is a parameter, so that this is what a call means also where there is none.
    pub fn keep<K>(&self) -> Lent<B, K>
    where
        Clones: KeptForTransaction<B, Kept = K>,
    {
        Lent(Clones::keep(self.0), PhantomData)
    }
}

/// What [`Captured::keep`] is for all that is no reference.
pub trait KeepValue<T> {
    /// The clone.
    fn keep(&self) -> Given<<Clones as KeptForTransaction<T>>::Kept>
    where
        Clones: KeptForTransaction<T>;
}

impl<T> KeepValue<T> for Captured<'_, T> {
    fn keep(&self) -> Given<<Clones as KeptForTransaction<T>>::Kept>
    where
        Clones: KeptForTransaction<T>,
    {
        Given(Clones::keep(self.0))
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
pub struct Lent<B: ?Sized, K>(K, PhantomData<fn(&B)>);

impl<B: ?Sized, K: Borrow<B>> Lent<B, K> {
    /// The variable.
    pub fn lend(&self) -> &B {
        self.0.borrow()
    }
}

impl<B: ?Sized, K: Clone> Clone for Lent<B, K> {
    fn clone(&self) -> Self {
        Lent(self.0.clone(), PhantomData)
    }
}

impl<T> fmt::Debug for Given<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Given(..)")
    }
}

impl<B: ?Sized, K> fmt::Debug for Lent<B, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lent(..)")
    }
}

/// What a transaction may use of the workflow's variables: `Clones` has it for them.
///
/// The type is a parameter and not `Self`, of which rustc would suggest to borrow it, in place of the note.
#[diagnostic::on_unimplemented(
    message = "a transaction owns a clone of what it uses, and `{T}` cannot be cloned",
    label = "used in the transaction, which runs on the thread that writes, and once for each attempt",
    note = "take what it needs before: `let id = order.id.clone();`, or derive `Clone`"
)]
pub trait KeptForTransaction<T: ?Sized> {
    /// The clone.
    type Kept: Borrow<T> + Clone;

    /// Makes the clone.
    fn keep(variable: &T) -> Self::Kept;
}

/// What makes clones for transactions.
#[derive(Debug)]
pub struct Clones;

#[diagnostic::do_not_recommend]
impl<T: ToOwned<Owned: Clone> + ?Sized> KeptForTransaction<T> for Clones {
    type Kept = T::Owned;

    fn keep(variable: &T) -> T::Owned {
        variable.to_owned()
    }
}
