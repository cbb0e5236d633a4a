//! What exploring a workflow has shown: as data, and as text.

use std::fmt;

use super::schedule::ScheduleId;
use crate::kernel::{RunId, StepId};

/// What [`explore`](super::explore) found out. It prints as a text for people.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The workflow's name.
    pub workflow: &'static str,
    /// Which schedules were run.
    pub coverage: Coverage,
    /// Steps whose effect ran more than once in a schedule.
    pub repeated: Vec<RepeatedEffect>,
    /// Effects that stayed although their run failed or was cancelled.
    pub missing_undos: Vec<MissingUndo>,
    /// Cleanups that did not run to their end although their run failed or was cancelled.
    pub unfinished_cleanups: Vec<UnfinishedCleanup>,
    /// The different ends that runs came to, the most frequent first.
    pub endings: Vec<Ending>,
    /// What the test demands and does not get, in words.
    pub problems: Vec<String>,
}

/// Which schedules were run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Coverage {
    /// How many schedules were gone through one after the other.
    pub listed: u32,
    /// All schedules with up to so many crashes are among them; `None` if there are more than were run.
    pub all_with_crashes: Option<u32>,
    /// How many were drawn at random after that.
    pub sampled: u32,
    /// The seed of what was drawn.
    pub seed: u64,
}

/// A crash that was planned, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Crash {
    /// When it comes.
    pub moment: CrashMoment,
    /// The operations that were about to begin, or the one that ended; none at the end of the run.
    pub operations: Vec<StepId>,
    /// The child run that crashed; `None` if it was the one that is explored.
    pub child: Option<RunId>,
}

/// When a crash comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CrashMoment {
    /// Before the effect.
    BeforeEffect,
    /// After the effect, and before it is recorded: it will run again.
    BeforeRecord,
    /// After the effect was recorded.
    AfterRecord,
    /// After the workflow's code has returned, and before that is recorded.
    BeforeEnd,
}

/// A step whose effect ran more than once.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RepeatedEffect {
    /// The step; for one of a child run, with the child's ID before it.
    pub step: String,
    /// How often it ran at most in one schedule.
    pub times: u32,
    /// In how many schedules it ran more than once.
    pub schedules: u32,
    /// What repeats it: the shortest lists of crashes that do, each with a schedule that shows it.
    pub under: Vec<(Vec<Crash>, ScheduleId)>,
}

/// An effect that stayed although its run failed or was cancelled: its undo did not run, or not to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingUndo {
    /// The step; for one of a child run, with the child's ID before it.
    pub step: String,
    /// In how many schedules.
    pub schedules: u32,
    /// The crashes of one of these schedules.
    pub crashes: Vec<Crash>,
    /// Whether the run was cancelled by the explorer in it.
    pub was_cancelled: bool,
    /// One of these schedules.
    pub example: ScheduleId,
}

/// A [`cleanup`](crate::cleanup) that was registered, and did not run to its end although its run failed or was cancelled.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnfinishedCleanup {
    /// Where it is registered, as `src/order.rs:12:5`; where that is in a loop, with a number.
    pub at: String,
    /// In how many schedules.
    pub schedules: u32,
    /// The crashes of one of these schedules.
    pub crashes: Vec<Crash>,
    /// Whether the run was cancelled by the explorer in it.
    pub was_cancelled: bool,
    /// One of these schedules.
    pub example: ScheduleId,
}

/// An end that runs came to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ending {
    /// What kind of end it is.
    pub kind: EndingKind,
    /// The result as JSON, the error, or what the run waits for.
    pub text: String,
    /// In how many schedules.
    pub schedules: u32,
    /// The crashes of one of these schedules.
    pub crashes: Vec<Crash>,
    /// One of these schedules.
    pub example: ScheduleId,
}

/// The kinds of ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum EndingKind {
    /// It returned a value.
    Returned,
    /// It failed.
    Failed,
    /// It was cancelled, or took longer than it may.
    Cancelled,
    /// It has no end.
    Endless,
    /// It broke off: its code did otherwise on a replay, or a value could not be stored.
    Broken,
}

impl Report {
    /// Whether nothing was found that is wrong whatever one wants, and all holds that the test demands.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    /// Fails the test with the report unless it [is sound](Report::is_sound): each failed run has undone its effects and run its cleanups to
    /// their end, each run has an end, and what the test demands holds.
    ///
    /// # Panics
    ///
    /// If it is not sound.
    #[track_caller]
    pub fn assert_sound(&self) {
        assert!(self.is_sound(), "{self}");
    }

    /// What is known of a step whose effect ran more than once.
    #[must_use]
    pub fn repeated(&self, step: &str) -> Option<&RepeatedEffect> {
        self.repeated.iter().find(|effect| effect.step == step)
    }

