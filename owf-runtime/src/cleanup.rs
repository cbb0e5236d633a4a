//! What runs when a run does not complete.

use std::panic::Location;

use crate::durable::{Await, Block, Durable};
use crate::error::WorkflowError;
use crate::kernel::with_state;

/// Registers a block that runs if the run fails, is cancelled or times out from here on; steps in it are durable as all others.
///
/// Cleanups and the `undo`s of steps run when the workflow's code has ended, the last one first. One that fails for good is told by
/// [`WorkflowError::failed_undos`], and the others run all the same. If the run completes, none of them runs. Nothing undoes what undoes: an
/// `undo` or a cleanup within a cleanup is not registered.
///
/// ```
/// use owf_runtime::prelude::*;
///
/// #[workflow]
/// async fn rent(car: String) -> WorkflowResult<()> {
///     let car_again = car.clone();
///     cleanup(async move {
///         step!("release", println!("{car_again} is free again")).await?;
///         Ok(())
///     });
///     step!("drive", println!("driving {car}")).await?;
///     Ok(())
/// }
/// ```
///
/// # Panics
///
/// Outside a workflow, and in [`first_time`](crate::first_time): a replay would not register it.
#[track_caller]
pub fn cleanup<D>(block: D)
where
    D: Durable<Output = Result<(), WorkflowError>> + Send + 'static,
{
    let location = Location::caller();
    let block = Box::pin(Block::new(Await::new(block)));
    // What is not taken is dropped after the state was given back: destructors are user code.
    let mut block = Some(block);
    let registered = with_state(|state| {
        if let Some(block) = block.take() {
            state.register_cleanup(block, location);
        }
    });
    assert!(
        registered.is_some(),
        "`cleanup` was called outside a workflow, or in `first_time`, where nothing would run it: call it where the workflow goes on each time"
    );
}
