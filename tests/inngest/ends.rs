//! How a client in this process tells of a run that has ended as one at the server has: the errors are its own.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use owf_runtime::prelude::*;
use owf_runtime::{RunId, Workflow, WorkflowOptions};

/// The errors that runs here are to end with.
static ERRORS: LazyLock<Mutex<HashMap<u64, WorkflowError>>> = LazyLock::new(Mutex::default);

/// Ends with an error, under the name of another workflow.
struct Failing<W>(PhantomData<fn() -> W>);

/// Waits until it is cancelled, under the name of another workflow.
struct Waiting<W>(PhantomData<fn() -> W>);

macro_rules! under_the_name_of_another {
    ($name:ident($input:ty) -> $output:ty: $inner:ident) => {
        impl<W> Clone for $name<W> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<W> Copy for $name<W> {}

        impl<W: Workflow> Workflow for $name<W> {
            type Input = $input;
            type Output = $output;
            const NAME: &'static str = W::NAME;

            fn options(&self) -> WorkflowOptions {
                WorkflowOptions::new()
            }

            fn run(&self, input: $input) -> BoxDurable<'static, Result<$output, WorkflowError>> {
                $inner.run(input)
            }
        }
    };
}

under_the_name_of_another!(Failing(u64) -> (): failing);
under_the_name_of_another!(Waiting(()) -> (): waiting);

#[workflow(allow(shared_state, reason = "an error is no input"))]
async fn failing(key: u64) -> WorkflowResult<()> {
    let error = ERRORS.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
    Err(error.unwrap_or_else(|| WorkflowError::msg("it was asked for before")))
}

#[workflow]
async fn waiting() -> WorkflowResult<()> {
    Ok(wait_for_signal("never", "never").await?)
}

#[workflow]
async fn over() {}

/// The error of a run that has failed.
pub(crate) async fn failed<W: Workflow>(id: &RunId, error: WorkflowError) -> RunError {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let key = NEXT.fetch_add(1, Ordering::Relaxed);
    ERRORS.lock().unwrap_or_else(PoisonError::into_inner).insert(key, error);
    let client = WorkflowClient::new(InMemoryDriver::new());
    let run = client.start(Failing::<W>(PhantomData), key).id(id.clone()).await.expect("it starts");
    run.result().await.expect_err("it fails")
}

/// The error of a run that the server has cancelled: it keeps no reason.
pub(crate) async fn cancelled<W: Workflow>(id: &RunId) -> RunError {
    let client = WorkflowClient::new(InMemoryDriver::new());
    let run = client.start(Waiting::<W>(PhantomData), ()).id(id.clone()).await.expect("it starts");
    run.cancel("the server does not say why").await.expect("it waits");
    run.result().await.expect_err("it is cancelled")
}

/// Has a run that is over, for whoever wants to send something to it.
pub(crate) async fn begin_and_end(client: &WorkflowClient, id: &RunId) {
    client.start(over, ()).id(id.clone()).await.expect("it starts").result().await.expect("it ends");
}
