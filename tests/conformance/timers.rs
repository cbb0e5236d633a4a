//! `sleep`: a timer on the driver's host that survives a re-entry.

use std::time::{Duration, SystemTime};

use jiff::{SignedDuration, Timestamp, Zoned};
use owf_runtime::prelude::*;
use owf_runtime::{OperationKind, StepOutcome};

use crate::probe::Probe;
use crate::subjects::{Subject, Verdict};

const DAY: Duration = Duration::from_secs(24 * 3600);

pub(crate) async fn a_sleep_takes_its_time(subject: Subject) -> Verdict {
    #[workflow]
    async fn nap() -> WorkflowResult<u32> {
        sleep("nap", DAY).await?;
        Ok(step!("after", 1).await?)
    }
    assert_eq!(subject.invoke(nap, ()).await?, 1);
    assert_eq!(subject.host.elapsed(), DAY);
    Ok(())
}

pub(crate) async fn a_sleep_is_recorded_once(subject: Subject) -> Verdict {
    #[workflow(allow(duplicate_id, reason = "they are told apart by their order"))]
    async fn naps() -> WorkflowResult<()> {
        step!("before", ()).await?;
        sleep("nap", DAY).await?;
        sleep("nap", 2 * DAY).await?;
        Ok(step!("after", ()).await?)
    }
    let (_, steps) = subject.start(naps, ()).await?;
    let recorded: Vec<(&str, OperationKind, u32, u64)> = steps
        .iter()
        .map(|step| (step.id.as_str(), step.kind, step.attempt, step.duration().as_secs() / DAY.as_secs()))
        .collect();
    let (step, sleep) = (OperationKind::Step, OperationKind::Sleep);
    assert_eq!(recorded, [("before", step, 1, 0), ("nap", sleep, 1, 1), ("nap:1", sleep, 1, 2), ("after", step, 1, 0)]);
    assert!(steps.iter().all(|step| matches!(step.outcome, StepOutcome::Succeeded { .. })));
    assert_eq!(steps[2].started_at, SystemTime::UNIX_EPOCH + DAY);
    assert_eq!(steps[2].ended_at, SystemTime::UNIX_EPOCH + 3 * DAY);
    Ok(())
}

pub(crate) async fn a_sleep_of_no_time_ends(subject: Subject) -> Verdict {
    #[workflow(allow(duplicate_id, reason = "they are told apart by their order"))]
    async fn no_nap() -> WorkflowResult<u32> {
        sleep("none", Duration::ZERO).await?;
        sleep("none", Duration::from_nanos(1)).await?;
        Ok(step!("after", 1).await?)
    }
    assert_eq!(subject.invoke(no_nap, ()).await?, 1);
    assert_eq!(subject.host.elapsed(), Duration::from_nanos(1));
    Ok(())
}

pub(crate) async fn a_sleep_longer_than_the_clock_can_tell_ends(subject: Subject) -> Verdict {
    #[workflow]
    async fn forever() -> WorkflowResult<u32> {
        sleep("for-ever", Duration::MAX).await?;
        Ok(1)
    }
    assert_eq!(subject.invoke(forever, ()).await?, 1);
    assert!(subject.host.elapsed() > 100_000 * DAY, "{:?}", subject.host.elapsed());
    Ok(())
}

pub(crate) async fn sleeps_side_by_side_overlap(subject: Subject) -> Verdict {
    #[workflow]
    async fn naps() -> WorkflowResult<()> {
        let (long, short) = join!(sleep("long", 3 * DAY), sleep("short", DAY)).await;
        long?;
        short?;
        for nap in join_all((1..=4).map(|days| sleep("all", days * DAY))).await {
            nap?;
        }
        Ok(())
    }
    let ids = subject.ids(naps, ()).await?;
    assert_eq!(ids, ["short", "long", "all", "all:1", "all:2", "all:3"]);
    assert_eq!(subject.host.elapsed(), 7 * DAY);
    Ok(())
}

pub(crate) async fn a_sleep_that_is_not_awaited_takes_no_time(subject: Subject) -> Verdict {
    #[workflow]
    async fn lazy() -> WorkflowResult<u32> {
        #[owf::allow(unawaited_step, reason = "that it does nothing is what is tested")]
        let _never = sleep("never", DAY);
        Ok(step!("work", 1).await?)
    }
    assert_eq!(subject.invoke(lazy, ()).await?, 1);
    assert_eq!(subject.host.elapsed(), Duration::ZERO);
    Ok(())
}

pub(crate) async fn a_sleeps_time_counts_from_where_it_was_first_met(subject: Subject) -> Verdict {
    #[workflow]
    async fn beside_retries(probe: Probe) -> WorkflowResult<usize> {
        let (napped, attempts) = join!(
            sleep("nap", 10 * DAY),
            step!("flaky", backoff = DAY, {
                match probe.note("attempt") {
                    4 => 4,
                    _ => Err("not yet")?,
                }
            }),
        )
        .await;
        napped?;
        Ok(attempts?)
    }
    // A re-entry after each attempt must not set the timer anew.
    assert_eq!(subject.invoke(beside_retries, Probe::new()).await?, 4);
    assert_eq!(subject.host.elapsed(), 10 * DAY);
    Ok(())
}

