//! Several durable operations at once: `join!` and `race!`.
//!
//! Which branch goes on first is decided by the order in which results are recorded, so it is the same on a replay.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::durable::{Durable, sealed::Sealed};
use crate::kernel::{State, with_state};

/// Counts a combinator as being awaited, from its first poll to its end.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    entered: bool,
}

impl Lanes {
    pub(crate) fn enter(&mut self) {
        if !self.entered {
            self.entered = true;
            with_state(|state| state.enter_lanes());
        }
    }

    pub(crate) fn leave(&mut self) {
        if self.entered {
            self.entered = false;
            with_state(|state| state.leave_lanes());
        }
    }
}

impl Drop for Lanes {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Waits for several durable operations, which may be of different types, and yields a tuple of their values.
///
/// ```
/// use owf_runtime::prelude::*;
///
/// #[workflow]
/// async fn both(n: u32) -> WorkflowResult<u32> {
///     let (a, b) = join!(step!("a", n + 1), step!("b", n + 2)).await;
///     Ok(a? + b?)
/// }
/// ```
#[macro_export]
macro_rules! join {
    ($($durable:expr),+ $(,)?) => {
        $crate::__private::join(($($crate::__private::durable($durable).operand(),)+))
    };
    ($($other:tt)*) => {
        ::core::compile_error!("`join!` takes durable operations, separated by commas: `join!(step!(..), step!(..)).await`")
    };
}

/// Waits for the first of several durable operations; the others are dropped.
///
/// With operations of one type it is awaited for the value of the first: `race!(a, b).await`. With arms, in a workflow,
/// it is an expression of its own, and each arm handles its value:
///
/// ```
/// use std::time::Duration;
///
/// use owf_runtime::prelude::*;
///
/// #[workflow]
/// async fn quote(item: String) -> WorkflowResult<u32> {
///     let cents = race! {
///         offer = step!("ask", item.len() as u32) => offer?,
///         _ = sleep("patience", Duration::from_secs(60)) => 0,
///     };
///     Ok(cents)
/// }
/// ```
///
/// The winner is the operation whose result is recorded first. On a replay the results are handed out in the recorded order,
/// so it wins again.
#[macro_export]
macro_rules! race {
    (@used) => {};
    ($($durable:expr),+ $(,)?) => {
        $crate::__private::race_same([$($crate::__private::boxed_durable($crate::__private::durable($durable).operand())),+])
    };
    ($($other:tt)*) => {
        ::core::compile_error!("`race!` with arms (`value = operation => ..`) stands directly in a `#[workflow]` or `#[durable]` function")
    };
}

/// One operand of `join!` or `race!`: the operation, then its value.
#[derive(Debug)]
pub struct Operand<D: Durable> {
    durable: Option<Pin<Box<D>>>,
    value: Option<D::Output>,
}

// Nothing in it is pinned: the operation has its own place on the heap.
impl<D: Durable> Unpin for Operand<D> {}

impl<D: Durable> Operand<D> {
    fn new(durable: D) -> Self {
        Operand { durable: Some(Box::pin(durable)), value: None }
    }

    /// Polls until the value is there, then drops the operation; whether it is there.
    fn poll(&mut self, cx: &mut Context<'_>) -> bool {
        if let Some(durable) = &mut self.durable
            && let Poll::Ready(value) = durable.as_mut().poll_durable(cx)
        {
            self.value = Some(value);
            self.durable = None;
        }
        self.durable.is_none()
    }
}

/// The operands of `join!` or `race!`, as a tuple.
pub trait Operands: Unpin {
    /// The values of all, as a tuple.
    type All;
    /// The value of one, as an enum.
    type One;

    /// Polls all; the values once all are there.
    fn poll_all(&mut self, cx: &mut Context<'_>) -> Poll<Self::All>;

    /// Polls all in order; the value of the first that is there.
    fn poll_one(&mut self, cx: &mut Context<'_>) -> Poll<Self::One>;
}

/// What `join!` makes: awaiting it yields a tuple.
#[must_use = "operations that are joined do nothing unless awaited: add `.await`"]
pub struct Join<O> {
    operands: O,
    lanes: Lanes,
}

impl<O> Sealed for Join<O> {}

#[diagnostic::do_not_recommend]
impl<O: Operands> Durable for Join<O> {
    type Output = O::All;

    fn poll_durable(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.lanes.enter();
        let polled = self.operands.poll_all(cx);
        if polled.is_ready() {
            self.lanes.leave();
        }
        polled
    }
}

impl<O> fmt::Debug for Join<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Join").finish_non_exhaustive()
    }
}

/// What `race!` makes: awaiting it yields the value of the operation that ends first.
#[must_use = "operations that race do nothing unless awaited: add `.await`"]
pub struct Race<O> {
    operands: Option<O>,
    lanes: Lanes,
}

impl<O> Sealed for Race<O> {}

#[diagnostic::do_not_recommend]
impl<O: Operands> Durable for Race<O> {
    type Output = O::One;

