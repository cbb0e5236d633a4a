//! Steps and workflows that fail: retries, what the workflow sees of an error, and what its caller sees.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use owf_runtime::prelude::*;
use owf_runtime::{RunErrorReason, RunStatus, StepOutcome, StepRecord};
use serde::{Deserialize, Serialize};

use crate::probe::Probe;
use crate::subjects::{Model, Subject, Verdict};

const SECOND: Duration = Duration::from_secs(1);

/// A serde error, which is to come back typed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Declined {
    Card { code: u32 },
    Limit,
}

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Declined::Card { code } => write!(f, "card declined with code {code}"),
            Declined::Limit => f.write_str("over the limit"),
        }
    }
}

impl Error for Declined {}

fn decline(code: u32) -> Result<u32, Declined> {
    Err(Declined::Card { code })
}

/// An error with two causes below it.
#[derive(Debug)]
struct Layered(&'static str, Option<Box<Layered>>);

impl fmt::Display for Layered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Layered {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_deref().map(|cause| cause as &dyn Error)
    }
}

fn layered() -> Result<u32, Layered> {
    let bottom = Layered("no route to host", None);
    Err(Layered("charging failed", Some(Box::new(Layered("connection lost", Some(Box::new(bottom)))))))
}

/// How each attempt ended: `+` with a value, `-` for good, `~` to be tried again.
fn outcomes(steps: &[StepRecord]) -> Vec<String> {
    let mark = |outcome: &StepOutcome| match outcome {
        StepOutcome::Succeeded { .. } => '+',
        StepOutcome::Failed { .. } => '-',
        StepOutcome::Retrying { .. } => '~',
    };
    steps.iter().map(|step| format!("{}#{}{}", step.id, step.attempt, mark(&step.outcome))).collect()
}

pub(crate) async fn a_failed_step_is_retried_until_it_succeeds(subject: Subject) -> Verdict {
    #[workflow]
    async fn flaky(probe: Probe) -> WorkflowResult<usize> {
        let value = step!("flaky", {
            let attempt = probe.note("attempt");
            if attempt < 3 {
                Err("not yet")?;
            }
            attempt
        })
        .await?;
        step!("after", probe.note("after")).await?;
        Ok(value)
    }
    let probe = Probe::new();
    let (value, steps) = subject.start(flaky, probe).await?;
    assert_eq!(value, 3);
    assert_eq!(outcomes(&steps), ["flaky#1~", "flaky#2~", "flaky#3+", "after#1+"]);
    assert_eq!(probe.notes(), ["attempt", "attempt", "attempt", "after"]);
    assert_eq!(subject.invoke(flaky, Probe::new()).await?, 3);
    Ok(())
}

pub(crate) async fn a_fixed_backoff_waits_the_same_each_time(subject: Subject) -> Verdict {
    #[workflow]
    async fn fixed(probe: Probe) -> WorkflowResult<usize> {
        let fails = step!("fixed", backoff = Duration::from_secs(90), {
            match probe.note("attempt") {
                4 => 4,
                _ => Err("not yet")?,
            }
        });
        Ok(fails.await?)
    }
    let (_, steps) = subject.start(fixed, Probe::new()).await?;
    assert_eq!(subject.host.elapsed(), 3 * 90 * SECOND);
    let begins: Vec<u64> = steps
        .iter()
        .map(|step| step.started_at.duration_since(std::time::UNIX_EPOCH).map_or(0, |at| at.as_secs()))
        .collect();
    assert_eq!(begins, [0, 90, 180, 270]);
    Ok(())
}

pub(crate) async fn the_default_backoff_doubles_from_a_second_with_jitter(subject: Subject) -> Verdict {
    #[workflow]
    async fn failing() -> WorkflowResult<u32> {
        Ok(step!("fails", Err::<u32, _>("always")).await?)
    }
    let error = subject.invoke(failing, ()).await.expect_err("the step fails each time");
    assert_eq!(
        error.workflow_error().and_then(|error| error.step()).map(ToString::to_string).as_deref(),
        Some("fails")
    );
    // 1 + 2 + 4 seconds, each cut by up to a half.
    let waited = subject.host.elapsed();
    assert!(waited >= 3500 * SECOND / 1000 && waited <= 7 * SECOND, "{waited:?}");
    assert_ne!(waited, 7 * SECOND, "jitter cuts something");
    Ok(())
}

