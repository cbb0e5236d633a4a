//! The test kit: virtual time, mocks, what happens from outside, and assertions.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use owf_runtime::prelude::*;
use owf_runtime::testing::{TestKit, begins_at, run_test};
use owf_runtime::{RunErrorReason, RunStatus, StepOutcome};
use serde::{Deserialize, Serialize};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Makes a test of each body, on both drivers.
macro_rules! on_both_drivers {
    ($($name:ident($kit:ident) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports, reason = "not each test needs all")]
            use super::*;

            #[owf_runtime::test]
            async fn continuous($kit: TestKit) -> WorkflowResult<()> $body

            #[owf_runtime::test]
            async fn checkpoint($kit: TestKit) -> WorkflowResult<()> {
                let $kit = $kit.checkpoint();
                $body
            }
        }
    )+};
}

#[workflow]
async fn onboard(user: String) -> WorkflowResult<String> {
    step!("welcome", real_mail(&user).await?).await?;
    sleep("three days", 3 * DAY).await?;
    let approval = wait_for_signal::<String>("approval", "approved").timeout(7 * DAY).await?;
    match approval {
        Some(by) => Ok(step!("activate", format!("{user} by {by}")).await?),
        None => {
            step!("reject", real_mail(&user).await?).await?;
            Err("nobody approved".into())
        }
    }
}

/// No test may send one.
async fn real_mail(user: &str) -> Result<(), std::io::Error> {
    Err(std::io::Error::other(format!("a real mail to {user}")))
}

