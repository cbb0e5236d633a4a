//! Any number of durable operations of one type at once.
//!
//! Each branch has its own waker, so that a result wakes one branch and not thousands. `FuturesUnordered` would do that, too,
//! but it returns `Pending` now and then while branches are ready, and the kernel takes `Pending` to mean that all wait.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use crate::durable::{Durable, sealed::Sealed};
use crate::parallel::Lanes;

/// Waits for any number of durable operations of one type, and yields their values in order.
///
/// All of them go on at once, unless [`concurrency`](JoinAll::concurrency) sets a limit.
///
/// ```
/// use owf_runtime::prelude::*;
///
/// #[workflow]
/// async fn squares(numbers: Vec<u32>) -> WorkflowResult<u32> {
///     let steps = numbers.iter().map(|n| step!(format!("square-{n}"), n * n));
///     let mut sum = 0;
///     for square in join_all(steps).await {
///         sum += square?;
///     }
///     Ok(sum)
/// }
/// ```
pub fn join_all<I>(durables: I) -> JoinAll<I::Item>
where
    I: IntoIterator<Item: Durable>,
{
    let ready = Arc::new(ReadyQueue::default());
    let branches: Vec<Branch<I::Item>> = durables
        .into_iter()
        .enumerate()
        .map(|(position, durable)| {
            let waker = Arc::new(BranchWaker { position, queued: AtomicBool::new(true), ready: ready.clone() });
            Branch { durable: Some(Box::pin(durable)), value: None, waker }
        })
        .collect();
    JoinAll { begun: 0, running: 0, limit: usize::MAX, branches, ready, lanes: Lanes::default() }
}

/// What [`join_all`] returns: awaiting it yields a `Vec`.
#[must_use = "operations that are joined do nothing unless awaited: add `.await`"]
pub struct JoinAll<D: Durable> {
    branches: Vec<Branch<D>>,
    /// How many have begun: the first ones.
    begun: usize,
    /// How many of those have not ended.
    running: usize,
    limit: usize,
    ready: Arc<ReadyQueue>,
    lanes: Lanes,
}

impl<D: Durable> JoinAll<D> {
    /// Lets so many go on at a time: the next begins when one ends, in their order.
    ///
    /// ```
    /// use owf_runtime::prelude::*;
    ///
    /// #[workflow]
    /// async fn fetch_all(pages: u32) -> WorkflowResult<u32> {
    ///     let fetches = (0..pages).map(|page| step!(format!("fetch-{page}"), page * 10));
    ///     let mut sum = 0;
    ///     for page in join_all(fetches).concurrency(8).await {
    ///         sum += page?;
    ///     }
    ///     Ok(sum)
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// When `limit` is zero: nothing would ever begin.
    pub fn concurrency(mut self, limit: usize) -> JoinAll<D> {
        assert!(
            limit > 0,
            "`concurrency(0)` lets nothing begin, and the `join_all` would wait for ever: say 1 or more"
        );
        self.limit = limit;
        self
    }

    /// Begins what the limit allows.
    fn begin(&mut self) {
        let count = (self.limit - self.running).min(self.branches.len() - self.begun);
        self.ready.positions().extend(self.begun..self.begun + count);
        self.begun += count;
        self.running += count;
    }
}

struct Branch<D: Durable> {
    durable: Option<Pin<Box<D>>>,
    value: Option<D::Output>,
    waker: Arc<BranchWaker>,
}

/// The branches that were woken, in the order of waking.
#[derive(Default)]
struct ReadyQueue {
    positions: Mutex<VecDeque<usize>>,
    /// Who awaits all of them.
    parent: Mutex<Option<Waker>>,
}

struct BranchWaker {
    position: usize,
    queued: AtomicBool,
    ready: Arc<ReadyQueue>,
}

impl ReadyQueue {
    fn positions(&self) -> MutexGuard<'_, VecDeque<usize>> {
        self.positions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn parent(&self) -> MutexGuard<'_, Option<Waker>> {
        self.parent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for BranchWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.queued.swap(true, Ordering::AcqRel) {
            self.ready.positions().push_back(self.position);
        }
        let parent = self.ready.parent().clone();
        if let Some(parent) = parent {
            parent.wake();
        }
    }
}

// Nothing in it is pinned: each branch has its own place on the heap.
impl<D: Durable> Unpin for JoinAll<D> {}

impl<D: Durable> Sealed for JoinAll<D> {}

#[diagnostic::do_not_recommend]
impl<D: Durable> Durable for JoinAll<D> {
    type Output = Vec<D::Output>;

    fn poll_durable(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.lanes.enter();
        match &mut *self.ready.parent() {
            Some(parent) => parent.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        self.begin();
        loop {
            let Some(position) = self.ready.positions().pop_front() else { break };
            let branch = &mut self.branches[position];
            // Before the poll: what wakes the branch during it must be seen.
            branch.waker.queued.store(false, Ordering::Release);
            if branch.poll() {
                self.running -= 1;
                self.begin();
            }
        }
        if self.running > 0 {
            return Poll::Pending;
        }
        self.lanes.leave();
        let branches = std::mem::take(&mut self.branches);
        Poll::Ready(branches.into_iter().filter_map(|branch| branch.value).collect())
    }
}

impl<D: Durable> Branch<D> {
    /// Polls the operation, and drops it at its end; whether it ended now.
    fn poll(&mut self) -> bool {
        let Some(durable) = &mut self.durable else { return false };
        let waker = Waker::from(self.waker.clone());
        let Poll::Ready(value) = durable.as_mut().poll_durable(&mut Context::from_waker(&waker)) else { return false };
        self.value = Some(value);
        self.durable = None;
        true
    }
}

impl<D: Durable> fmt::Debug for JoinAll<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinAll").field("branches", &self.branches.len()).finish_non_exhaustive()
    }
}
