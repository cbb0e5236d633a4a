//! The attribute macros of Open Workflow. Use them through `owf-runtime`, whose prelude exports them.
//!
//! Each attribute is expanded in four phases: *parse* makes a model of the function, *check* reports what is wrong with
//! it, and *expand* makes tokens of it, which cannot fail. All errors of a function are reported at once.

mod arguments;
mod body;
mod deterministic;
mod diagnostics;
mod durable;
mod formats;
mod idents;
mod krate;
mod lints;
mod probes;
mod resolve;
mod signature;
mod spans;
mod step;
mod test;
mod workflow;

use proc_macro::TokenStream;

use body::reading::remembering;

/// Makes a workflow of an `async fn`: a unit struct of the same name, which implements `Workflow`.
///
/// ```
/// # use std::{io, time::Duration};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize)] struct Order { id: String }
/// # #[derive(Serialize, Deserialize)] struct Receipt { payment: String }
/// # async fn charge(order: &Order) -> io::Result<String> { Ok(order.id.clone()) }
/// # async fn send_mail(order: &Order, payment: &str) -> io::Result<()> { Ok(()) }
/// use owf_runtime::prelude::*;
///
/// #[workflow]
/// async fn process_order(order: Order) -> WorkflowResult<Receipt> {
///     let payment = step!("charge", charge(&order).await?).await?;
///     sleep("cool-off", Duration::from_secs(24 * 3600)).await?;
///     step!("mail", retries = 5, send_mail(&order, &payment).await?).await?;
///     Ok(Receipt { payment })
/// }
///
/// # async fn start(client: WorkflowClient, order: Order) -> Result<(), RunError> {
/// let receipt = client.invoke(process_order, order).await?;
/// # Ok(()) }
/// ```
///
/// # The function
///
/// - It takes no argument or one, of any type that is `Serialize + DeserializeOwned + Send + 'static`.
/// - It returns a `Result<T, E>` or a plain `T`, where `T` can be stored like the input.
/// - Visibility, documentation and other attributes are carried over to the struct.
/// - It is not generic, and is no method: a run is recorded under the workflow's name. What workflows share goes into
///   [`macro@durable`] functions.
///
/// # The arguments
///
/// - `name = "process-order"`: the name under which runs are recorded, instead of the function's.
/// - `version = 3`: the version of its code, a whole number from 1, with which its runs are recorded. Where several processes share a durable
///   store, one with older code leaves the runs of newer code alone. What says nothing has the version 0.
/// - `retries = 3`: how often the workflow's failures, and its steps', are retried.
/// - `backoff = Duration::from_secs(1)`: the waits between attempts.
/// - `timeout = Duration::from_secs(3600)`: how long a run may take, from its start. It is cancelled then: its undos and cleanups run.
/// - `event = "order.created"`: each such event starts a run, with its payload as the input, once the workflow was given to
///   `WorkflowClient::register`.
/// - `cron = "0 2 * * *"`, with `timezone = "Europe/Amsterdam"` or in UTC: runs start at these times, once the workflow was registered. It takes
///   no argument, or a `CronTick`. It needs the feature `cron` of `owf-runtime`.
/// - `strict`: the helpers that it calls outside of steps must be marked, with `#[deterministic]` or [`macro@durable`].
/// - `allow(wall_clock, reason = "only logged")`: what the lint finds in it does no harm. For a single statement, write
///   `#[owf::allow(wall_clock, reason = "only logged")]` before it.
/// - `crate = path::to::owf_runtime`: where generated code finds the runtime, if it has another name.
///
/// # The body
///
/// Every `.await` outside of a `step!` waits for a durable operation: a step, `sleep`, `join!`, `race!`, an `async` block, a
/// `#[durable]` function. A plain future does not compile there, because it would run again whenever the function is
/// entered again: wrap it in a `step!`.
#[proc_macro_attribute]
pub fn workflow(args: TokenStream, item: TokenStream) -> TokenStream {
    remembering(|| workflow::workflow(args.into(), item.into())).into()
}

/// Lets an `async fn` contain steps, so that workflows can await it.
///
/// ```
/// # use std::io;
/// # use owf_runtime::prelude::*;
/// # struct Order { id: u32 }
/// # async fn pack(order: &Order) -> io::Result<u32> { Ok(order.id) }
/// # fn print(label: &str, parcel: u32) -> io::Result<()> { Ok(()) }
/// #[durable]
/// async fn ship(order: &Order, label: &str) -> Result<u32, StepError> {
///     let parcel = step!("pack", pack(order).await?).await?;
///     step!("print", print(label, parcel)?).await?;
///     Ok(parcel)
/// }
/// ```
///
/// It may have any number of arguments, borrow them, be generic, and be a method. Its body follows the rules of
/// [`macro@workflow`]. What it awaits is part of the workflow that awaits it: its steps are recorded there.
///
/// A function that calls itself is boxed. Functions that call each other need `#[durable(boxed)]` on one of them.
/// `strict`, `allow(..)` and `crate = path` are accepted as for [`macro@workflow`].
#[proc_macro_attribute]
pub fn durable(args: TokenStream, item: TokenStream) -> TokenStream {
    remembering(|| durable::durable(args.into(), item.into())).into()
}

/// Vouches that a plain function does the same in each replay, which the lints of [`macro@workflow`] check in it.
///
/// ```
/// # use owf_runtime::prelude::*;
/// # struct Order { express: bool }
/// #[deterministic]
/// fn days_to_deliver(order: &Order) -> u32 {
///     if order.express { 1 } else { 3 }
/// }
/// ```
///
/// Helpers of the same crate are followed anyway, as far as their file is found. A workflow that is `#[workflow(strict)]` calls no others than these
/// outside of its steps. `allow(..)`, `strict` and `crate = path` are accepted as for [`macro@workflow`].
#[proc_macro_attribute]
pub fn deterministic(args: TokenStream, item: TokenStream) -> TokenStream {
    remembering(|| deterministic::deterministic(args.into(), item.into())).into()
}

/// Makes a test of an `async fn`, in virtual time: a year of waiting takes milliseconds.
///
/// ```
/// # mod tests {
/// use std::time::Duration;
///
/// use owf_runtime::prelude::*;
/// use owf_runtime::testing::TestKit;
///
/// #[workflow]
/// async fn remind(user: String) -> WorkflowResult<String> {
///     sleep("a year", Duration::from_secs(365 * 24 * 3600)).await?;
///     Ok(step!("mail", format!("Hello again, {user}")).await?)
/// }
///
/// #[owf_runtime::test]
/// async fn a_year_later_there_is_a_mail(kit: TestKit) -> WorkflowResult<()> {
///     kit.mock("mail").with("sent");
///     assert_eq!(kit.run(remind, "Ada".to_owned()).await?, "sent");
///     Ok(())
/// }
/// # }
/// ```
///
/// - It takes a `TestKit`, or nothing, and returns nothing or a `Result`.
/// - It runs on a tokio runtime of one thread whose clock is paused: time stands still while anything can go on, and then jumps to the next timer.
/// - It needs the feature `testing` of `owf-runtime`.
/// - `crate = path::to::owf_runtime` says where generated code finds the runtime, if it has another name.
#[proc_macro_attribute]
pub fn test(args: TokenStream, item: TokenStream) -> TokenStream {
    test::test(args.into(), item.into()).into()
}

/// What [`macro@test`] is without the feature `testing`: an error that says so.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn test_without_feature(_: TokenStream, item: TokenStream) -> TokenStream {
    test::test_without_feature(item.into()).into()
}
