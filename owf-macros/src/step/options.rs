//! The options of a step: `step!(id, retries = 5, body)`.

use crate::arguments::{Accepted, Argument, count, no_literal, only_valid};
use crate::diagnostics::Diagnostics;

/// The options, in the order in which messages list them.
pub(crate) const OPTIONS: &[Accepted] = &[
    Accepted { name: "retries", usage: "retries = 5" },
    Accepted { name: "backoff", usage: "backoff = Duration::from_secs(1)" },
    Accepted { name: "timeout", usage: "timeout = Duration::from_secs(30)" },
    Accepted { name: "input", usage: "input = &order" },
    Accepted { name: "undo", usage: "undo = |receipt| refund(receipt).await?" },
];

/// The options that are right as far as their text says; the others are reported.
pub(crate) fn valid_options(options: &[Argument], diagnostics: &mut Diagnostics) -> Vec<Argument> {
    let mut valid = only_valid("`step!`", OPTIONS, options.to_vec(), diagnostics);
    valid.retain(|option| {
        let Some(value) = &option.value else { return false };
        match option.name.to_string().as_str() {
            "retries" => count("retries", value, diagnostics),
            "backoff" => no_literal("backoff", "`Duration` or a `Backoff`", value, diagnostics),
            "timeout" => no_literal("timeout", "`Duration`", value, diagnostics),
            _ => true,
        }
    });
    valid
}