pub(crate) async fn a_step_without_retries_is_attempted_once(subject: Subject) -> Verdict {
    #[workflow]
    async fn once(probe: Probe) -> WorkflowResult<u32> {
        let error = step!("once", retries = 0, {
            probe.note("attempt");
            Err::<(), _>("no")?;
        })
        .await
        .expect_err("it fails");
        assert_eq!(error.to_string(), "step `once` failed: no");
        Ok(error.attempts())
    }
    let probe = Probe::new();
    let (attempts, steps) = subject.start(once, probe).await?;
    assert_eq!(attempts, 1);
    assert_eq!(probe.count("attempt"), 1);
    assert_eq!(outcomes(&steps), ["once#1-"]);
    assert_eq!(subject.host.elapsed(), Duration::ZERO);
    Ok(())
}

pub(crate) async fn a_step_error_tells_step_attempts_message_and_causes(subject: Subject) -> Verdict {
    type Told = (String, Option<String>, u32, String, Vec<String>, bool);
    #[workflow]
    async fn told() -> WorkflowResult<Told> {
        let error = step!("charge", retries = 2, layered()?).await.expect_err("it fails");
        // One more step, so that a re-entering driver hands out the recorded error.
        step!("later", ()).await?;
        let step = error.step().map(ToString::to_string);
        let causes = error.causes().to_vec();
        Ok((error.to_string(), step, error.attempts(), error.message().to_owned(), causes, error.is_fatal()))
    }
    let (text, step, attempts, message, causes, is_fatal) = subject.invoke(told, ()).await?;
    assert_eq!(text, "step `charge` failed after 3 attempts: charging failed");
    assert_eq!(step.as_deref(), Some("charge"));
    assert_eq!(attempts, 3);
    assert_eq!(message, "charging failed");
    assert_eq!(causes, ["connection lost", "no route to host"]);
    assert!(!is_fatal);
    Ok(())
}

pub(crate) async fn a_caught_step_error_stays_caught_on_replay(subject: Subject) -> Verdict {
    #[workflow]
    async fn compensating(probe: Probe) -> WorkflowResult<String> {
        let charged = step!("charge", retries = 1, {
            probe.note("charge");
            decline(5)?
        })
        .await;
        let Err(error) = charged else { return Ok("paid".to_owned()) };
        let refund = step!("refund", probe.note("refund")).await?;
        let mail = step!("mail", probe.note("mail")).await?;
        Ok(format!("{} {refund} {mail}", error.message()))
    }
    let probe = Probe::new();
    assert_eq!(subject.start(compensating, probe).await?.0, "card declined with code 5 1 1");
    assert_eq!(probe.notes(), ["charge", "charge", "refund", "mail"]);
    Ok(())
}

pub(crate) async fn a_fatal_step_error_is_not_retried(subject: Subject) -> Verdict {
    #[workflow]
    async fn fatal(probe: Probe) -> WorkflowResult<(bool, u32)> {
        let text = step!("text", {
            probe.note("text");
            Err::<u32, _>(StepError::fatal("card stolen"))?
        });
        let error = text.await.expect_err("it fails");
        let typed = step!("typed", {
            probe.note("typed");
            decline(7).map_err(|error| StepError::typed(error).into_fatal())?
        });
        let typed = typed.await.expect_err("it fails");
        assert_eq!(typed.downcast(), Some(Declined::Card { code: 7 }));
        step!("later", ()).await?;
        Ok((error.is_fatal() && typed.is_fatal(), error.attempts() + typed.attempts()))
    }
    let probe = Probe::new();
    assert_eq!(subject.invoke(fatal, probe).await?, (true, 2));
    assert_eq!(probe.notes(), ["text", "typed"]);
    assert_eq!(subject.host.elapsed(), Duration::ZERO);
    Ok(())
}

pub(crate) async fn retry_after_sets_the_wait(subject: Subject) -> Verdict {
    #[workflow]
    async fn told_when(probe: Probe) -> WorkflowResult<usize> {
        Ok(step!("limited", backoff = SECOND, {
            match probe.note("attempt") {
                1 => Err(StepError::msg("limited").retry_after(1000 * SECOND))?,
                2 => Err(StepError::msg("limited"))?,
                attempt => attempt,
            }
        })
        .await?)
    }
    assert_eq!(subject.invoke(told_when, Probe::new()).await?, 3);
    assert_eq!(subject.host.elapsed(), 1001 * SECOND, "the second wait is the backoff's again");
    Ok(())
}

