//! What a workflow says once, and not again on every replay.

use crate::kernel::{borrow_out, with_state};

/// Calls `say` unless the workflow is being replayed: for printing and logging between steps.
///
/// A workflow's code runs again on every re-entry, and so does a `println!` in it. This one prints when the workflow comes to
/// it for the first time; after a crash it may print once more, or, where parallel branches end together, not at all. It is no place for an
/// effect: that belongs into a step.
///
/// ```
/// use owf_runtime::prelude::*;
///
/// #[workflow]
/// async fn greet(name: String) -> WorkflowResult<String> {
///     first_time(|| println!("greeting {name}"));
///     let upper = step!("uppercase", name.to_uppercase()).await?;
///     first_time(|| println!("made it {upper}"));
///     Ok(upper)
/// }
/// ```
pub fn first_time(say: impl Fn()) {
    if with_state(|state| state.is_replaying()) != Some(true) {
        // It finds no workflow around it, like any code that is not the workflow's own.
        let _current = borrow_out();
        say();
    }
}
