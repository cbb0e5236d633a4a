//! Recorded steps and today's code disagree.

use std::fmt;
use std::panic::Location;

use super::id::StepId;
use super::operation::OperationKind;

/// What to do when a replay finds that the recorded steps and today's code disagree.
///
/// Whatever it says, a run is ended that strays further on every pass: its IDs differ each time, and it would repeat its effects for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnDivergence {
    /// Go on without a word.
    Ignore,
    /// Log a warning (`tracing`, target `owf`) and go on.
    #[default]
    Warn,
    /// End the run with [`RunErrorReason::Diverged`](crate::RunErrorReason::Diverged); its records stay as they are.
    Fail,
}

/// A difference between what a run recorded and what today's code asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Divergence {
    /// Steps with a recorded result that the workflow did not come to again.
    NotMet {
        /// The steps, in the order of their recording.
        steps: Vec<StepId>,
    },
    /// An ID under which another kind of operation was recorded.
    OtherKind {
        /// The ID.
        step: StepId,
        /// What was recorded under it.
        recorded: OperationKind,
        /// What today's code does under it.
        met: OperationKind,
        /// Where that stands in the source.
        location: &'static Location<'static>,
    },
    /// A recorded result that does not decode as the type that today's code expects.
    OtherType {
        /// The step.
        step: StepId,
        /// The type that was expected and where the text differs; quotes nothing of it.
        problem: crate::value::JsonError,
        /// Where the step stands in the source.
        location: &'static Location<'static>,
    },
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Divergence::NotMet { steps } => {
                f.write_str("diverged on replay: ")?;
                write_steps(f, steps)?;
                f.write_str(
                    " not met again. Either the code was edited under a live run (then keep the old steps until the \
                     run is done, or set `OnDivergence::Ignore`), or the workflow reads something that differs on \
                     every replay (then read it in a step)",
                )
            }
            Divergence::OtherKind { step, recorded, met, location } => write!(
                f,
                "diverged on replay: `{step}` was recorded as a {recorded}, and is a {met} at {location}. Give the \
                 new operation an ID of its own"
            ),
            Divergence::OtherType { step, problem, location } => write!(
                f,
                "diverged on replay: the recorded result of step `{step}` is not what {location} expects: {problem}. \
                 Give the changed step an ID of its own, or let its type read the old form, too; if nothing was changed, \
                 the value has no form in JSON (a float that is not a number becomes `null`)"
            ),
        }
    }
}

/// The most step IDs that a message lists.
const LISTED_MAX: usize = 8;

fn write_steps(f: &mut fmt::Formatter<'_>, steps: &[StepId]) -> fmt::Result {
    f.write_str(if steps.len() == 1 { "the recorded step " } else { "the recorded steps " })?;
    for (position, step) in steps.iter().take(LISTED_MAX).enumerate() {
        let separator = if position == 0 { "" } else { ", " };
        write!(f, "{separator}`{step}`")?;
    }
    if steps.len() > LISTED_MAX {
        write!(f, " and {} more", steps.len() - LISTED_MAX)?;
    }
    f.write_str(if steps.len() == 1 { " was" } else { " were" })
}

impl std::error::Error for Divergence {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_of_steps_is_cut() {
        let steps = (0..10).map(|n| StepId::from(format!("s{n}"))).collect();
        let text = Divergence::NotMet { steps }.to_string();
        assert!(text.contains("`s7` and 2 more were not met again"), "{text}");
    }

    #[test]
    fn one_step_reads_as_one() {
        let text = Divergence::NotMet { steps: vec![StepId::new("charge")] }.to_string();
        assert!(text.contains("the recorded step `charge` was not met again"), "{text}");
    }
}