pub(crate) async fn a_typed_error_comes_back_by_downcast(subject: Subject) -> Verdict {
    #[workflow]
    async fn typed() -> WorkflowResult<Vec<Option<Declined>>> {
        let at_end = step!("at-end", retries = 0, decline(1)?).await.err();
        let as_value = step!("as-value", retries = 0, decline(2)).await.err();
        let in_middle = step!("in-middle", retries = 0, {
            let paid = decline(3)?;
            paid + 1
        })
        .await
        .err();
        let owned = step!("owned", retries = 0, async move { Err(Declined::Limit)? }).await.err();
        let other = step!("other", retries = 0, Err("text")?).await.err();
        step!("later", ()).await?;
        Ok([at_end, as_value, in_middle, owned, other].map(|error| error?.downcast::<Declined>()).to_vec())
    }
    let card = |code| Some(Declined::Card { code });
    let expected = [card(1), card(2), card(3), Some(Declined::Limit), None];
    assert_eq!(subject.invoke(typed, ()).await?, expected);
    Ok(())
}

pub(crate) async fn errors_of_all_usual_types_fail_a_step(subject: Subject) -> Verdict {
    #[workflow]
    async fn usual() -> WorkflowResult<Vec<String>> {
        let io = step!("io", retries = 0, Err(std::io::Error::other("disk"))?).await.err();
        let parse = step!("parse", retries = 0, "x".parse::<u32>()?).await.err();
        let string = step!("string", retries = 0, Err("owned".to_owned())?).await.err();
        let boxed = step!("boxed", retries = 0, {
            let boxed: Box<dyn Error + Send + Sync> = "boxed".into();
            Err(boxed)?
        })
        .await
        .err();
        let none = step!("none", retries = 0, None::<u32>.ok_or("nothing")?).await.err();
        Ok([io, parse, string, boxed, none].iter().flatten().map(|error| error.message().to_owned()).collect())
    }
    let messages = subject.invoke(usual, ()).await?;
    assert_eq!(messages, ["disk", "invalid digit found in string", "owned", "boxed", "nothing"]);
    Ok(())
}

pub(crate) async fn a_panic_in_a_step_is_a_failed_attempt(subject: Subject) -> Verdict {
    #[workflow]
    async fn panicking(probe: Probe) -> WorkflowResult<(usize, String, String)> {
        let value = step!("panics", {
            let attempt = probe.note("attempt");
            assert!(attempt > 1, "attempt {attempt} is too early");
            attempt
        })
        .await?;
        let after_await = step!("panics-later", retries = 0, {
            tokio::task::yield_now().await;
            if probe.count("attempt") > 0 {
                panic!("on the way");
            }
        });
        let after_await = after_await.await.expect_err("it panics");
        let no_text = step!("panics-with-a-value", retries = 0, {
            if probe.count("attempt") > 0 {
                std::panic::panic_any(7_u8);
            }
        });
        let no_text = no_text.await.expect_err("it panics");
        Ok((value, after_await.message().to_owned(), no_text.message().to_owned()))
    }
    let (value, after_await, no_text) = subject.invoke(panicking, Probe::new()).await?;
    assert_eq!(value, 2);
    assert_eq!(after_await, "panicked: on the way");
    assert_eq!(no_text, "panicked");
    Ok(())
}

pub(crate) async fn a_timeout_is_a_failed_attempt(subject: Subject) -> Verdict {
    #[workflow]
    async fn slow(probe: Probe) -> WorkflowResult<String> {
        let stuck = step!("stuck", timeout = Duration::from_secs(30), retries = 1, backoff = SECOND, {
            probe.note("attempt");
            let _guard = probe.drop_guard("dropped");
            std::future::pending::<()>().await;
        });
        let error = stuck.await.expect_err("it never ends");
        step!("later", ()).await?;
        Ok(error.message().to_owned())
    }
    let probe = Probe::new();
    assert_eq!(subject.invoke(slow, probe).await?, "timed out after 30s");
    assert_eq!(probe.notes(), ["attempt", "dropped", "attempt", "dropped"]);
    assert_eq!(subject.host.elapsed(), 61 * SECOND, "twice the timeout, and the wait in between");
    Ok(())
}

