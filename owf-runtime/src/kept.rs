//! The workflow's variables in code that may run when these are gone: undos and transactions.

use std::borrow::Borrow;
use std::fmt;
use std::marker::PhantomData;

/// A variable of the workflow that an undo or a transaction uses, and gets a clone of.
///
/// What is behind a reference is cloned, and lent to the code as it was. A method call tries that first.
#[derive(Debug)]
pub struct Captured<'a, T>(pub &'a T);

impl<B: ?Sized> Captured<'_, &B> {
    /// The clone of what is referred to. Its type is a parameter, so that this is what a call means also where there is none.
    pub fn keep<K>(&self) -> Lent<B, K>
    where
        Clones: Keep<B, Kept = K>,
    {
        Lent { value: Clones::keep(self.0), clone: Clones::again, of: PhantomData }
    }
}

/// What [`Captured::keep`] is for all that is no reference.
pub trait KeepValue<T> {
    /// The clone.
    fn keep(&self) -> Given<T>
    where
        Clones: Keep<T, Kept = T>;
}

impl<T> KeepValue<T> for Captured<'_, T> {
    fn keep(&self) -> Given<T>
    where
        Clones: Keep<T, Kept = T>,
    {
        Given { value: Clones::keep(self.0), clone: Clones::again }
    }
}

/// A clone of a variable, which the code gets.
///
/// How it is cloned is kept beside it: where it can't be, that is said once, by [`Keep`].
pub struct Given<T> {
    value: T,
    clone: fn(&T) -> T,
}

impl<T> Given<T> {
    /// The variable.
    pub fn lend(self) -> T {
        self.value
    }
}

impl<T> Clone for Given<T> {
    fn clone(&self) -> Self {
        Given { value: (self.clone)(&self.value), clone: self.clone }
    }
}

/// A clone of what a variable refers to, which the code gets a reference to.
pub struct Lent<B: ?Sized, K> {
    value: K,
    clone: fn(&K) -> K,
    of: PhantomData<fn(&B)>,
}

impl<B: ?Sized, K: Borrow<B>> Lent<B, K> {
    /// The variable.
    pub fn lend(&self) -> &B {
        self.value.borrow()
    }
}

impl<B: ?Sized, K> Clone for Lent<B, K> {
    fn clone(&self) -> Self {
        Lent { value: (self.clone)(&self.value), clone: self.clone, of: PhantomData }
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

/// What an undo or a transaction may use of the workflow's variables: `Clones` has it for them.
///
/// The type is a parameter and not `Self`, of which rustc would suggest to borrow it, in place of the note.
#[diagnostic::on_unimplemented(
    message = "undos and transactions own clones of what they use, and `{T}` cannot be cloned",
    label = "used here, where the workflow's own may be gone",
    note = "use an ID in place of a handle: `let id = order.id.clone();`, or what the step returned; or derive `Clone`"
)]
pub trait Keep<T: ?Sized> {
    /// The clone.
    type Kept: Borrow<T>;

    /// Makes the clone.
    fn keep(variable: &T) -> Self::Kept;

    /// Makes a clone of the clone.
    fn again(kept: &Self::Kept) -> Self::Kept;
}

/// What makes the clones.
#[derive(Debug)]
pub struct Clones;

#[diagnostic::do_not_recommend]
impl<T: ToOwned<Owned: Clone> + ?Sized> Keep<T> for Clones {
    type Kept = T::Owned;

    fn keep(variable: &T) -> T::Owned {
        variable.to_owned()
    }

    fn again(kept: &T::Owned) -> T::Owned {
        kept.clone()
    }
}