on_both_drivers! {
    days_pass_without_waiting(kit) {
        kit.mock("welcome").with(());
        let run = kit.start(onboard, "Ada".to_owned()).await?;
        kit.at(5 * DAY).signal(&run, "approved", "Grace");
        assert_eq!(run.result().await?, "Ada by Grace");
        assert_eq!(kit.elapsed(), 5 * DAY);
        assert_eq!(kit.now(), begins_at() + 5 * DAY);
        kit.assert_steps(&run, ["welcome", "activate"]);
        Ok(())
    }

    a_wait_that_gets_nothing_times_out(kit) {
        kit.mock("welcome").with(());
        kit.mock("reject").with(());
        let run = kit.start(onboard, "Ada".to_owned()).await?;
        let error = run.result().await.expect_err("nobody approves");
        assert!(error.to_string().ends_with("nobody approved"), "{error}");
        assert_eq!(kit.elapsed(), 10 * DAY);
        kit.assert_steps(&run, ["welcome", "reject"]);
        Ok(())
    }

    time_is_moved_by_hand(kit) {
        kit.mock("welcome").with(());
        let run = kit.start(onboard, "Ada".to_owned()).await?;
        kit.advance(2 * DAY).await;
        kit.assert_steps(&run, ["welcome"]);
        run.signal("approved", "Grace").await?;
        kit.advance(DAY).await;
        assert_eq!(run.status().await?, RunStatus::Completed);
        assert_eq!(kit.elapsed(), 3 * DAY);
        Ok(())
    }

    a_body_sleeps_in_virtual_time(kit) {
        #[workflow]
        async fn slow() -> WorkflowResult<u32> {
            Ok(step!("slow", { tokio::time::sleep(90 * DAY).await; 7 }).await?)
        }
        assert_eq!(kit.run(slow, ()).await?, 7);
        assert_eq!(kit.elapsed(), 90 * DAY);
        Ok(())
    }

    attempts_are_mocked_one_by_one(kit) {
        #[workflow]
        async fn flaky() -> WorkflowResult<u32> {
            Ok(step!("flaky", retries = 3, backoff = MINUTE, 1).await?)
        }
        kit.mock("flaky").attempt(1).fail_with("down").attempt(2).fail_with(std::io::Error::other("still down"));
        let run = kit.start(flaky, ()).await?;
        assert_eq!(run.result().await?, 1, "what is not mocked runs");
        let outcomes: Vec<String> = run.steps().await?.into_iter().map(|step| match step.outcome {
            StepOutcome::Retrying { failure, .. } => failure.message().to_owned(),
            other => format!("{:?}", matches!(other, StepOutcome::Succeeded { .. })),
        }).collect();
        assert_eq!(outcomes, ["down", "still down", "true"]);
        assert_eq!(kit.elapsed(), 2 * MINUTE);
        kit.assert_steps(&run, ["flaky"]);
        Ok(())
    }

    a_mock_fails_for_good_or_with_a_typed_error(kit) {
        #[workflow]
        async fn pay() -> WorkflowResult<String> {
            let limit = step!("charge", retries = 0, unreachable_effect()?).await;
            let limit = limit.expect_err("the mock fails").downcast::<Declined>().map(|declined| declined.limit);
            let other = step!("invoice", retries = 9, unreachable_effect()?).await.expect_err("the mock fails");
            Ok(format!("{limit:?} {} {}", other.message(), other.attempts()))
        }
        kit.mock("charge").fail_with_typed(Declined { limit: 50 });
        kit.mock("invoice").fail_with(StepError::fatal("no printer"));
        assert_eq!(kit.run(pay, ()).await?, "Some(50) no printer 1");
        Ok(())
    }

    repeated_ids_and_children_are_mocked(kit) {
        #[workflow(allow(duplicate_id, reason = "the test is about an ID that is met again"))]
        async fn twice(n: u32) -> WorkflowResult<u32> {
            let first = step!("add", n + 1).await?;
            Ok(first * step!("add", n + 2).await?)
        }
        #[workflow]
        async fn parent() -> WorkflowResult<u32> {
            Ok(invoke("child", twice, 1).await?)
        }
        kit.mock("add:1").with(10);
        assert_eq!(kit.run(parent, ()).await?, 20);
        Ok(())
    }

    a_mock_that_does_not_fit_says_so(kit) {
        #[workflow]
        async fn number() -> WorkflowResult<u32> {
            Ok(step!("number", 1).await?)
        }
        kit.mock("number").with("one");
        let error = kit.run(number, ()).await.expect_err("a text is no number").to_string();
        assert!(error.contains("step `number` failed: its mock does not fit: `u32`"), "{error}");
        Ok(())
    }

    events_and_cancellations_happen_on_time(kit) {
        #[workflow]
        async fn waits() -> WorkflowResult<u32> {
            let paid = wait_for_event::<u32>("paid?", "paid").await?;
            sleep("a year", 365 * DAY).await?;
            Ok(paid)
        }
        let (first, second) = (kit.start(waits, ()).await?, kit.start(waits, ()).id("second").await?);
        kit.at(DAY).event("paid", &7);
        kit.at(2 * DAY).cancel("second", "not needed");
        assert_eq!(first.result().await?, 7);
        let cancelled = second.result().await.expect_err("it was cancelled");
        assert!(matches!(cancelled.reason(), RunErrorReason::Cancelled(_)), "{cancelled}");
        assert_eq!(kit.elapsed(), 366 * DAY);
        Ok(())
    }

    schedules_and_events_start_runs_in_virtual_time(kit) {
        #[workflow(cron = "0 2 * * *", timezone = "Europe/Amsterdam")]
        async fn nightly() -> WorkflowResult<u32> {
            Ok(step!("report", 7).await?)
        }
        #[workflow(event = "order.created")]
        async fn confirm(order: u32) -> WorkflowResult<u32> {
            Ok(step!("mail", order).await?)
        }
        kit.client().register(nightly)?;
        kit.client().register(confirm)?;
        kit.advance(2 * DAY).await;
        // Virtual time begins with the year 2025, at one o'clock in Amsterdam.
        for id in ["nightly@2025-01-01T01:00:00Z", "nightly@2025-01-02T01:00:00Z"] {
            let run = kit.client().handle(nightly, id).await?;
            assert_eq!(run.status().await?, RunStatus::Completed);
            kit.assert_steps(&run, ["report"]);
        }
        let started = kit.client().send_event("order.created", &42).await?;
        assert_eq!(kit.client().handle(confirm, started[0].clone()).await?.result().await?, 42);
        Ok(())
    }

    undos_are_mocked(kit) {
        static UNDONE: AtomicU32 = AtomicU32::new(0);
        async fn cancel_hotel(_: String) -> Result<(), owf_runtime::Failure> {
            UNDONE.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }
        #[workflow]
        async fn travel() -> WorkflowResult<()> {
            step!("hotel", "room 7".to_owned()).undo(cancel_hotel).await?;
            Err("no flight".into())
        }
        kit.mock("hotel:undo").with(());
        let run = kit.start(travel, ()).await?;
        run.result().await.expect_err("there is no flight");
        kit.assert_steps(&run, ["hotel", "hotel:undo"]);
        assert_eq!(UNDONE.load(Ordering::Relaxed), 0, "the mock stands in its place");
        Ok(())
    }
}