pub(crate) async fn a_step_that_is_in_time_is_not_touched_by_its_timeout(subject: Subject) -> Verdict {
    #[workflow]
    async fn in_time() -> WorkflowResult<u32> {
        let value = step!("quick", timeout = Duration::from_secs(30), 7).await?;
        sleep("longer-than-the-timeout", Duration::from_secs(100)).await?;
        Ok(value)
    }
    assert_eq!(subject.invoke(in_time, ()).await?, 7);
    assert_eq!(subject.host.elapsed(), 100 * SECOND);
    Ok(())
}

pub(crate) async fn an_owning_step_is_retried(subject: Subject) -> Verdict {
    #[workflow]
    async fn owning(probe: Probe) -> WorkflowResult<String> {
        let word = "word".to_owned();
        Ok(step!("owning", async move {
            if probe.note("attempt") < 3 {
                Err("not yet")?;
            }
            word + "s"
        })
        .await?)
    }
    let probe = Probe::new();
    assert_eq!(subject.invoke(owning, probe).await?, "words");
    assert_eq!(probe.count("attempt"), 3);
    Ok(())
}

pub(crate) async fn a_destructor_that_panics_fails_the_run_and_no_more(subject: Subject) -> Verdict {
    struct Bomb(bool);
    impl Drop for Bomb {
        fn drop(&mut self) {
            assert!(!self.0, "the bomb goes off");
        }
    }
    #[workflow]
    async fn armed(armed: bool) -> WorkflowResult<u32> {
        let _bomb = Bomb(armed);
        Ok(step!("a", 1).await? + step!("b", 2).await?)
    }
    let run = subject.client().start(armed, true).id("armed").await?;
    let error = run.result().await.expect_err("it panics");
    assert!(error.to_string().contains("the bomb goes off"), "{error}");
    assert_ne!(run.status().await?, RunStatus::Running);
    subject.invoke(armed, true).await.expect_err("it panics");
    assert_eq!(subject.invoke(armed, false).await?, 3, "others are not touched");
    Ok(())
}

pub(crate) async fn a_step_of_one_attempt_may_own_what_cannot_be_cloned(subject: Subject) -> Verdict {
    struct Ticket(u32);
    #[workflow]
    async fn redeem(probe: Probe) -> WorkflowResult<(u32, u32)> {
        let (valid, invalid) = (Ticket(7), Ticket(8));
        let redeemed = step!("valid", retries = 0, async move { valid.0 }).await?;
        let refused = step!("invalid", retries = 0, async move {
            probe.note("refused");
            Err::<u32, _>(format!("{} is no ticket", invalid.0))
        });
        Ok((redeemed, refused.await.unwrap_or_else(|error| error.attempts())))
    }
    let probe = Probe::new();
    assert_eq!(subject.invoke(redeem, probe).await?, (7, 1));
    assert_eq!(probe.count("refused"), 1);
    Ok(())
}

pub(crate) async fn a_step_whose_value_cannot_be_stored_fails_at_once(subject: Subject) -> Verdict {
    type Unstorable = std::collections::BTreeMap<(u32, u32), u32>;
    #[workflow]
    async fn unstorable(probe: Probe) -> WorkflowResult<Option<(String, u32)>> {
        let pairs = step!("pairs", {
            probe.note("attempt");
            Unstorable::from([((1, 2), 3)])
        });
        Ok(pairs.await.err().map(|error| (error.message().to_owned(), error.attempts())))
    }
    let probe = Probe::new();
    let failed = subject.invoke(unstorable, probe).await?;
    assert_eq!(probe.count("attempt"), 1, "another attempt would end the same way");
    // What is never encoded has no need to be.
    assert_eq!(failed.is_some(), subject.keeps_memos());
    if let Some((message, attempts)) = failed {
        assert!(message.starts_with("its result cannot be stored"), "{message}");
        assert_eq!(attempts, 1);
    }
    Ok(())
}

