//! The crash explorer: runs a workflow again and again, with a crash in another place each time.

mod driver;
mod report;
mod schedule;
mod tally;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use self::driver::{CrashingDriver, Script};
pub use self::report::{
    Coverage, Crash, CrashMoment, Ending, EndingKind, MissingUndo, RepeatedEffect, Report, UnfinishedCleanup,
};
use self::schedule::Choices;
pub use self::schedule::ScheduleId;
use self::tally::{Demands, Observed, Tally};
use super::agenda::Delivery;
use super::clock::{PausedHost, paused_runtime};
use super::mocks::{Mock, Mocks};
use crate::error::RunErrorReason;
use crate::kernel::{CleanupSite, OnDivergence, RunId, StepId};
use crate::local::{LocalClient, Origin, RunEnd};
use crate::value::Json;
use crate::workflow::{AnyWorkflow, Workflow};

/// How many schedules are run where nothing else is said.
const SCHEDULES: u32 = 2_000;

/// How many schedules are drawn at random where all with one crash were run, and those with two are too many.
const SAMPLED_MAX: u32 = 500;

/// The most crashes of a schedule that is drawn at random.
const SAMPLED_CRASHES: u32 = 3;

/// After how many operations, with those that a crash repeats, a run counts as one that has no end.
const OPERATIONS_MAX: u32 = 2_000;

/// How long a run may take in virtual time, before it counts as one that has no end: a hundred years.
const PATIENCE: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// The seed where nothing else is said.
const SEED: u64 = 42;

/// The ID of the run.
const RUN: &str = "explored";

/// Explores what crashes do to a workflow: see [`Explorer`].
///
/// # Panics
///
/// When the input has no form in JSON.
#[track_caller]
pub fn explore<W: Workflow>(workflow: W, input: W::Input) -> Explorer {
    match Json::encode_to_decode(&input) {
        Ok(input) => Explorer::new(AnyWorkflow::new(workflow), input),
        Err(problem) => panic!("the input of `{}` cannot be recorded: {problem}", W::NAME),
    }
}

/// Runs a workflow with a crash before, or after, or amid each of its operations, and its parallel steps in every order.
///
/// A schedule is one way in which a run may go: where it crashes, and which of the steps that wait side by side is executed first (or all at
/// once). A crash loses all but what was recorded, and the run is taken up again. It comes *before* an effect, *between* the effect and its record,
/// *after* the record, or when the workflow has returned and that is not recorded. All schedules with one crash are run, then all with two;
/// where these are too many, schedules with up to three crashes are drawn at random, by a seed that the report prints.
///
/// The bodies of steps run, once for each schedule and more, so give them effects that a test may have, or [mock](Explorer::mock) them. Time
/// is virtual, and a crash takes none.
///
/// ```
/// use owf_runtime::prelude::*;
/// use owf_runtime::testing::explore;
///
/// #[workflow]
/// async fn pay(cents: u64) -> WorkflowResult<String> {
///     let key = uuid("key").await?;
///     let receipt = step!("charge", format!("charged {cents} under {key}")).await?;
///     step!("mail", println!("{receipt}")).await?;
///     Ok(receipt)
/// }
///
/// let report = explore(pay, 42).run();
/// // An effect is at-least-once: the key lets the other side know a repetition.
/// assert_eq!(report.repeated("charge").map(|effect| effect.times), Some(3));
/// assert_eq!(report.endings.len(), 1);
/// report.assert_sound();
/// ```
#[must_use = "nothing is explored until `.run()`"]
pub struct Explorer {
    workflow: AnyWorkflow,
    input: Json,
    schedules: u32,
    seed: u64,
    only: Option<ScheduleId>,
    agenda: Vec<(Duration, Delivery)>,
    cancel: Option<String>,
    mocks: Mocks,
    before_each: Option<Box<dyn Fn() + Send>>,
    demands: Demands,
}

impl Explorer {
    fn new(workflow: AnyWorkflow, input: Json) -> Explorer {
        Explorer {
            workflow,
            input,
            schedules: SCHEDULES,
            seed: SEED,
            only: None,
            agenda: Vec::new(),
            cancel: None,
            mocks: Mocks::default(),
            before_each: None,
            demands: Demands::default(),
        }
    }

    /// Demands that a step's effect runs exactly once in each schedule; to be said of steps that another system may not see twice, and
    /// that nothing but luck keeps from it.
    pub fn exactly_once(mut self, step: impl Into<String>) -> Explorer {
        self.demands.exactly_once.push(step.into());
        self
    }

    /// Demands that all runs come to the same end, but for those that are cancelled.
    pub fn one_result(mut self) -> Explorer {
        self.demands.one_result = true;
        self
    }