    /// How many schedules were run.
    #[must_use]
    pub fn schedules(&self) -> u32 {
        self.coverage.listed + self.coverage.sampled
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { workflow, coverage, repeated, missing_undos, unfinished_cleanups, endings, problems } = self;
        writeln!(f, "`{workflow}` was run in {coverage}")?;
        for problem in problems {
            writeln!(f, "  problem: {problem}")?;
        }
        if repeated.is_empty() {
            writeln!(f, "no effect ran more than once")?;
        } else {
            writeln!(
                f,
                "effects that ran more than once (let them do no harm then, by an idempotency key for example):"
            )?;
        }
        for RepeatedEffect { step, times, under, .. } in repeated {
            writeln!(f, "  `{step}` ran up to {times} times, under")?;
            for (crashes, schedule) in under.iter().take(LISTED_MAX) {
                writeln!(f, "    {} (schedule {schedule})", Crashes(crashes))?;
            }
            if under.len() > LISTED_MAX {
                writeln!(f, "    and {} others", under.len() - LISTED_MAX)?;
            }
        }
        if !missing_undos.is_empty() {
            writeln!(f, "effects that stayed although their run failed or was cancelled:")?;
        }
        for MissingUndo { step, schedules, crashes, was_cancelled, example } in missing_undos {
            let mishaps = Mishaps { crashes, was_cancelled: *was_cancelled };
            writeln!(f, "  `{step}` in {schedules} schedules, as under {mishaps} (schedule {example})")?;
        }
        if !unfinished_cleanups.is_empty() {
            writeln!(f, "cleanups that did not run to their end although their run failed or was cancelled:")?;
        }
        for UnfinishedCleanup { at, schedules, crashes, was_cancelled, example } in unfinished_cleanups {
            let mishaps = Mishaps { crashes, was_cancelled: *was_cancelled };
            writeln!(f, "  the one at {at} in {schedules} schedules, as under {mishaps} (schedule {example})")?;
        }
        writeln!(
            f,
            "{}",
            if endings.len() == 1 { "every run came to the same end:" } else { "runs came to different ends:" }
        )?;
        for Ending { kind, text, schedules, crashes, example } in endings {
            let crashes = Crashes(crashes);
            writeln!(f, "  {schedules} {kind} {text} (as under {crashes}, schedule {example})")?;
        }
        Ok(())
    }
}

/// The most crashes that a report lists for one step.
const LISTED_MAX: usize = 8;

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Coverage { listed, all_with_crashes, sampled, seed } = self;
        match all_with_crashes {
            Some(0) => write!(f, "{listed} schedules")?,
            Some(1) => write!(f, "{listed} schedules, all that there are with up to one crash")?,
            Some(crashes) => write!(f, "{listed} schedules, all that there are with up to {crashes} crashes")?,
            None => write!(f, "{listed} schedules with up to one crash, and not all that there are")?,
        }
        match sampled {
            0 => Ok(()),
            sampled => write!(f, ", and {sampled} more that were drawn at random (seed {seed})"),
        }
    }
}

impl fmt::Display for EndingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            EndingKind::Returned => "returned",
            EndingKind::Failed => "failed:",
            EndingKind::Cancelled => "were cancelled:",
            EndingKind::Endless => "had no end:",
            EndingKind::Broken => "broke off:",
        })
    }
}

impl fmt::Display for Crash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Crash { moment, operations, child } = self;
        let operations: Vec<String> = operations.iter().map(|operation| format!("`{operation}`")).collect();
        let operations = operations.join(", ");
        match moment {
            CrashMoment::BeforeEffect => write!(f, "a crash before {operations}"),
            CrashMoment::BeforeRecord => write!(f, "a crash between {operations} and its record"),
            CrashMoment::AfterRecord => write!(f, "a crash after the record of {operations}"),
            CrashMoment::BeforeEnd => write!(f, "a crash before the end was recorded"),
        }?;
        child.as_ref().map_or(Ok(()), |child| write!(f, " in child run `{child}`"))
    }
}

/// Crashes and a cancellation as part of a sentence.
struct Mishaps<'a> {
    crashes: &'a [Crash],
    was_cancelled: bool,
}

impl fmt::Display for Mishaps<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mishaps { crashes, was_cancelled } = self;
        let cancelled = if *was_cancelled { " and a cancellation" } else { "" };
        write!(f, "{}{cancelled}", Crashes(crashes))
    }
}

/// Crashes as part of a sentence.
struct Crashes<'a>(&'a [Crash]);

impl fmt::Display for Crashes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("no crash");
        }
        for (position, crash) in self.0.iter().enumerate() {
            let separator = if position == 0 { "" } else { ", then " };
            write!(f, "{separator}{crash}")?;
        }
        Ok(())
    }
}
