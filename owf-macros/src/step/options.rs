//! The options of a step: `step!(id, retries = 5, body)`.

use super::model::Step;
use crate::arguments::{Accepted, Argument, count, no_literal, only_valid};
use crate::diagnostics::{Diagnostics, Message};

/// The options, in the order in which messages list them.
pub(crate) const OPTIONS: &[Accepted] = &[
    Accepted { name: "retries", usage: "retries = 5" },
    Accepted { name: "backoff", usage: "backoff = Duration::from_secs(1)" },
    Accepted { name: "timeout", usage: "timeout = Duration::from_secs(30)" },
    Accepted { name: "input", usage: "input = &order" },
    Accepted { name: "undo", usage: "undo = |receipt| refund(receipt).await?" },
];

/// The options of a transaction.
const OF_TRANSACTION: &[Accepted] = &[
    Accepted { name: "retries", usage: "retries = 5" },
    Accepted { name: "backoff", usage: "backoff = Duration::from_secs(1)" },
    Accepted { name: "input", usage: "input = &order" },
    Accepted { name: "undo", usage: "undo = |db, cents| db.execute(\"UPDATE ..\", [cents])" },
];

/// The options of a step that are right as far as their text says; the others are reported.
pub(crate) fn valid_options(step: &Step, diagnostics: &mut Diagnostics) -> Vec<Argument> {
    let mut options = step.options.clone();
    let (owner, accepted) = if step.is_transaction { ("`transaction!`", OF_TRANSACTION) } else { ("`step!`", OPTIONS) };
    if step.is_transaction {
        options.retain(|option| {
            let is_timeout = option.name == "timeout";
            if is_timeout {
                let text = "a transaction has no timeout: once it has begun, it commits or fails, and nobody can give it up half-way";
                let help = "leave it out; what takes long goes into a `step!` before the transaction";
                diagnostics.report(&option.name, Message::new(text).help(help));
            }
            !is_timeout
        });
    }
    let mut valid = only_valid(owner, accepted, options, diagnostics);
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
