//! `Durable`: what a workflow may await.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::ops::DerefMut;
use std::pin::Pin;
use std::task::{Context, Poll};

/// An operation that a workflow may await: a step, a timer, a combinator of them, or a `#[durable]` function.
///
/// It is deliberately **not** a [`Future`]. Inside `#[workflow]` and `#[durable]` functions every `.await` goes
/// through this trait, so a plain future (which would run again on each re-entry) does not compile there, and a
/// durable operation can be awaited nowhere else: not in `tokio::spawn`, not in `select!`, not inside a step.
///
/// The trait is sealed: only this crate's types implement it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be awaited in a workflow",
    label = "not durable: this would run again on every re-entry",
    note = "wrap it in a step, whose result is recorded: `step!(\"some-id\", future.await?).await?`",
    note = "a workflow awaits steps, timers, `join!`/`race!` of them, and `#[durable]` functions"
)]
pub trait Durable: sealed::Sealed {
    /// What awaiting it yields.
    type Output;

    #[doc(hidden)]
    fn poll_durable(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output>;
}

pub(crate) mod sealed {
    #[doc(hidden)]
    pub trait Sealed {}
}

/// A durable operation of any type, for collections of different ones.
///
/// ```
/// use owf_runtime::prelude::*;
///
/// #[workflow]
/// async fn mixed(fast: bool) -> WorkflowResult<u32> {
///     let step: BoxDurable<'_, u32> = if fast {
///         Box::pin(async { 1 })
///     } else {
///         Box::pin(async { step!("slow", 2).await.unwrap_or(0) })
///     };
///     Ok(step.await)
/// }
/// ```
pub type BoxDurable<'a, T> = Pin<Box<dyn Durable<Output = T> + Send + 'a>>;

impl<P> sealed::Sealed for Pin<P> where P: DerefMut<Target: sealed::Sealed> {}

#[diagnostic::do_not_recommend]
impl<P> Durable for Pin<P>
where
    P: DerefMut<Target: Durable>,
{
    type Output = <P::Target as Durable>::Output;

    fn poll_durable(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.as_deref_mut().poll_durable(cx)
    }
}

impl<D: sealed::Sealed + ?Sized> sealed::Sealed for &mut D {}

#[diagnostic::do_not_recommend]
impl<D: Durable + Unpin + ?Sized> Durable for &mut D {
    type Output = D::Output;

    fn poll_durable(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut **self).poll_durable(cx)
    }
}

impl<D: sealed::Sealed + ?Sized> sealed::Sealed for Box<D> {}

#[diagnostic::do_not_recommend]
impl<D: Durable + Unpin + ?Sized> Durable for Box<D> {
    type Output = D::Output;

    fn poll_durable(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut **self).poll_durable(cx)
    }
}

pin_project_lite::pin_project! {
    /// An `async` block of a workflow, or the body of a `#[durable]` function.
    #[must_use = "an async block in a workflow does nothing unless it is awaited"]
    pub struct Block<F> {
        #[pin]
        future: F,
    }
}

impl<F> Block<F> {
    pub(crate) fn new(future: F) -> Self {
        Block { future }
    }
}

impl<F> fmt::Debug for Block<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Block")
    }
}

impl<F> sealed::Sealed for Block<F> {}

#[diagnostic::do_not_recommend]
impl<F: Future> Durable for Block<F> {
    type Output = F::Output;

    fn poll_durable(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().future.poll(cx)
    }
}

pin_project_lite::pin_project! {
    /// The future that stands for a durable operation inside generated code.
    #[derive(Debug)]
    pub struct Await<D> {
        #[pin]
        durable: D,
    }
}

impl<D> Await<D> {
    pub(crate) fn new(durable: D) -> Self {
        Await { durable }
    }
}

impl<D: Durable> Future for Await<D> {
    type Output = D::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().durable.poll_durable(cx)
    }
}

/// An awaited expression of a workflow, on its way to the future that stands for it.
///
/// `durable`, which makes it, accepts nothing but [`Durable`] expressions. This type does not ask again: a method call tries the
/// three `operation`s below in this order and finds a future for anything, so that the `.await` behind it is not a second error.
#[derive(Debug)]
pub struct Awaited<D>(pub(crate) D);

impl<D: Durable> Awaited<D> {
    /// The future that stands for the operation.
    pub fn operation(self) -> Await<D> {
        Await::new(self.0)
    }

    /// The operation, as an operand of `join!` or `race!`.
    pub fn operand(self) -> D {
        self.0
    }
}

/// What the methods of [`Awaited`] are for plain futures, which were refused.
pub trait PlainFuture<F: IntoFuture> {
    /// The future itself.
    fn operation(self) -> F::IntoFuture;

    /// An operation with the future's value.
    fn operand(self) -> Block<F::IntoFuture>;
}

impl<F: IntoFuture> PlainFuture<F> for Awaited<F> {
    fn operation(self) -> F::IntoFuture {
        self.0.into_future()
    }

    fn operand(self) -> Block<F::IntoFuture> {
        Block::new(self.0.into_future())
    }
}

/// What the methods of [`Awaited`] are for everything else, which was refused.
pub trait NoFuture<V> {
    /// A future of something.
    fn operation(&self) -> std::future::Pending<V>;

    /// An operation with something as its value.
    fn operand(&self) -> Block<std::future::Pending<V>>;
}

impl<V> NoFuture<V> for Awaited<V> {
    fn operation(&self) -> std::future::Pending<V> {
        std::future::pending()
    }

    fn operand(&self) -> Block<std::future::Pending<V>> {
        Block::new(std::future::pending())
    }
}

/// What a step body may await: any future, but no durable operation.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be awaited in a step",
    label = "a step awaits plain futures only",
    note = "durable operations (steps, timers, `#[durable]` functions) belong to the workflow: await them before the step, and use their value in it"
)]
pub trait Effect {}

#[diagnostic::do_not_recommend]
impl<F: IntoFuture> Effect for F {}

/// An awaited expression of a step; as [`Awaited`], it does not ask again.
#[derive(Debug)]
pub struct Effected<F>(pub(crate) F);

impl<F: IntoFuture> Effected<F> {
    /// The future.
    pub fn effect(self) -> F::IntoFuture {
        self.0.into_future()
    }
}

/// What [`Effected::effect`] is for durable operations, which were refused.
pub trait DurableEffect<D> {
    /// The future that stands for the operation.
    fn effect(self) -> Await<D>;
}

impl<D: Durable> DurableEffect<D> for Effected<D> {
    fn effect(self) -> Await<D> {
        Await::new(self.0)
    }
}

/// What [`Effected::effect`] is for everything else, which was refused.
pub trait NoEffect<V> {
    /// A future of something.
    fn effect(&self) -> std::future::Pending<V>;
}

impl<V> NoEffect<V> for Effected<V> {
    fn effect(&self) -> std::future::Pending<V> {
        std::future::pending()
    }
}