pub(crate) async fn the_workflows_retries_and_backoff_hold_for_its_steps(subject: Subject) -> Verdict {
    #[workflow(retries = 1, backoff = Duration::from_secs(10))]
    async fn defaults(probe: Probe) -> WorkflowResult<(u32, u32)> {
        let plain = step!("plain", {
            probe.note("plain");
            Err::<u32, _>("always")?
        });
        let plain = plain.await.expect_err("it fails");
        let own = step!("own", retries = 2, backoff = SECOND, Err::<u32, _>("always")?);
        let own = own.await.expect_err("it fails");
        Ok((plain.attempts(), own.attempts()))
    }
    assert_eq!(subject.invoke(defaults, Probe::new()).await?, (2, 3));
    assert_eq!(subject.host.elapsed(), 12 * SECOND);
    Ok(())
}

pub(crate) async fn a_workflow_error_reaches_the_caller(subject: Subject) -> Verdict {
    #[workflow(name = "failing-workflow")]
    async fn failing(n: u32) -> WorkflowResult<u32> {
        let n = step!("add", n + 1).await?;
        Err(WorkflowError::msg(format!("no {n}")))
    }
    let error = subject.invoke(failing, 1).await.expect_err("it fails");
    assert_eq!(error.workflow(), "failing-workflow");
    assert!(matches!(error.reason(), RunErrorReason::Failed(_)), "{error:?}");
    assert_eq!(error.workflow_error().map(WorkflowError::message), Some("no 2"));
    assert!(error.to_string().contains("`failing-workflow`") && error.to_string().contains("no 2"), "{error}");

    let started = subject.start(failing, 1).await.expect_err("it fails");
    assert_eq!(started.workflow_error(), error.workflow_error());
    Ok(())
}

pub(crate) async fn a_workflows_typed_error_reaches_the_caller(subject: Subject) -> Verdict {
    #[workflow]
    async fn own_error(code: u32) -> Result<u32, Declined> {
        let _ = step!("before", ()).await;
        decline(code)
    }
    #[workflow]
    async fn step_error(code: u32) -> WorkflowResult<u32> {
        Ok(step!("charge", retries = 0, decline(code)?).await?)
    }
    let expected = Some(Declined::Card { code: 9 });
    assert_eq!(subject.invoke(own_error, 9).await.expect_err("declined").downcast(), expected);
    assert_eq!(subject.start(own_error, 9).await.expect_err("declined").downcast(), expected);
    assert_eq!(subject.invoke(step_error, 9).await.expect_err("declined").downcast(), expected);
    assert_eq!(subject.start(step_error, 9).await.expect_err("declined").downcast(), expected);
    Ok(())
}

pub(crate) async fn a_panic_of_the_workflow_is_its_error(subject: Subject) -> Verdict {
    #[workflow]
    async fn panicking(n: u32) -> WorkflowResult<u32> {
        let n = step!("add", n + 1).await?;
        assert!(n == 0, "{n} is not zero");
        Ok(n)
    }
    #[workflow]
    async fn healthy() -> WorkflowResult<u32> {
        Ok(step!("one", 1).await?)
    }
    let error = subject.invoke(panicking, 1).await.expect_err("it panics");
    assert_eq!(error.workflow_error().map(WorkflowError::message), Some("panicked: 2 is not zero"));
    let started = subject.start(panicking, 1).await.expect_err("it panics");
    assert_eq!(started.workflow_error(), error.workflow_error());
    assert_eq!(subject.invoke(healthy, ()).await?, 1, "the process and the thread's state are intact");
    Ok(())
}

pub(crate) async fn a_panic_at_once_is_the_workflows_error(subject: Subject) -> Verdict {
    #[workflow]
    async fn panicking(n: u32) -> u32 {
        1 / n
    }
    let error = subject.invoke(panicking, 0).await.expect_err("it panics");
    let message = error.workflow_error().map(WorkflowError::message);
    assert_eq!(message, Some("panicked: attempt to divide by zero"));
    Ok(())
}

pub(crate) async fn a_workflow_is_not_retried_unless_it_says_so(subject: Subject) -> Verdict {
    #[workflow]
    async fn failing(probe: Probe) -> WorkflowResult<()> {
        probe.note("entered");
        Err(WorkflowError::msg("no"))
    }
    let probe = Probe::new();
    subject.invoke(failing, probe).await.expect_err("it fails");
    assert_eq!(probe.count("entered"), 1);
    Ok(())
}