pub(crate) async fn a_sleep_until_a_time_ends_then(subject: Subject) -> Verdict {
    #[workflow]
    async fn until() -> WorkflowResult<SystemTime> {
        let start = now("start").await?;
        sleep_until("tomorrow", start + DAY).await?;
        step!("between", ()).await?;
        sleep_until("the day after", start + 2 * DAY).await?;
        Ok(now("end").await?)
    }
    assert_eq!(subject.invoke(until, ()).await?, SystemTime::UNIX_EPOCH + 2 * DAY);
    Ok(())
}

pub(crate) async fn a_sleep_until_a_time_that_is_past_ends_at_once(subject: Subject) -> Verdict {
    #[workflow]
    async fn late() -> WorkflowResult<u32> {
        sleep("nap", DAY).await?;
        sleep_until("past", SystemTime::UNIX_EPOCH).await?;
        sleep_until("before the epoch", SystemTime::UNIX_EPOCH - DAY).await?;
        Ok(step!("after", 1).await?)
    }
    let (value, steps) = subject.start(late, ()).await?;
    assert_eq!((value, subject.host.elapsed()), (1, DAY));
    assert!(steps.iter().skip(1).all(|step| step.duration().is_zero()));
    Ok(())
}

pub(crate) async fn lengths_and_points_of_time_may_be_those_of_jiff(subject: Subject) -> Verdict {
    #[workflow]
    async fn napping() -> WorkflowResult<Option<u32>> {
        sleep("an hour", SignedDuration::from_hours(1)).await?;
        sleep_until("noon", "1970-01-02T12:00:00Z".parse::<Timestamp>().map_err(StepError::msg)?).await?;
        let in_rome: Zoned = "1970-01-03T01:00:00+01:00[Europe/Rome]".parse().map_err(StepError::msg)?;
        sleep_until("midnight", &in_rome).await?;
        sleep_until("past", in_rome).await?;
        Ok(wait_for_signal::<u32>("wait", "go").timeout(SignedDuration::from_hours(24)).await?)
    }
    assert_eq!(subject.invoke(napping, ()).await?, None);
    assert_eq!(subject.host.elapsed(), 3 * DAY);
    Ok(())
}

pub(crate) async fn a_negative_length_of_time_is_over_at_once(subject: Subject) -> Verdict {
    #[workflow]
    async fn backwards() -> WorkflowResult<Option<u32>> {
        sleep("yesterday", SignedDuration::from_hours(-24)).await?;
        Ok(wait_for_signal::<u32>("wait", "go").timeout(SignedDuration::MIN).await?)
    }
    let (none, steps) = subject.start(backwards, ()).await?;
    assert_eq!((none, subject.host.elapsed()), (None, Duration::ZERO));
    assert_eq!(steps.len(), 2, "it is recorded all the same");
    Ok(())
}

pub(crate) async fn a_sleep_until_the_far_future_ends(subject: Subject) -> Verdict {
    #[workflow]
    async fn patient() -> WorkflowResult<SystemTime> {
        sleep_until("far", SystemTime::UNIX_EPOCH + 1_000_000 * DAY).await?;
        step!("between", ()).await?;
        Ok(now("end").await?)
    }
    let far = SystemTime::UNIX_EPOCH + 1_000_000 * DAY;
    assert_eq!(subject.invoke(patient, ()).await?, subject.latest_time().map_or(far, |latest| latest.min(far)));
    Ok(())
}

pub(crate) async fn thousands_of_sleeps_take_no_real_time(subject: Subject) -> Verdict {
    #[workflow]
    async fn days(count: u32) -> WorkflowResult<u32> {
        for _ in 0..count {
            sleep("a day", DAY).await?;
        }
        Ok(count)
    }
    assert_eq!(subject.invoke(days, 1_000).await?, 1_000);
    assert_eq!(subject.host.elapsed(), 1_000 * DAY);
    Ok(())
}

pub(crate) async fn of_timers_that_end_together_the_first_to_be_awaited_wins(subject: Subject) -> Verdict {
    #[workflow(allow(duplicate_id, reason = "they are told apart by their order"))]
    async fn ties() -> WorkflowResult<Vec<String>> {
        let two = race! { _ = sleep("a", DAY) => "first", _ = sleep("b", DAY) => "second" };
        let wait = race! {
            _ = wait_for_signal::<()>("wait", "go").timeout(DAY) => "first",
            _ = sleep("b", DAY) => "second",
        };
        let beside = race! {
            _ = sleep("a", DAY) => "first",
            _ = wait_for_signal::<()>("wait", "go").timeout(DAY) => "second",
        };
        let end = now("now").await? + DAY;
        let until = race! { _ = sleep_until("until", end) => "first", _ = sleep("b", DAY) => "second" };
        let chain = race! {
            _ = async { sleep("half", DAY / 2).await?; sleep("other half", DAY / 2).await } => "first",
            _ = sleep("b", DAY) => "second",
        };
        let of_three = race! { _ = sleep("a", 2 * DAY) => "first", _ = sleep("b", DAY) => "second", _ = sleep("c", DAY) => "third" };
        Ok([two, wait, beside, until, chain, of_three].map(str::to_owned).to_vec())
    }
    // The chain's second sleep is awaited after the other one.
    let expected = ["first", "first", "first", "first", "second", "second"];
    assert_eq!(subject.invoke(ties, ()).await?, expected);
    Ok(())
}
