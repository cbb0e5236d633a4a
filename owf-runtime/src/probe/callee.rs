//! Functions that are compared with a list by what they are.
//!
//! Every function has a type of its own, whatever name it is called by. A [`Callee`] is a function in question beside a list
//! of others. Its `verdict` is the lint for which the list has the function ([`Find`]), and otherwise the one that a method
//! call finds behind a further reference.

use super::Fine;

/// A function in question, and the functions that it is compared with.
#[derive(Debug)]
pub struct Callee<'a, F, List>(pub &'a F, pub List);

/// What a function reads or does.
macro_rules! kinds {
    ($($doc:literal $lint:ident, $demand:ident { $($text:tt)* })*) => {
        $(
            #[doc = $doc]
            #[derive(Debug, Default)]
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
        )*
    };
}

/// A function of one lint is none of the others.
macro_rules! others {
    ($($lint:ident: $($demand:ident)*;)*) => {
        $($(
            #[diagnostic::do_not_recommend]
            impl<F> $demand<F> for $lint {}
        )*)*
    };
}

others! {
    Clock: NoEnvironment NoThread NoFiles;
    Environment: NoClock NoThread NoFiles;
    Thread: NoClock NoEnvironment NoFiles;
    Files: NoClock NoEnvironment NoThread;
}

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

/// A list with the function `F`, at the place `At`.
pub trait Find<F, At> {
    /// What is said of the function.
    type Lint: Default;
}

/// A place in a list.
#[derive(Debug)]
pub struct At<const PLACE: usize>;

/// A function that is in the list.
pub trait ListedCallee<At> {
    /// What is said of it.
    type Verdict;

    /// The verdict.
    fn verdict(&self) -> Self::Verdict;
}

impl<F, List: Find<F, At>, At> ListedCallee<At> for Callee<'_, F, List> {
    type Verdict = List::Lint;

    fn verdict(&self) -> Self::Verdict {
        List::Lint::default()
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

/// A list's type, and the lint of the function at each place. All implementations are of one depth, since rustc looks at each
/// of them for every function in question.
macro_rules! list_of {
    ($(#[$doc:meta])* $list:ident $types:tt: $($place:literal $function:ident $lint:ident,)*) => {
        list_of! { @type $(#[$doc])* $list $types }
        $(list_of! { @place $list $types $place $function $lint })*
    };
    (@type $(#[$doc:meta])* $list:ident ($($type:ident)*)) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $list<$($type),*>($(pub $type),*);
    };
    (@place $list:ident ($($type:ident)*) $place:literal $function:ident $lint:ident) => {
        impl<$($type),*> Find<$function, At<$place>> for $list<$($type),*> {
            type Lint = $lint;
        }
    };
}

list_of! {
    /// The functions of `__listed_without_arguments`, in its order.
    WithoutArguments (A B C D E F G H):
        0 A Clock,
        1 B Clock,
        2 C Clock,
        3 D Environment,
        4 E Environment,
        5 F Environment,
        6 G Environment,
        7 H Thread,
}

list_of! {
    /// The functions of `__listed_with_one_argument`, in its order.
    WithOneArgument (A B C D E F):
        0 A Thread,
        1 B Environment,
        2 C Environment,
        3 D Files,
        4 E Files,
        5 F Files,
}

// The lists: the standard library's functions by which most of its effects are had.

/// The listed functions without arguments.
#[doc(hidden)]
#[macro_export]
macro_rules! __listed_without_arguments {
    () => {
        $crate::__private::WithoutArguments(
            ::std::time::Instant::now,
            ::std::time::SystemTime::now,
            $crate::__private::TokioInstant::now,
            ::std::env::args,
            ::std::env::current_dir,
            ::std::process::id,
            ::std::thread::available_parallelism,
            ::std::thread::current,
        )
    };
}

/// The listed functions with one argument.
#[doc(hidden)]
#[macro_export]
macro_rules! __listed_with_one_argument {
    () => {
        $crate::__private::WithOneArgument(
            ::std::thread::sleep,
            ::std::env::var::<&str>,
            ::std::process::exit,
            ::std::fs::exists::<&str>,
            ::std::fs::read::<&str>,
            ::std::fs::read_to_string::<&str>,
        )
    };
}
