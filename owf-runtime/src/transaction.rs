//! A step that writes to the database of its driver: what it writes commits together with its result.

use std::borrow::Borrow;
use std::fmt;
use std::future::ready;

use rusqlite::Connection;

use crate::failure::Failure;
use crate::host::BoxFuture;
use crate::kernel::{Provided, StepName};
use crate::step::{Body, Step, StepOptions, new_step};
use crate::stored::Transaction;
use crate::value::{Codec, Json, JsonError, StepValue};

/// A body that is given a connection, on the thread that writes.
#[derive(Debug)]
pub struct Transacting<F>(F);

/// Makes a step of which the body is a transaction.
#[track_caller]
pub(crate) fn new_transaction<F, T>(name: StepName<'_>, options: StepOptions, body: F) -> Step<Transacting<F>>
where
    F: FnOnce(&Connection) -> Result<T, Failure> + Clone + Send + 'static,
    T: StepValue + Send,
{
    new_step(name, options.transacts(), Transacting(body))
}

impl<F, T> Body for Transacting<F>
where
    F: FnOnce(&Connection) -> Result<T, Failure> + Clone + Send + 'static,
    T: StepValue + Send,
{
    type Value = T;
    type Future = BoxFuture<'static, Result<T, Failure>>;

    fn begin(&mut self, provided: Option<Provided>) -> Option<Self::Future> {
        Some(begin(provided, self.0.clone()))
    }
}

/// Runs a body in the driver's transaction, if the driver has any.
fn begin<T, F>(provided: Option<Provided>, body: F) -> BoxFuture<'static, Result<T, Failure>>
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

impl<F, T> Step<Transacting<F>>
where
    F: FnOnce(&Connection) -> Result<T, Failure> + Clone + Send + 'static,
    T: StepValue + Send,
{
    /// Registers a transaction that undoes the step, should the run not complete: a step of its own, `debit:undo`, with the options of this
    /// one.
    pub fn undo_in_transaction<G, U>(self, undo: G) -> Self
    where
        G: FnOnce(&Connection, T) -> Result<U, Failure> + Clone + Send + 'static,
    {
        let decode = self.decode();
        self.undone_by(true, move |value| Undo { undo, value, decode })
    }
}

/// The body of a transaction that undoes another, from what that one returned.
struct Undo<G, T> {
    undo: G,
    value: Json,
    decode: fn(&Json) -> Result<T, JsonError>,
}

impl<G, T, U> Body for Undo<G, T>
where
    G: FnOnce(&Connection, T) -> Result<U, Failure> + Clone + Send + 'static,
    T: 'static,
{
    type Value = ();
    type Future = BoxFuture<'static, Result<(), Failure>>;

    fn begin(&mut self, provided: Option<Provided>) -> Option<Self::Future> {
        let (undo, value, decode) = (self.undo.clone(), self.value.clone(), self.decode);
        Some(begin(provided, move |db: &Connection| {
            let value = decode(&value).map_err(|problem| Failure::msg(problem).into_fatal())?;
            // What it yields is nobody's concern.
            undo(db, value).map(drop)
        }))
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
