//! Counts what the schedules came to, and makes the report of it.

use std::collections::BTreeMap;

use super::report::{Coverage, Crash, Ending, EndingKind, MissingUndo, RepeatedEffect, Report, UnfinishedCleanup};
use super::schedule::ScheduleId;

/// What one schedule came to.
pub(super) struct Observed {
    pub(super) schedule: ScheduleId,
    pub(super) crashes: Vec<Crash>,
    pub(super) was_cancelled: bool,
    /// Steps whose effect ran more than once, and how often.
    pub(super) repeated: Vec<(String, u32)>,
    pub(super) missing_undos: Vec<String>,
    pub(super) unfinished_cleanups: Vec<String>,
    pub(super) end: (EndingKind, String),
}

/// What all schedules came to so far.
#[derive(Default)]
pub(super) struct Tally {
    repeated: BTreeMap<String, RepeatedEffect>,
    missing_undos: BTreeMap<String, Cases>,
    unfinished_cleanups: BTreeMap<String, Cases>,
    endings: BTreeMap<(EndingKind, String), Ending>,
}

/// What a test demands besides.
#[derive(Default)]
pub(super) struct Demands {
    pub(super) exactly_once: Vec<String>,
    pub(super) one_result: bool,
}

/// In which schedules something happened.
struct Cases {
    schedules: u32,
    /// The crashes of the one with the fewest.
    crashes: Vec<Crash>,
    was_cancelled: bool,
    example: ScheduleId,
}

impl Cases {
    fn note(cases: &mut BTreeMap<String, Cases>, name: String, observed: &Observed) {
        let Observed { schedule, crashes, was_cancelled, .. } = observed;
        let new = || Cases {
            schedules: 0,
            crashes: crashes.clone(),
            was_cancelled: *was_cancelled,
            example: schedule.clone(),
        };
        let cases = cases.entry(name).or_insert_with(new);
        cases.schedules += 1;
        if crashes.len() < cases.crashes.len() {
            *cases = Cases { schedules: cases.schedules, ..new() };
        }
    }
}

impl Tally {
    pub(super) fn add(&mut self, observed: Observed) {
        for step in &observed.missing_undos {
            Cases::note(&mut self.missing_undos, step.clone(), &observed);
        }
        for at in &observed.unfinished_cleanups {
            Cases::note(&mut self.unfinished_cleanups, at.clone(), &observed);
        }
        let Observed { schedule, crashes, repeated, end, .. } = observed;
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
        let missing_undo = |(step, Cases { schedules, crashes, was_cancelled, example })| MissingUndo {
            step,
            schedules,
            crashes,
            was_cancelled,
            example,
        };
        let missing_undos: Vec<MissingUndo> = self.missing_undos.into_iter().map(missing_undo).collect();
        let unfinished = |(at, Cases { schedules, crashes, was_cancelled, example })| UnfinishedCleanup {
            at,
            schedules,
            crashes,
            was_cancelled,
            example,
        };
        let unfinished_cleanups: Vec<_> = self.unfinished_cleanups.into_iter().map(unfinished).collect();
        let mut problems = Vec::new();
        for step in &demands.exactly_once {
            if let Some(effect) = repeated.iter().find(|effect| effect.step == *step) {
                problems.push(format!("`{step}` is to run exactly once, and ran up to {} times", effect.times));
            }
        }
        for missing in &missing_undos {
            problems.push(format!("`{}` was not undone, and its run failed or was cancelled", missing.step));
        }
        for UnfinishedCleanup { at, .. } in &unfinished_cleanups {
            problems.push(format!("the cleanup at {at} did not run to its end, and its run failed or was cancelled"));
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
        Report { workflow, coverage, repeated, missing_undos, unfinished_cleanups, endings, problems }
    }
}