#[owf_runtime::test]
#[should_panic(expected = "no step has used the mock of `chrage`")]
async fn a_mock_that_no_step_used_is_reported(kit: TestKit) {
    kit.mock("chrage").with(());
}

#[owf_runtime::test]
#[should_panic(expected = "signal `approved` to run `early` at 86400s: run `early` is over")]
async fn a_signal_that_came_too_late_is_reported(kit: TestKit) {
    #[workflow]
    async fn at_once() {}
    kit.start(at_once, ()).id("early").await.expect("it starts").result().await.expect("it ends");
    kit.at(DAY).signal("early", "approved", &true);
    kit.advance(2 * DAY).await;
}

#[derive(Debug, Serialize, Deserialize)]
struct Declined {
    limit: u64,
}

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "over the limit of {}", self.limit)
    }
}

fn unreachable_effect() -> Result<(), std::io::Error> {
    unreachable!("it is mocked")
}

#[owf_runtime::test]
async fn a_test_may_take_no_kit() {
    let before = tokio::time::Instant::now();
    tokio::time::sleep(365 * DAY).await;
    assert_eq!(before.elapsed(), 365 * DAY);
}

#[test]
fn steps_that_differ_are_shown_side_by_side() {
    #[workflow]
    async fn three() -> WorkflowResult<()> {
        step!("reserve", ()).await?;
        step!("charge", ()).await?;
        step!("mail", ()).await?;
        Ok(())
    }
    let failing = || {
        run_test(async |kit: TestKit| {
            let run = kit.start(three, ()).id("order-42").await.expect("it starts");
            run.result().await.expect("it ends");
            kit.assert_steps(&run, ["charge", "reserve", "mail"]);
        });
    };
    let panic = std::panic::catch_unwind(failing).expect_err("the order is another one");
    let text = panic.downcast_ref::<String>().expect("a text");
    let expected = "run `order-42` of `three` took other steps:\n    \
                    expected     executed\n    \
                    charge    ≠  reserve\n    \
                    reserve   ≠  charge\n    \
                    mail         mail\n";
    assert_eq!(text, expected);
}

#[test]
fn a_test_that_failed_is_not_blamed_for_its_mocks() {
    let outcome: Result<(), &str> = run_test(async |kit: TestKit| {
        kit.mock("never").with(());
        Err("it failed before")
    });
    assert_eq!(outcome, Err("it failed before"));
}

#[owf_runtime::test]
async fn a_clock_in_a_workflow_is_virtual(kit: TestKit) -> WorkflowResult<()> {
    #[workflow]
    async fn stamps() -> WorkflowResult<Duration> {
        let before = now("before").await?;
        sleep("nap", DAY).await?;
        let after = now("after").await?;
        Ok(after.duration_since(before)?)
    }
    assert_eq!(kit.run(stamps, ()).await?, DAY);
    Ok(())
}
