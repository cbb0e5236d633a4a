//! The kernel: one run's execution, knowing no storage, no clock and no network.
//!
//! A [`Session`] holds a workflow's future. It is advanced until the future is finished or everything in it waits,
//! and can be dropped and rebuilt from the run's [`Memos`] at any moment.

mod cancel;
mod current;
mod dialogue;
mod divergence;
mod drive;
mod id;
mod mail;
mod memo;
mod open;
mod operation;
mod post;
mod retry;
mod schedule;
mod session;
mod slots;
mod state;
mod transactions;
#[cfg(feature = "testing")]
mod watch;

pub(crate) use cancel::BeginUndo;
#[cfg(any(feature = "inngest", feature = "sqlite"))]
pub(crate) use cancel::CANCEL_ID;
pub(crate) use current::{borrow_out, with_state};
#[cfg(feature = "testing")]
#[doc(hidden)]
pub use dialogue::Attempt;
pub(crate) use dialogue::{Hooks, Idle};
pub use divergence::{Divergence, OnDivergence};
pub use id::{IntoStepName, RunId, StepId, StepName};
pub use mail::{Inbox, Letter, Mail};
pub use memo::{Dialect, Memo, MemoResult, Memos};
#[cfg(feature = "testing")]
pub(crate) use open::Met;
pub(crate) use open::{Handle, Offer, OperationSpec, Provided, Remote, Start, StepSpec, Turn, Wait};
pub use operation::{Action, EventPattern, Operation, OperationKind};
pub use retry::{Backoff, RetryPolicy};
pub use session::{End, Outcome, RunInfo, Session, SessionOptions};
pub(crate) use session::{Invocation, InvocationEnd};
pub(crate) use state::{State, time_after};
#[cfg(feature = "testing")]
pub(crate) use watch::{CleanupFate, CleanupSite, Watching, watch_cleanups};