    fn poll_durable(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.lanes.enter();
        let Some(operands) = &mut self.operands else { return Poll::Pending };
        let polled = {
            let _racing = Racing::begin();
            operands.poll_one(cx)
        };
        if polled.is_ready() {
            // The losers stop now, not when the value has been handled.
            self.operands = None;
            self.lanes.leave();
        }
        polled
    }
}

impl<O> fmt::Debug for Race<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Race").finish_non_exhaustive()
    }
}

/// While it lives, the arms of a race are polled.
struct Racing;

impl Racing {
    fn begin() -> Racing {
        with_state(State::enter_race);
        Racing
    }
}

impl Drop for Racing {
    fn drop(&mut self) {
        with_state(State::leave_race);
    }
}

/// What turns a tuple of operations into [`Operands`].
pub trait IntoOperands {
    /// The operands.
    type Operands: Operands;

    /// Puts each operation in its place.
    fn into_operands(self) -> Self::Operands;
}

/// Joins a tuple of operations.
pub fn join<T: IntoOperands>(operations: T) -> Join<T::Operands> {
    Join { operands: operations.into_operands(), lanes: Lanes::default() }
}

/// Lets a tuple of operations race.
pub fn race<T: IntoOperands>(operations: T) -> Race<T::Operands> {
    Race { operands: Some(operations.into_operands()), lanes: Lanes::default() }
}

/// Puts an operation on the heap, so that operations with the same value have the same type.
pub fn boxed_durable<'a, D: Durable + Send + 'a>(operation: D) -> crate::BoxDurable<'a, D::Output> {
    Box::pin(operation)
}

/// Lets operations of one type race.
pub fn race_same<'a, T, const N: usize>(operations: [crate::BoxDurable<'a, T>; N]) -> RaceSame<'a, T> {
    RaceSame { operations: Vec::from(operations), lanes: Lanes::default() }
}

/// What `race!` makes of operations of one type.
#[must_use = "operations that race do nothing unless awaited: add `.await`"]
pub struct RaceSame<'a, T> {
    operations: Vec<crate::BoxDurable<'a, T>>,
    lanes: Lanes,
}

impl<T> Sealed for RaceSame<'_, T> {}

#[diagnostic::do_not_recommend]
impl<T> Durable for RaceSame<'_, T> {
    type Output = T;

    fn poll_durable(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        self.lanes.enter();
        let _racing = Racing::begin();
        for position in 0..self.operations.len() {
            if let Poll::Ready(value) = self.operations[position].as_mut().poll_durable(cx) {
                self.operations.clear();
                self.lanes.leave();
                return Poll::Ready(value);
            }
        }
        Poll::Pending
    }
}

impl<T> fmt::Debug for RaceSame<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RaceSame").field("operations", &self.operations.len()).finish_non_exhaustive()
    }
}

macro_rules! operands {
    ($($one:ident { $($variant:ident $value:ident),+ })+) => {$(
        /// The value of the operation that won.
        #[derive(Debug)]
        pub enum $one<$($variant),+> {
            $(
                /// The value of the operation in this place.
                $variant($variant),
            )+
        }

        impl<$($variant: Durable),+> Operands for ($(Operand<$variant>,)+) {
            type All = ($($variant::Output,)+);
            type One = $one<$($variant::Output),+>;

            fn poll_all(&mut self, cx: &mut Context<'_>) -> Poll<Self::All> {
                let ($($value,)+) = self;
                // Each is polled, also after one that still waits.
                let ready = [$($value.poll(cx)),+];
                if ready.contains(&false) {
                    return Poll::Pending;
                }
                match ($($value.value.take(),)+) {
                    ($(Some($value),)+) => Poll::Ready(($($value,)+)),
                    _ => Poll::Pending,
                }
            }

            fn poll_one(&mut self, cx: &mut Context<'_>) -> Poll<Self::One> {
                let ($($value,)+) = self;
                $(
                    if $value.poll(cx) && let Some(value) = $value.value.take() {
                        return Poll::Ready($one::$variant(value));
                    }
                )+
                Poll::Pending
            }
        }

        impl<$($variant: Durable),+> IntoOperands for ($($variant,)+) {
            type Operands = ($(Operand<$variant>,)+);

            fn into_operands(self) -> Self::Operands {
                let ($($value,)+) = self;
                ($(Operand::new($value),)+)
            }
        }
    )+};
}

operands! {
    Race1 { A a }
    Race2 { A a, B b }
    Race3 { A a, B b, C c }
    Race4 { A a, B b, C c, D d }
    Race5 { A a, B b, C c, D d, E e }
    Race6 { A a, B b, C c, D d, E e, F f }
    Race7 { A a, B b, C c, D d, E e, F f, G g }
    Race8 { A a, B b, C c, D d, E e, F f, G g, H h }
    Race9 { A a, B b, C c, D d, E e, F f, G g, H h, I i }
    Race10 { A a, B b, C c, D d, E e, F f, G g, H h, I i, J j }
    Race11 { A a, B b, C c, D d, E e, F f, G g, H h, I i, J j, K k }
    Race12 { A a, B b, C c, D d, E e, F f, G g, H h, I i, J j, K k, L l }
}