    /// At this time after its start, the run gets a signal.
    ///
    /// # Panics
    ///
    /// When the value has no form in JSON.
    #[track_caller]
    pub fn signal_at<T: Serialize + ?Sized>(mut self, time: Duration, name: impl Into<String>, value: &T) -> Explorer {
        self.agenda.push((time, Delivery::signal(RunId::new(RUN), name.into(), value)));
        self
    }

    /// At this time after the run's start, an event is sent.
    ///
    /// # Panics
    ///
    /// When the value has no form in JSON.
    #[track_caller]
    pub fn event_at<T: Serialize + ?Sized>(mut self, time: Duration, name: impl Into<String>, value: &T) -> Explorer {
        self.agenda.push((time, Delivery::event(name.into(), value)));
        self
    }

    /// At this time after its start, the run is cancelled.
    pub fn cancel_at(mut self, time: Duration, reason: impl Into<String>) -> Explorer {
        self.agenda.push((time, Delivery::cancel(RunId::new(RUN), reason.into())));
        self
    }

    /// The run may be cancelled after each of its operations, and after each crash: also those schedules are run.
    pub fn cancel_anywhere(mut self) -> Explorer {
        self.cancel = Some("the explorer cancels it".to_owned());
        self
    }

    /// Puts something in the place of a step's body: `.mock("charge", |mock| mock.with(receipt))`.
    pub fn mock<M>(self, step: impl AsRef<str>, say: impl FnOnce(Mock) -> M) -> Explorer {
        say(self.mocks.mock(step.as_ref()));
        self
    }

    /// Is called before each schedule, to put back what the bodies of steps have changed.
    pub fn before_each(mut self, reset: impl Fn() + Send + 'static) -> Explorer {
        self.before_each = Some(Box::new(reset));
        self
    }

    /// Sets how many schedules are run at most; the default is 2,000.
    pub fn schedules(mut self, most: u32) -> Explorer {
        self.schedules = most.max(1);
        self
    }

    /// Sets the seed of the schedules that are drawn at random, and of the workflow's `random` and `uuid`.
    pub fn seed(mut self, seed: u64) -> Explorer {
        self.seed = seed;
        self
    }

    /// Runs one schedule only, by the name that a report prints, to look into it.
    ///
    /// # Panics
    ///
    /// When the text is no name of a schedule.
    #[track_caller]
    pub fn only(mut self, schedule: &str) -> Explorer {
        self.only = Some(schedule.parse().unwrap_or_else(|problem| panic!("{problem}")));
        self
    }

