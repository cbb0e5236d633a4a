//! Durable execution as a macro.
//!
//! Write an ordinary `async fn`, mark it `#[workflow]`, and wrap each effect in [`step!`]. The result of a step is recorded under its
//! ID, and the function can be entered again at any time: steps that are done return what they recorded. Where state lives is
//! decided by a [`Driver`]; the workflow's source stays the same.
//!
//! ```
//! use owf_runtime::prelude::*;
//!
//! #[workflow]
//! async fn greet(name: String) -> WorkflowResult<String> {
//!     let upper = step!("uppercase", name.to_uppercase()).await?;
//!     Ok(step!("create-greeting", format!("Hello, {upper}!")).await?)
//! }
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), RunError> {
//!     let client = WorkflowClient::new(InMemoryDriver::new());
//!     assert_eq!(client.invoke(greet, "Alice".to_owned()).await?, "Hello, ALICE!");
//!     Ok(())
//! }
//! ```
//!
//! # What a workflow may wait for
//!
//! Inside a workflow, every `.await` waits for one of these. Each has an ID, under which its result is recorded; a plain future does not
//! compile there, since it would run again on every re-entry.
//!
//! | operation | what it does |
//! |---|---|
//! | [`step!`] | runs an effect, with retries, a timeout, and perhaps an `undo` |
//! | [`sleep`], [`sleep_until`] | waits, for as long as you like, without holding anything |
//! | [`now`], [`random`], [`uuid()`] | a value that is the same on every replay |
//! | [`wait_for_signal`], [`send_signal`] | a message to one run, kept until it is read |
//! | [`wait_for_event`], [`send_event`] | a message to all runs that wait for it |
//! | [`invoke`] | runs another workflow as a run of its own |
//! | [`join!`], [`join_all`], [`race!`] | several of them at once |
//! | a [`durable`](macro@durable) function | a helper with operations in it |
//!
//! [`cleanup`], [`set_details`], [`run_id`] and [`first_time`] wait for nothing. What stands between the operations runs again whenever the
//! run is taken up: it must do the same each time. What would not (a clock, randomness, files, shared state, hash order) is an error of
//! [`macro@workflow`] that says what to write instead.
//!
//! # When something goes wrong
//!
//! A step that fails is retried; after that, its `.await` returns a [`StepError`], and the workflow can take another way. When the workflow
//! itself fails, is [cancelled](RunHandle::cancel), or takes longer than its `timeout`, what it did is undone: the `undo`s of its steps
//! and its [`cleanup`] blocks run, the last first, as steps of their own.
//!
//! ```
//! use owf_runtime::prelude::*;
//!
//! # async fn book(city: &str) -> Result<u32, std::io::Error> { Ok(city.len() as u32) }
//! # async fn cancel(_booking: u32) -> Result<(), std::io::Error> { Ok(()) }
//! # async fn charge(cents: u32) -> Result<(), std::io::Error> { Err(std::io::Error::other(format!("{cents} cents are too much"))) }
//! #[workflow]
//! async fn trip(city: String) -> WorkflowResult<u32> {
//!     let booking = step!("hotel", book(&city).await?, undo = |booking| cancel(booking).await?).await?;
//!     step!("charge", retries = 0, charge(9_900).await?).await?;
//!     Ok(booking)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), RunError> {
//! let client = WorkflowClient::new(InMemoryDriver::new());
//! let run = client.start(trip, "Rome".to_owned()).await?;
//! let error = run.result().await.unwrap_err();
//! assert!(error.to_string().ends_with("step `charge` failed: 9900 cents are too much"));
//! let steps: Vec<String> = run.steps().await?.iter().map(|step| step.id.to_string()).collect();
//! assert_eq!(steps, ["hotel", "charge", "hotel:undo"]);
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `testing` | `testing`: tests in virtual time, a crash explorer, replay of recorded runs; `#[owf_runtime::test]` |
//! | `cron` | runs that start at times: `#[workflow(cron = "0 2 * * *", timezone = "Europe/Amsterdam")]` |
//! | `jiff` | lengths and points of time of the crate `jiff`, where those of `std` are taken |
//! | `sqlite` | `store`: what durable drivers keep runs in |
//!
//! # The parts
//!
//! From below: [`kernel`] executes one run and knows no storage; a [`Driver`] decides how far an invocation goes and
//! what is kept; [`WorkflowClient`] starts runs and tells what became of them.

mod arrival;
mod child;
mod cleanup;
mod client;
mod cron;
mod details;
mod driver;
mod drivers;
mod durable;
mod error;
mod events;
mod export;
mod failure;
mod first_time;
mod handle;
mod host;
mod join_all;
mod kept;
pub mod kernel;
mod local;
mod parallel;
mod probe;
mod record;
mod register;
#[cfg(feature = "cron")]
mod schedule;
mod signals;
mod sleep;
mod step;
#[cfg(feature = "sqlite")]
pub mod store;
#[cfg(feature = "sqlite")]
mod stored;
#[cfg(feature = "testing")]
pub mod testing;
mod time;
#[cfg(feature = "sqlite")]
mod transaction;
mod value;
mod values;
mod workflow;

#[doc(hidden)]
pub mod __private;

pub use child::{Invoke, TimedInvoke, invoke};
pub use cleanup::cleanup;
pub use client::{ClientDriver, Start, WorkflowClient};
pub use cron::{CronInput, CronTick};
pub use details::{run_id, set_details};
pub use driver::{Driver, FlowControl, Hook};
#[cfg(feature = "inngest")]
pub use drivers::inngest;
pub use drivers::{CheckpointInMemoryDriver, InMemoryDriver};
#[cfg(feature = "sqlite")]
pub use drivers::{SqliteDriver, SqliteDriverOptions};
pub use durable::{BoxDurable, Durable};
pub use error::{DriverError, RunError, RunErrorReason, StepError, WorkflowError, WorkflowResult};
pub use events::{SendEvent, TimedWaitForEvent, WaitForEvent, send_event, send_events, wait_for_event};
pub use export::{ExportError, ExportedMemo, ExportedStatus, ExportedWait, RunExport};
pub use failure::Failure;
pub use first_time::first_time;
pub use handle::{RunHandle, RunStatus};
pub use host::{BoxFuture, Host, SystemHost, VirtualHost};
pub use join_all::{JoinAll, join_all};
pub use kernel::{
    Action, Backoff, Divergence, EventPattern, IntoStepName, Memo, MemoResult, Memos, OnDivergence, Operation,
    OperationKind, RetryPolicy, RunId, RunInfo, StepId, StepName,
};
#[cfg(feature = "testing")]
pub use owf_macros::test;
#[cfg(not(feature = "testing"))]
#[doc(hidden)]
pub use owf_macros::test_without_feature as test;
pub use owf_macros::{deterministic, durable, workflow};
pub use record::{SourceLocation, StepOutcome, StepRecord};
pub use signals::{SendSignal, TimedWaitForSignal, WaitForSignal, send_signal, wait_for_signal};
pub use sleep::{Sleep, sleep, sleep_until};
pub use time::{IntoDuration, IntoInstant};
pub use value::{Json, JsonError, ReceivedValue, StepValue, WorkflowInput, WorkflowOutput};
pub use values::{HostValue, Random, now, random, uuid};
pub use workflow::{AnyWorkflow, Trigger, Workflow, WorkflowOptions};

/// Runs an effect once, and records its result under an ID.
///
/// ```
/// # use owf_runtime::prelude::*;
/// # async fn charge(cents: u64) -> Result<String, std::io::Error> { Ok(format!("paid {cents}")) }
/// #[workflow]
/// async fn pay(cents: u64) -> WorkflowResult<String> {
///     let receipt = step!("charge", retries = 5, charge(cents).await?).await?;
///     Ok(receipt)
/// }
/// ```
///
/// - **ID**: a literal, or any expression that is a `String` or `&str`. An ID that is met again becomes `id:1`, `id:2`, and so on.
/// - **Options**, between the ID and the body: `retries = 5`, `backoff = Duration::from_secs(2)` or a [`Backoff`],
///   `timeout = Duration::from_secs(30)` for each attempt, `input = &order` to show it beside the output.
/// - **Undo**, behind the body: `undo = |receipt| refund(receipt).await?` is given the step's value, and runs as a step `charge:undo`
///   should the run not complete. It owns clones of the variables that it uses, and of what is behind those that are references. A step that failed is not undone.
/// - **Body**: an expression or a block, with `.await` and `?` as one likes. It borrows what it uses of the workflow, and can't change it.
///   `async move { .. }` owns what it uses instead, and gives each attempt a clone of it (with `retries = 0` there is one attempt and no
///   clone). Its value is a `T`, or a `Result<T, E>` whose error fails the attempt.
///
/// The value is kept as JSON, so on a replay it is what JSON makes of it: `Some(None)` comes back as `None`, and a float that is not a
/// number, or infinite, does not come back at all.
///
/// Awaiting it yields `Result<T, StepError>`: the error of the last attempt, once the retries are used up.
#[macro_export]
macro_rules! step {
    // What the attributes leave of a `step!`, so that its import is used.
    (@used) => {};
    ($($anything:tt)*) => {
        ::core::compile_error!(
            "`step!` works directly inside a `#[workflow]` or `#[durable]` function: a plain function, or another macro, hides it from replay\n  = help: mark the function `#[durable] async fn`, or bind the step with `let` before the macro"
        )
    };
}

/// A step that writes to tables of yours: what it writes commits together with its result, or not at all.
///
/// The tables are in the file of the [`SqliteDriver`] that the workflow runs on (feature `sqlite`).
///
#[cfg_attr(feature = "sqlite", doc = include_str!("transaction.md"))]
#[macro_export]
macro_rules! transaction {
    // What the attributes leave of a `transaction!`, so that its import is used.
    (@used) => {};
    ($($anything:tt)*) => {
        ::core::compile_error!(
            "`transaction!` works directly inside a `#[workflow]` or `#[durable]` function: a plain function, or another macro, hides it from replay\n  = help: mark the function `#[durable] async fn`, or bind the transaction with `let` before the macro"
        )
    };
}

/// What a transaction becomes.
#[cfg(feature = "sqlite")]
#[doc(hidden)]
#[macro_export]
macro_rules! __with_sqlite {
    ($($transaction:tt)*) => { $($transaction)* };
}

/// What a transaction becomes where the feature that it needs is off.
#[cfg(not(feature = "sqlite"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __with_sqlite {
    ($($transaction:tt)*) => {
        ::core::compile_error!(
            "`transaction!` commits to the SQLite file of the driver, and SQLite is not compiled in\n  = help: turn it on: `owf-runtime = { version = \"0.1\", features = [\"sqlite\"] }`"
        )
    };
}

