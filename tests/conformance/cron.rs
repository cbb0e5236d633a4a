//! Schedules: runs that start at times.

use std::time::{Duration, SystemTime};

use owf_runtime::prelude::*;
use owf_runtime::{CronTick, RunErrorReason, RunStatus, Trigger, Workflow, WorkflowOptions};

use crate::clock::DrivenHost;
use crate::probe::{Probe, let_others_go_on};
use crate::subjects::{Subject, Verdict};

const HOUR: Duration = Duration::from_secs(3600);

/// Makes a workflow with schedules of another one.
macro_rules! scheduled {
    ($name:ident: $inner:ident($input:ty), $($expression:literal in $timezone:expr),+) => {
        #[derive(Clone, Copy)]
        #[expect(non_camel_case_types, reason = "it stands for a function")]
        struct $name;

        impl Workflow for $name {
            type Input = $input;
            type Output = ();
            const NAME: &'static str = stringify!($name);

            fn options(&self) -> WorkflowOptions {
                WorkflowOptions::new()
            }

            fn triggers(&self) -> &'static [Trigger] {
                &[$(Trigger::Cron { expression: $expression, timezone: $timezone }),+]
            }

            fn run(&self, input: $input) -> owf_runtime::BoxDurable<'static, Result<(), WorkflowError>> {
                $inner.run(input)
            }
        }
    };
}

#[workflow]
async fn note_tick(tick: CronTick) -> WorkflowResult<()> {
    let hours = tick.scheduled_at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs() / 3600;
    Ok(step!("note", notes().mark(format!("tick at {hours}"))).await?)
}

#[workflow]
async fn nothing() -> WorkflowResult<()> {
    Ok(())
}

#[workflow]
async fn takes_a_number(n: u32) -> WorkflowResult<()> {
    Ok(step!("take", drop(n.to_string())).await?)
}

/// The notes of one test, for runs that nobody gives an input: each test has a thread of its own.
fn notes() -> Probe {
    let thread = std::thread::current();
    Probe::shared(thread.name().unwrap_or_default())
}

scheduled!(nightly: note_tick(CronTick), "0 2 * * *" in None);
scheduled!(twice_a_day: note_tick(CronTick), "0 2 * * *" in None, "0 14 * * *" in Some("UTC"));
scheduled!(in_amsterdam: note_tick(CronTick), "30 2 * * *" in Some("Europe/Amsterdam"));
scheduled!(without_input: nothing(()), "0 2 * * *" in None);
scheduled!(with_input: takes_a_number(u32), "0 2 * * *" in None);
scheduled!(misspelt: nothing(()), "0 25 * * *" in None);
scheduled!(nowhere: nothing(()), "0 2 * * *" in Some("Europe/Amsterdm"));

async fn advance(clock: &DrivenHost, hours: u32) {
    let_others_go_on().await;
    clock.advance(hours * HOUR);
    let_others_go_on().await;
}

pub(crate) async fn a_run_starts_at_each_time(subject: Subject) -> Verdict {
    let (clock, client) = subject.driven_client();
    client.register(nightly)?;
    advance(&clock, 1).await;
    assert!(notes().notes().is_empty());
    advance(&clock, 1).await;
    assert_eq!(notes().notes(), ["tick at 2"]);
    for _ in 0..24 {
        advance(&clock, 1).await;
    }
    assert_eq!(notes().notes(), ["tick at 2", "tick at 26"]);
    Ok(())
}

pub(crate) async fn a_workflow_may_have_several_schedules(subject: Subject) -> Verdict {
    let (clock, client) = subject.driven_client();
    client.register(twice_a_day)?;
    for _ in 0..4 {
        advance(&clock, 12).await;
    }
    assert_eq!(notes().notes(), ["tick at 2", "tick at 14", "tick at 26", "tick at 38"]);
    Ok(())
}

pub(crate) async fn missed_times_are_made_up_for_once(subject: Subject) -> Verdict {
    let (clock, client) = subject.driven_client();
    client.register(nightly)?;
    advance(&clock, 2).await;
    advance(&clock, 5 * 24 + 3).await;
    assert_eq!(notes().notes(), ["tick at 2", "tick at 122"], "the last of five");
    advance(&clock, 24).await;
    assert_eq!(notes().notes().len(), 3);
    Ok(())
}

pub(crate) async fn a_run_has_the_id_of_its_time(subject: Subject) -> Verdict {
    let (clock, client) = subject.driven_client();
    client.register(without_input)?;
    advance(&clock, 2).await;
    let run = client.handle(without_input, "without_input@1970-01-01T02:00:00Z").await?;
    run.result().await?;
    assert_eq!(run.status().await?, RunStatus::Completed);
    // Whoever else starts it gets the same run.
    client.start(without_input, ()).id("without_input@1970-01-01T02:00:00Z").await?.result().await?;
    Ok(())
}

pub(crate) async fn times_are_those_of_the_zone(subject: Subject) -> Verdict {
    let (clock, client) = subject.driven_client();
    client.register(in_amsterdam)?;
    // In 1970 the clocks of Amsterdam were an hour ahead all year.
    advance(&clock, 1).await;
    clock.advance(HOUR / 2);
    advance(&clock, 0).await;
    assert_eq!(notes().notes(), ["tick at 1"]);
    Ok(())
}

pub(crate) async fn schedules_end_with_the_last_client(subject: Subject) -> Verdict {
    let (clock, driver) = subject.driven();
    let (client, other) = (WorkflowClient::new(driver.clone()), WorkflowClient::new(driver));
    let clone = client.clone();
    client.register(nightly)?;
    drop(client);
    advance(&clock, 2).await;
    assert_eq!(notes().notes(), ["tick at 2"], "a clone lives");
    drop(clone);
    advance(&clock, 24).await;
    assert_eq!(notes().notes(), ["tick at 2"]);
    other.register(nightly)?;
    advance(&clock, 24).await;
    assert_eq!(notes().notes().len(), 2);
    Ok(())
}

pub(crate) async fn what_cannot_be_scheduled_is_refused(subject: Subject) -> Verdict {
    let client = subject.client();
    let refused = |error: RunError| {
        assert!(matches!(error.reason(), RunErrorReason::Refused(_)), "{error:?}");
        error.to_string()
    };
    let text = refused(client.register(misspelt).expect_err("there is no such hour"));
    assert!(text.starts_with("workflow `misspelt`: `cron = \"0 25 * * *\"` is no schedule ("), "{text}");
    let text = refused(client.register(nowhere).expect_err("there is no such zone"));
    assert!(text.starts_with("workflow `nowhere`: `timezone = \"Europe/Amsterdm\"` is no time zone: "), "{text}");
    let text = refused(client.register(with_input).expect_err("nobody gives it a number"));
    assert_eq!(
        text,
        "workflow `with_input`: a schedule cannot give it its input: let it take no argument, or a `CronTick`"
    );
    Ok(())
}
