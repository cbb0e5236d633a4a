//! Functions that are compared with a list by what they are.
//!
//! Every function has a type of its own, whatever name it is called by. A [`Callee`] is a function in question beside a list
//! of others, as nested pairs. Its `verdict` is the trait's for which the list has the function ([`Find`]), and otherwise
//! the one that a method call finds behind a further reference.

use std::marker::PhantomData;

use super::Fine;

/// A function in question, and the functions that it is compared with.
#[derive(Debug)]
pub struct Callee<'a, F, List>(pub &'a F, pub List);

/// What a function reads or does.
macro_rules! kinds {
    ($($doc:literal $lint:ident, $demand:ident { $($text:tt)* })*) => {
        $(
            #[doc = $doc]
            #[derive(Debug)]
            pub struct $lint;

            /// What a function must not be listed as.
            #[diagnostic::on_unimplemented($($text)*)]
            pub trait $demand<F>: Sized {
                /// Accepts the verdict on the function, and passes it on.
                fn check(_: &F, verdict: Self) -> Self {
                    verdict
                }
            }

            #[diagnostic::do_not_recommend]
            impl<F> $demand<F> for Fine {}

            #[diagnostic::do_not_recommend]
            impl<F, Lint: NotThe<$lint>> $demand<F> for Banned<Lint> {}
        )*
    };
}

/// The verdict on a listed function.
#[derive(Debug)]
pub struct Banned<Lint>(PhantomData<Lint>);

/// Another lint than that.
pub trait NotThe<Lint> {}

list! { NotThe<Environment>: [] Clock, [] Thread, [] Files, }
list! { NotThe<Clock>: [] Environment, [] Thread, [] Files, }
list! { NotThe<Thread>: [] Clock, [] Environment, [] Files, }
list! { NotThe<Files>: [] Clock, [] Environment, [] Thread, }

kinds! {
    "Reads the clock." Clock, NoClock {
        message = "this function reads the clock, and a replay would read another value",
        label = "stands for `{F}`",
        note = "call it in a step: `let now = step!(\"now\", now()).await?;`",
        note = "owf::wall_clock"
    }
    "Reads the environment." Environment, NoEnvironment {
        message = "this function reads the environment, which may be another one on replay",
        label = "stands for `{F}`",
        note = "call it in a step, or pass what it reads as the workflow's input",
        note = "owf::environment"
    }
    "Is about threads." Thread, NoThread {
        message = "this function blocks its thread or asks for it, and a replay does so again, on another",
        label = "stands for `{F}`",
        note = "wait with `sleep(\"cool-off\", duration).await`, or call it in a step",
        note = "owf::threads"
    }
    "Reads what other programs write." Files, NoFiles {
        message = "this function reads what a replay may find changed",
        label = "stands for `{F}`",
        note = "call it in a step, whose result is recorded",
        note = "owf::io"
    }
}

/// The first of a list.
#[derive(Debug)]
pub struct Here;

/// A later one of a list.
#[derive(Debug)]
pub struct There<At>(At);

/// A list with the function `F`.
pub trait Find<F, At> {
    /// What is said of the function.
    type Lint;
}

impl<Lint, F, Rest> Find<F, Here> for ((Lint, F), Rest) {
    type Lint = Lint;
}

impl<F, First, Rest, At> Find<F, There<At>> for (First, Rest)
where
    Rest: Find<F, At>,
{
    type Lint = Rest::Lint;
}

/// A function that is in the list.
pub trait ListedCallee<At> {
    /// What is said of it.
    type Verdict;

    /// The verdict.
    fn verdict(&self) -> Self::Verdict;
}

impl<F, List: Find<F, At>, At> ListedCallee<At> for Callee<'_, F, List> {
    type Verdict = Banned<List::Lint>;

    fn verdict(&self) -> Self::Verdict {
        Banned(PhantomData)
    }
}

/// A function that is not in the list: a method call looks here last.
pub trait UnlistedCallee {
    /// It is fine.
    fn verdict(&self) -> Fine {
        Fine
    }
}

impl<F, List> UnlistedCallee for &Callee<'_, F, List> {}

// The lists: the standard library's functions by which most of its effects are had, as nested pairs. Each entry costs the
// compiler some 50 microseconds for a function in question.

/// The listed functions without arguments.
#[doc(hidden)]
#[macro_export]
macro_rules! __listed_without_arguments {
    () => {
        (
            ($crate::__private::Clock, ::std::time::Instant::now),
            (
                ($crate::__private::Clock, ::std::time::SystemTime::now),
                (
                    ($crate::__private::Clock, $crate::__private::TokioInstant::now),
                    (
                        ($crate::__private::Environment, ::std::env::args),
                        (
                            ($crate::__private::Environment, ::std::env::current_dir),
                            (
                                ($crate::__private::Environment, ::std::process::id),
                                (
                                    ($crate::__private::Environment, ::std::thread::available_parallelism),
                                    (($crate::__private::Thread, ::std::thread::current), ()),
                                ),
                            ),
                        ),
                    ),
                ),
            ),
        )
    };
}

/// The listed functions with one argument.
#[doc(hidden)]
#[macro_export]
macro_rules! __listed_with_one_argument {
    () => {
        (
            ($crate::__private::Thread, ::std::thread::sleep),
            (
                ($crate::__private::Environment, ::std::env::var::<&str>),
                (
                    ($crate::__private::Environment, ::std::process::exit),
                    (
                        ($crate::__private::Files, ::std::fs::exists::<&str>),
                        (
                            ($crate::__private::Files, ::std::fs::read::<&str>),
                            (($crate::__private::Files, ::std::fs::read_to_string::<&str>), ()),
                        ),
                    ),
                ),
            ),
        )
    };
}