    /// Runs the schedules, in a thread of their own: it may be called in a test of any kind, `async` or not.
    ///
    /// # Panics
    ///
    /// When what was given to [`before_each`](Explorer::before_each) does.
    #[must_use]
    pub fn run(self) -> Report {
        let exploring = std::thread::spawn(move || self.explore());
        exploring.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    fn explore(self) -> Report {
        let mut tally = Tally::default();
        let mut coverage = Coverage { seed: self.seed, ..Coverage::default() };
        if let Some(schedule) = &self.only {
            let (observed, _) = self.run_schedule(Choices::named(schedule.clone()), schedule.crashes);
            tally.add(observed);
            (coverage.listed, coverage.all_with_crashes) = (1, Some(0));
        } else {
            self.run_all(&mut tally, &mut coverage);
        }
        tally.report(self.workflow.name(), coverage, &self.demands)
    }

    fn run_all(&self, tally: &mut Tally, coverage: &mut Coverage) {
        // What cannot be gone through is better drawn than broken off: leave room for that.
        let room = self.schedules - self.schedules / 3;
        let mut found = Tally::default();
        let (one, complete) = self.run_listed(&mut found, 1, room);
        (coverage.listed, coverage.all_with_crashes) = (one, complete.then_some(1));
        // Two crashes in one of `n` schedules with one are about as many as the pairs of them.
        let pairs = u64::from(one) * u64::from(one) / 2;
        if complete && pairs <= u64::from(self.schedules - one) {
            let mut with_two = Tally::default();
            let (two, complete) = self.run_listed(&mut with_two, 2, self.schedules);
            if complete {
                (coverage.listed, coverage.all_with_crashes) = (two, Some(2));
                *tally = with_two;
                return;
            }
        }
        *tally = found;
        coverage.sampled = self.schedules.saturating_sub(one);
        if complete {
            coverage.sampled = coverage.sampled.min(SAMPLED_MAX);
        }
        for number in 0..u64::from(coverage.sampled) {
            let choices = Choices::random(self.seed.wrapping_add(number));
            tally.add(self.run_schedule(choices, SAMPLED_CRASHES).0);
        }
    }

    /// Runs schedules one after the other: how many there were, and whether these were all.
    fn run_listed(&self, tally: &mut Tally, crashes: u32, most: u32) -> (u32, bool) {
        let (mut next, mut count) = (Some(Vec::new()), 0);
        while let Some(taken) = next {
            if count == most {
                return (count, false);
            }
            let (observed, choices) = self.run_schedule(Choices::listed(taken), crashes);
            tally.add(observed);
            next = choices;
            count += 1;
        }
        (count, true)
    }

    /// Runs one schedule: what came of it, and the first choices of the next one.
    fn run_schedule(&self, choices: Choices, crashes: u32) -> (Observed, Option<Vec<u32>>) {
        if let Some(reset) = &self.before_each {
            reset();
        }
        let main = RunId::new(RUN);
        let script = Script::new(choices, main.clone(), crashes, self.cancel.clone(), OPERATIONS_MAX);
        // One for each schedule: nothing that is left of another is there.
        let watching = script.watch_cleanups();
        let end = paused_runtime().block_on(self.run_to_end(&script, &main));
        drop(watching);
        let course = script.course();
        let end = match end {
            Some(end) => ending(end),
            None if course.operations_left == 0 => {
                (EndingKind::Endless, format!("it took more than {OPERATIONS_MAX} operations"))
            }
            None => (EndingKind::Endless, format!("it stands for ever at {}", course.waits.join(", "))),
        };
        let name = |run: &RunId, step: &dyn fmt::Display| match *run == main {
            true => step.to_string(),
            false => format!("{run}/{step}"),
        };
        let of_each = course.effects.iter().map(|((run, step), effect)| (run, step, effect));
        let repeated = of_each.clone().filter(|(_, _, effect)| effect.ran() > 1);
        let is_undone = |run: &RunId, step: &StepId| {
            let undo = course.effects.get(&(run.clone(), format!("{step}:undo").into()));
            undo.is_some_and(|undo| undo.succeeded)
        };
        let missing_undos = of_each.filter(|(run, step, effect)| {
            effect.has_undo && effect.ran() > 0 && course.failed.contains(run) && !is_undone(run, step)
        });
        let unfinished =
            course.cleanups.iter().filter(|((run, _), ran)| !**ran && course.failed.contains(run)).map(|(key, _)| key);
        let cleanup_name = |(run, site): &(RunId, CleanupSite)| match *run == main {
            true => site.to_string(),
            false => format!("{site} in child run `{run}`"),
        };
        let observed = Observed {
            schedule: course.choices.id(crashes),
            crashes: course.crashes.clone(),
            was_cancelled: course.was_cancelled,
            repeated: repeated.map(|(run, step, effect)| (name(run, step), effect.ran())).collect(),
            missing_undos: missing_undos.map(|(run, step, _)| name(run, step)).collect(),
            unfinished_cleanups: unfinished.map(cleanup_name).collect(),
            end,
        };
        (observed, course.choices.next())
    }

    /// Starts the run, and again after each crash; `None` if it comes to no end.
    async fn run_to_end(&self, script: &Script, main: &RunId) -> Option<RunEnd> {
        let host = Arc::new(PausedHost::new(self.seed));
        let driver = CrashingDriver::new(host, script.clone(), self.mocks.clone());
        let mut client = LocalClient::new(Arc::new(driver));
        client.settings.on_divergence = OnDivergence::Fail;
        let mut agenda = self.agenda.clone();
        let to_end = async {
            loop {
                let run = client.begin(self.workflow.clone(), self.input.clone(), Some(main.clone()), Origin::Client);
                let run = match run {
                    Ok(run) => run,
                    Err(error) => return Some(Err(error)),
                };
                for (time, delivery) in agenda.drain(..) {
                    let client = client.clone();
                    tokio::spawn(async move {
                        tokio::time::sleep(time).await;
                        // A run that is over before its time gets nothing more.
                        let _ = delivery.deliver(&client);
                    });
                }
                let end = run.wait().await;
                if !std::mem::take(&mut script.course().has_crashed) {
                    return end;
                }
            }
        };
        let end = tokio::time::timeout(PATIENCE, to_end).await.ok().flatten();
        if script.course().has_children {
            // Those that it does not wait for come to their end, too.
            tokio::time::sleep(PATIENCE).await;
        }
        end
    }
}

/// A run's end, as a report tells it.
fn ending(end: RunEnd) -> (EndingKind, String) {
    match end {
        Ok(output) => (EndingKind::Returned, output.to_string()),
        Err(error) => match error.reason() {
            RunErrorReason::Failed(error) => (EndingKind::Failed, error.to_string()),
            RunErrorReason::Cancelled(error) => (EndingKind::Cancelled, error.to_string()),
            _ => (EndingKind::Broken, error.to_string()),
        },
    }
}

impl fmt::Debug for Explorer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explorer")
            .field("workflow", &self.workflow.name())
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}
