//! What exploring a workflow has shown: as data, and as text.

use std::collections::BTreeMap;
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

    /// Fails the test with the report unless it [is sound](Report::is_sound): each failed run has undone its effects, each run has an end, and
    /// what the test demands holds.
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
        let Report { workflow, coverage, repeated, missing_undos, endings, problems } = self;
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
            let cancelled = if *was_cancelled { " and a cancellation" } else { "" };
            let crashes = Crashes(crashes);
            writeln!(f, "  `{step}` in {schedules} schedules, as under {crashes}{cancelled} (schedule {example})")?;
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

/// What one schedule came to.
pub(super) struct Observed {
    pub(super) schedule: ScheduleId,
    pub(super) crashes: Vec<Crash>,
    pub(super) was_cancelled: bool,
    /// Steps whose effect ran more than once, and how often.
    pub(super) repeated: Vec<(String, u32)>,
    pub(super) missing_undos: Vec<String>,
    pub(super) end: (EndingKind, String),
}

/// What all schedules came to so far.
#[derive(Default)]
pub(super) struct Tally {
    repeated: BTreeMap<String, RepeatedEffect>,
    missing_undos: BTreeMap<String, MissingUndo>,
    endings: BTreeMap<(EndingKind, String), Ending>,
}

/// What a test demands besides.
#[derive(Default)]
pub(super) struct Demands {
    pub(super) exactly_once: Vec<String>,
    pub(super) one_result: bool,
}

impl Tally {
    pub(super) fn add(&mut self, observed: Observed) {
        let Observed { schedule, crashes, was_cancelled, repeated, missing_undos, end } = observed;
        for (step, times) in repeated {
            let new = || RepeatedEffect { step: step.clone(), times: 0, schedules: 0, under: Vec::new() };
            let effect = self.repeated.entry(step.clone()).or_insert_with(new);
            effect.times = effect.times.max(times);
            effect.schedules += 1;
            let shortest = effect.under.first().map_or(usize::MAX, |(crashes, _)| crashes.len());
            if crashes.len() < shortest {
                effect.under.clear();
            }
            if crashes.len() <= shortest && effect.under.iter().all(|(known, _)| *known != crashes) {
                effect.under.push((crashes.clone(), schedule.clone()));
            }
        }
        for step in missing_undos {
            let new = || MissingUndo {
                step: step.clone(),
                schedules: 0,
                crashes: crashes.clone(),
                was_cancelled,
                example: schedule.clone(),
            };
            let missing = self.missing_undos.entry(step.clone()).or_insert_with(new);
            missing.schedules += 1;
            if crashes.len() < missing.crashes.len() {
                (missing.crashes, missing.example) = (crashes.clone(), schedule.clone());
                missing.was_cancelled = was_cancelled;
            }
        }
        let (kind, text) = end.clone();
        let ending = self.endings.entry(end).or_insert_with(|| Ending {
            kind,
            text,
            schedules: 0,
            crashes: crashes.clone(),
            example: schedule.clone(),
        });
        ending.schedules += 1;
        if crashes.len() < ending.crashes.len() {
            (ending.crashes, ending.example) = (crashes, schedule);
        }
    }

    pub(super) fn report(self, workflow: &'static str, coverage: Coverage, demands: &Demands) -> Report {
        let mut endings: Vec<Ending> = self.endings.into_values().collect();
        endings.sort_by_key(|ending| std::cmp::Reverse(ending.schedules));
        let repeated: Vec<RepeatedEffect> = self.repeated.into_values().collect();
        let missing_undos: Vec<MissingUndo> = self.missing_undos.into_values().collect();
        let mut problems = Vec::new();
        for step in &demands.exactly_once {
            if let Some(effect) = repeated.iter().find(|effect| effect.step == *step) {
                problems.push(format!("`{step}` is to run exactly once, and ran up to {} times", effect.times));
            }
        }
        for missing in &missing_undos {
            problems.push(format!("`{}` was not undone, and its run failed or was cancelled", missing.step));
        }
        for ending in &endings {
            match ending.kind {
                EndingKind::Endless => problems.push(format!("a run has no end: {}", ending.text)),
                EndingKind::Broken => problems.push(format!("a run broke off: {}", ending.text)),
                _ => {}
            }
        }
        let results = endings.iter().filter(|ending| ending.kind != EndingKind::Cancelled).count();
        if demands.one_result && results > 1 {
            problems.push(format!("every run is to come to the same end, and there are {results}"));
        }
        Report { workflow, coverage, repeated, missing_undos, endings, problems }
    }
}