pub(crate) async fn a_retried_run_does_not_repeat_its_steps(subject: Subject) -> Verdict {
    #[workflow(retries = 2, backoff = Duration::from_secs(5))]
    async fn third_time(probe: Probe) -> WorkflowResult<usize> {
        let before = step!("before", probe.note("before")).await?;
        match probe.note("tried") {
            1 => Err(WorkflowError::msg("first")),
            2 => panic!("second"),
            _ => Ok(before + step!("after", probe.note("after")).await?),
        }
    }
    for by_start in [false, true] {
        let probe = Probe::new();
        let before = subject.host.elapsed();
        let value = if by_start {
            subject.start(third_time, probe).await?.0
        } else {
            subject.invoke(third_time, probe).await?
        };
        assert_eq!(value, 2);
        assert_eq!(probe.count("before"), 1, "{:?}", probe.notes());
        assert_eq!(probe.count("after"), 1);
        assert_eq!(subject.host.elapsed() - before, 10 * SECOND);
    }
    Ok(())
}

pub(crate) async fn a_runs_retries_are_used_up(subject: Subject) -> Verdict {
    #[workflow(retries = 2)]
    async fn always(probe: Probe) -> WorkflowResult<()> {
        probe.note("entered");
        Err(WorkflowError::msg("always"))
    }
    let probe = Probe::new();
    let error = subject.invoke(always, probe).await.expect_err("it fails each time");
    assert_eq!(error.workflow_error().map(WorkflowError::message), Some("always"));
    assert_eq!(probe.count("entered"), 3);
    Ok(())
}

pub(crate) async fn a_workflow_error_sets_the_wait_before_the_run_is_retried(subject: Subject) -> Verdict {
    #[workflow(retries = 1)]
    async fn limited(probe: Probe) -> WorkflowResult<usize> {
        match probe.note("entered") {
            1 => Err(WorkflowError::msg("limited").retry_after(1234 * SECOND)),
            entry => Ok(entry),
        }
    }
    assert_eq!(subject.invoke(limited, Probe::new()).await?, 2);
    assert_eq!(subject.host.elapsed(), 1234 * SECOND);
    Ok(())
}

pub(crate) async fn a_fatal_workflow_error_does_not_retry_the_run(subject: Subject) -> Verdict {
    #[workflow(retries = 5)]
    async fn fatal(probe: Probe) -> WorkflowResult<()> {
        probe.note("entered");
        Err(WorkflowError::fatal("no use"))
    }
    let probe = Probe::new();
    subject.invoke(fatal, probe).await.expect_err("it fails");
    assert_eq!(probe.count("entered"), 1);
    assert_eq!(subject.host.elapsed(), Duration::ZERO);
    Ok(())
}

pub(crate) async fn a_passed_on_step_error_does_not_retry_the_run(subject: Subject) -> Verdict {
    #[workflow(retries = 1)]
    async fn passed_on(probe: Probe) -> WorkflowResult<usize> {
        Ok(step!("fails", backoff = SECOND, {
            probe.note("attempt");
            Err::<usize, _>("always")?
        })
        .await?)
    }
    let probe = Probe::new();
    let error = subject.invoke(passed_on, probe).await.expect_err("it fails");
    let step = error.workflow_error().and_then(WorkflowError::step);
    assert_eq!(step.map(ToString::to_string).as_deref(), Some("fails"));
    assert_eq!(probe.count("attempt"), 2, "its recorded error would be returned on every replay");
    assert_eq!(subject.host.elapsed(), SECOND);
    Ok(())
}

pub(crate) async fn each_failed_attempt_of_a_checkpointed_step_is_a_re_entry(subject: Subject) -> Verdict {
    #[workflow]
    async fn flaky(probe: Probe) -> WorkflowResult<usize> {
        probe.note("entered");
        Ok(step!("flaky", {
            match probe.note("attempt") {
                3 => 3,
                _ => Err("not yet")?,
            }
        })
        .await?)
    }
    let probe = Probe::new();
    subject.invoke(flaky, probe).await?;
    match subject.model {
        Model::Continuous => assert_eq!(probe.count("entered"), 1),
        // After each wait between attempts.
        Model::Suspending => assert_eq!(probe.count("entered"), 3),
        // Each attempt has an entry; its wait may take one more.
        Model::Checkpoint => assert!(probe.count("entered") >= 4, "{:?}", probe.notes()),
    }
    assert_eq!(probe.count("attempt"), 3);
    Ok(())
}