/// What `#[workflow(inngest(..))]` says.
#[cfg(feature = "inngest")]
#[doc(hidden)]
#[macro_export]
macro_rules! __inngest {
    ($method:item) => {
        $method
    };
}

/// What `#[workflow(inngest(..))]` says.
#[cfg(not(feature = "inngest"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __inngest {
    ($method:item) => {
        ::core::compile_error!(
            "`inngest(..)` needs the feature `inngest` of `owf-runtime`: write `owf-runtime = { version = \"..\", features = [\"inngest\"] }` in `Cargo.toml`"
        );
    };
}

/// What a file with workflows needs: `use owf_runtime::prelude::*;`.
pub mod prelude {
    #[cfg(feature = "sqlite")]
    pub use crate::SqliteDriver;
    pub use crate::{
        Backoff, BoxDurable, CheckpointInMemoryDriver, InMemoryDriver, RunError, StepError, WorkflowClient,
        WorkflowError, WorkflowResult, cleanup, deterministic, durable, first_time, invoke, join, join_all, now, race,
        random, run_id, send_event, send_events, send_signal, set_details, sleep, sleep_until, step, transaction, uuid,
        wait_for_event, wait_for_signal, workflow,
    };
}

#[cfg(all(doctest, feature = "inngest-connect", feature = "sqlite", feature = "testing"))]
#[doc = include_str!("../../README.md")]
struct Readme;
