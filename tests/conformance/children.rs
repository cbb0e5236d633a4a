//! `invoke`: a run of its own whose end another run waits for.

use std::time::Duration;

use owf_runtime::prelude::*;
use owf_runtime::{RunErrorReason, RunStatus};
use serde::{Deserialize, Serialize};

use crate::probe::{Probe, let_others_go_on};
use crate::subjects::{Subject, Verdict};

const DAY: Duration = Duration::from_secs(24 * 3600);

#[workflow]
async fn double(n: u32) -> WorkflowResult<u32> {
    Ok(step!("double", n * 2).await?)
}

/// Waits for a signal; its end is noted, however it ends.
#[workflow]
pub(crate) async fn waiting(probe: Probe) -> WorkflowResult<u32> {
    cleanup(async move {
        step!("clean", probe.mark("cleaned")).await?;
        Ok(())
    });
    step!("begin", probe.mark("begun")).await?;
    let value = wait_for_signal::<u32>("wait", "go").await?;
    probe.note("completed");
    Ok(value)
}

pub(crate) async fn a_child_returns_its_value(subject: Subject) -> Verdict {
    #[workflow]
    async fn parent(n: u32) -> WorkflowResult<(u32, u32)> {
        let first = invoke("first", double, n).await?;
        let second = step!("between", first + 1).await?;
        Ok((first, invoke("second", double, second).await?))
    }
    subject.knows(double);
    assert_eq!(subject.invoke(parent, 5).await?, (10, 22));
    Ok(())
}

pub(crate) async fn a_child_is_a_run_of_its_own(subject: Subject) -> Verdict {
    #[workflow]
    async fn parent(probe: Probe) -> WorkflowResult<u32> {
        Ok(invoke("ship", waiting, probe).await?)
    }
    subject.knows(waiting);
    let (client, probe) = (subject.client(), Probe::new());
    let run = client.start(parent, probe).id("order-42").await?;
    probe.noted("begun").await;
    let child = client.handle(waiting, "order-42/ship").await?;
    assert_eq!(child.status().await?, RunStatus::Running);
    child.signal("go", &7).await?;
    assert_eq!(run.result().await?, 7);
    assert_eq!(child.result().await?, 7);
    assert_eq!(probe.notes(), ["begun", "completed"], "it is started once");
    let other =
        client.handle(double, "order-42/ship").await.expect_err("it is over, and was a run of another workflow");
    let is_kept = subject.outlives_processes();
    assert_eq!(matches!(other.reason(), RunErrorReason::Refused(_)), is_kept, "{other:?}");
    assert_eq!(matches!(other.reason(), RunErrorReason::Unknown), !is_kept, "{other:?}");
    Ok(())
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Declined {
    code: u32,
}

impl std::fmt::Display for Declined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "declined with code {}", self.code)
    }
}

impl std::error::Error for Declined {}

pub(crate) async fn a_childs_failure_is_a_typed_error(subject: Subject) -> Verdict {
    #[workflow]
    async fn failing(probe: Probe) -> Result<u32, Declined> {
        probe.note("attempt");
        Err(Declined { code: 51 })
    }
    #[workflow]
    async fn parent(probe: Probe) -> WorkflowResult<(String, Option<u32>)> {
        let error = invoke("charge", failing, probe).await.expect_err("it is declined");
        let code = error.downcast::<Declined>().map(|declined| declined.code);
        step!("between", ()).await?;
        Ok((error.to_string(), code))
    }
    subject.knows(failing);
    let probe = Probe::new();
    let (text, code) = subject.invoke(parent, probe).await?;
    assert_eq!((text.as_str(), code), ("step `charge` failed: declined with code 51", Some(51)));
    assert_eq!(probe.count("attempt"), 1, "a child's failure is final");
    Ok(())
}

pub(crate) async fn a_child_is_cancelled_with_its_parent(subject: Subject) -> Verdict {
    #[workflow]
    async fn parent(probe: Probe) -> WorkflowResult<u32> {
        let (left, right) = join!(invoke("left", waiting, probe), invoke("right", grandparent, probe)).await;
        Ok(left? + right?)
    }
    #[workflow]
    async fn grandparent(probe: Probe) -> WorkflowResult<u32> {
        Ok(invoke("below", waiting, probe).await?)
    }
    subject.knows(waiting);
    subject.knows(grandparent);
    let (client, probe) = (subject.client(), Probe::new());
    let run = client.start(parent, probe).id("order-42").await?;
    let_others_go_on().await;
    let below = client.handle(waiting, "order-42/right/below").await?;
    run.cancel("no longer wanted").await?;
    let error = run.result().await.expect_err("it is cancelled");
    assert_eq!(error.to_string(), "workflow `parent` (run `order-42`) was cancelled: no longer wanted");
    let error = below.result().await.expect_err("it is cancelled as well");
    assert_eq!(
        error.to_string(),
        "workflow `waiting` (run `order-42/right/below`) was cancelled: its parent, run `order-42/right`, does not wait \
         for it any more"
    );
    let_others_go_on().await;
    assert_eq!(probe.notes(), ["begun", "begun", "cleaned", "cleaned"]);
    Ok(())
}

pub(crate) async fn a_detached_child_outlives_its_parent(subject: Subject) -> Verdict {
    #[workflow]
    async fn parent(probe: Probe) -> WorkflowResult<u32> {
        Ok(invoke("ship", waiting, probe).id("shipment-7").detached().await?)
    }
    #[workflow]
    async fn hasty(probe: Probe) -> WorkflowResult<u32> {
        let value = race! {
            value = invoke("ship", waiting, probe).id("shipment-8").detached() => value?,
            _ = step!("wait", probe.noted("begun").await) => 0,
        };
        Ok(value)
    }
    subject.knows(waiting);
    let (client, probe) = (subject.client(), Probe::new());
    let run = client.start(parent, probe).await?;
    probe.noted("begun").await;
    let child = client.handle(waiting, "shipment-7").await?;
    run.cancel("enough").await?;
    run.result().await.expect_err("it is cancelled");
    let_others_go_on().await;
    assert_eq!(child.status().await?, RunStatus::Running);
    child.signal("go", &7).await?;
    assert_eq!(child.result().await?, 7);

    let probe = Probe::new();
    let run = client.start(hasty, probe).await?;
    assert_eq!(run.result().await?, 0);
    let child = client.handle(waiting, "shipment-8").await?;
    let_others_go_on().await;
    assert_eq!(child.status().await?, RunStatus::Running);
    child.signal("go", &8).await?;
    assert_eq!(child.result().await?, 8);
    Ok(())
}

pub(crate) async fn a_child_that_loses_a_race_is_cancelled(subject: Subject) -> Verdict {
    #[workflow]
    async fn parent(probe: Probe) -> WorkflowResult<u32> {
        let first = race! {
            value = invoke("ship", waiting, probe) => value?,
            _ = step!("wait", probe.noted("begun").await) => 0,
        };
        // The run goes on, and its child does not.
        step!("look", probe.noted("cleaned").await).await?;
        Ok(first)
    }
    subject.knows(waiting);
    let probe = Probe::new();
    assert_eq!(subject.invoke(parent, probe).await?, 0);
    assert_eq!(probe.notes(), ["begun", "cleaned"]);
    Ok(())
}

pub(crate) async fn a_thousand_children_fan_out_and_join(subject: Subject) -> Verdict {
    #[workflow]
    async fn parent(children: u32) -> WorkflowResult<u32> {
        let all = join_all((0..children).map(|n| invoke(format!("child-{n}"), double, n))).await;
        let mut sum = 0;
        for one in all {
            sum += one?;
        }
        Ok(step!("sum", sum).await?)
    }
    subject.knows(double);
    assert_eq!(subject.invoke(parent, 1_000).await?, 999_000);
    Ok(())
}

pub(crate) async fn a_childs_id_stands_for_one_input(subject: Subject) -> Verdict {
    #[workflow]
    async fn parent() -> WorkflowResult<(u32, u32, String)> {
        let (first, same, other) = join!(
            invoke("first", double, 5).id("shared"),
            invoke("same", double, 5).id("shared"),
            invoke("other", double, 6).id("shared"),
        )
        .await;
        Ok((first?, same?, other.expect_err("the input differs").to_string()))
    }
    subject.knows(double);
    let (first, same, other) = subject.invoke(parent, ()).await?;
    assert_eq!((first, same), (10, 10));
    assert_eq!(
        other,
        "step `other` failed: workflow `double` (run `shared`): a run of this ID exists, with another input: choose \
         another ID, or start it with the same input"
    );
    Ok(())
}

pub(crate) async fn a_child_without_a_name_or_with_a_lost_input_fails(subject: Subject) -> Verdict {
    #[workflow]
    async fn half(n: f64) -> WorkflowResult<f64> {
        Ok(n / 2.0)
    }
    #[workflow]
    async fn parent() -> WorkflowResult<(String, String)> {
        let nameless = invoke("nameless", half, 1.0).id("").await.expect_err("its ID is empty");
        let lost = invoke("lost", half, f64::NAN).await.expect_err("JSON has no NaN");
        Ok((nameless.to_string(), lost.to_string()))
    }
    subject.knows(half);
    let (nameless, lost) = subject.invoke(parent, ()).await?;
    assert!(nameless.contains("its ID is empty"), "{nameless}");
    assert!(lost.starts_with("step `lost` failed: the input of `half`: "), "{lost}");
    Ok(())
}

pub(crate) async fn a_cancelled_child_is_an_error_of_its_parent(subject: Subject) -> Verdict {
    #[workflow]
    async fn parent(probe: Probe) -> WorkflowResult<String> {
        let error = invoke("ship", waiting, probe).id("shipment").await.expect_err("it is cancelled");
        Ok(step!("tell", error.to_string()).await?)
    }
    subject.knows(waiting);
    let (client, probe) = (subject.client(), Probe::new());
    let run = client.start(parent, probe).await?;
    probe.noted("begun").await;
    client.cancel("shipment", "lost at sea").await?;
    assert_eq!(run.result().await?, "step `ship` failed: it was cancelled: lost at sea");
    Ok(())
}

pub(crate) async fn children_may_wait_as_long_as_they_like(subject: Subject) -> Verdict {
    #[workflow]
    async fn napping(days: u32) -> WorkflowResult<u32> {
        sleep("nap", days * DAY).await?;
        Ok(step!("wake", days).await?)
    }
    #[workflow]
    async fn parent() -> WorkflowResult<u32> {
        let (short, long) = join!(invoke("short", napping, 1), invoke("long", napping, 3)).await;
        Ok(short? + long?)
    }
    subject.knows(napping);
    assert_eq!(subject.invoke(parent, ()).await?, 4);
    Ok(())
}

pub(crate) async fn what_follows_a_race_is_begun(subject: Subject) -> Verdict {
    #[workflow]
    async fn racing(probe: Probe) -> WorkflowResult<u32> {
        // Both end before the run is interrupted, and the workflow goes on with the first.
        let won = race!(
            step!("slow", {
                tokio::task::yield_now().await;
                5
            }),
            step!("fast", 5),
        )
        .await?;
        let doubled = invoke("child", double, won).await?;
        race!(step!("slower", tokio::task::yield_now().await), step!("faster", ())).await?;
        let event = wait_for_event::<u32>("event", "tick").await?;
        probe.note("woken");
        Ok(doubled + event)
    }
    subject.knows(double);
    let (client, probe) = (subject.client(), Probe::new());
    let run = client.start(racing, probe).await?;
    let_others_go_on().await;
    client.send_event("tick", &1).await?;
    assert_eq!(run.result().await?, 11);
    Ok(())
}

pub(crate) async fn a_child_that_is_cancelled_wins_its_race_with_an_error(subject: Subject) -> Verdict {
    #[workflow]
    async fn parent(probe: Probe) -> WorkflowResult<String> {
        let how = race! {
            value = invoke("ship", waiting, probe).id("shipment") => match value { Ok(_) => "shipped".to_owned(), Err(error) => error.to_string() },
            _ = sleep("patience", DAY) => "late".to_owned(),
        };
        Ok(step!("tell", how.clone()).await?)
    }
    let (client, probe) = (subject.driven_client().1, Probe::new());
    let run = client.start(parent, probe).await?;
    probe.noted("begun").await;
    client.cancel("shipment", "lost").await?;
    assert_eq!(run.result().await?, "step `ship` failed: it was cancelled: lost");
    Ok(())
}

pub(crate) async fn a_run_that_would_wait_for_itself_is_refused(subject: Subject) -> Verdict {
    #[workflow]
    async fn snake(n: u32) -> WorkflowResult<u32> {
        Ok(invoke("tail", snake, n).id(run_id()).await?)
    }
    let run = subject.client().start(snake, 1).id("snake").await?;
    let error = run.result().await.expect_err("it would never end");
    assert_eq!(
        error.to_string(),
        "workflow `snake` (run `snake`) failed: step `tail` failed: run `snake` would wait for itself, and never end: \
         give the child another ID"
    );
    Ok(())
}

pub(crate) async fn a_retried_run_keeps_its_signals_and_its_children(subject: Subject) -> Verdict {
    // A run that is retried keeps what it read.
    #[workflow(retries = 2, backoff = DAY)]
    async fn flaky(probe: Probe) -> WorkflowResult<Vec<u32>> {
        let a = wait_for_signal::<u32>("a", "go").await?;
        let child = invoke("child", waiting, probe).id("kid").detached().await?;
        if probe.note("attempt") < 3 {
            return Err(WorkflowError::msg("flaky"));
        }
        let b = wait_for_signal::<u32>("b", "go").await?;
        Ok(vec![a, child, b])
    }
    subject.knows(waiting);
    let (client, probe) = (subject.client(), Probe::new());
    let run = client.start(flaky, probe).await?;
    run.signal("go", &1).await?;
    run.signal("go", &2).await?;
    probe.noted("begun").await;
    client.signal("kid", "go", &7).await?;
    assert_eq!(run.result().await?, [1, 7, 2]);
    Ok(())
}

pub(crate) async fn a_run_that_takes_too_long_cancels_its_children(subject: Subject) -> Verdict {
    #[workflow(timeout = DAY)]
    async fn parent(probe: Probe) -> WorkflowResult<u32> {
        let all = join_all((0..3).map(|n| invoke(format!("c-{n}"), waiting, probe))).await;
        Ok(all.len() as u32)
    }
    subject.knows(waiting);
    let probe = Probe::new();
    let error = subject.invoke(parent, probe).await.expect_err("late");
    assert!(error.to_string().contains("timed out after"), "{error}");
    let_others_go_on().await;
    assert_eq!(probe.count("cleaned"), 3);
    Ok(())
}

pub(crate) async fn a_child_is_waited_for_no_longer_than_its_timeout(subject: Subject) -> Verdict {
    #[workflow]
    async fn napping(days: u32) -> WorkflowResult<Option<u32>> {
        sleep("nap", days * DAY).await?;
        Ok(None)
    }
    #[workflow]
    async fn quiet() -> WorkflowResult<()> {
        Ok(step!("nothing", ()).await?)
    }
    #[workflow]
    async fn parent(days: u32) -> WorkflowResult<String> {
        let child = invoke("child", napping, days).timeout(3 * DAY).await?;
        let nothing = invoke("quiet", quiet, ()).timeout(DAY).await?;
        step!("between", ()).await?;
        Ok(format!("{child:?} {nothing:?}"))
    }
    subject.knows(napping);
    subject.knows(quiet);
    let (clock, client) = subject.driven_client();
    for (days, passed, expected) in [(1, DAY, "Some(None) Some(())"), (9, 3 * DAY, "None Some(())")] {
        let run = client.start(parent, days).await?;
        let_others_go_on().await;
        assert_eq!(run.status().await?, RunStatus::Running);
        clock.advance(passed);
        assert_eq!(run.result().await?, expected);
    }
    Ok(())
}

pub(crate) async fn a_child_with_a_timeout_may_fail(subject: Subject) -> Verdict {
    #[workflow]
    async fn failing(code: u32) -> WorkflowResult<u32> {
        Err(WorkflowError::fatal(StepError::typed(Declined { code })))
    }
    #[workflow]
    async fn parent() -> WorkflowResult<(String, Option<u32>)> {
        let error = invoke("charge", failing, 51).timeout(DAY).await.expect_err("it is declined");
        let code = error.downcast::<Declined>().map(|declined| declined.code);
        Ok((step!("tell", error.to_string()).await?, code))
    }
    subject.knows(failing);
    let (text, code) = subject.driven_client().1.invoke(parent, ()).await?;
    assert_eq!((text.as_str(), code), ("step `charge` failed: declined with code 51", Some(51)));
    Ok(())
}

pub(crate) async fn a_child_that_is_not_over_in_time_is_cancelled(subject: Subject) -> Verdict {
    #[workflow]
    async fn parent(probe: Probe) -> WorkflowResult<bool> {
        let late = invoke("late", waiting, probe).timeout(DAY).await?;
        step!("look", probe.noted("cleaned").await).await?;
        Ok(late.is_none())
    }
    subject.knows(waiting);
    let ((clock, client), probe) = (subject.driven_client(), Probe::new());
    let run = client.start(parent, probe).await?;
    probe.noted("begun").await;
    let_others_go_on().await;
    clock.advance(DAY);
    assert!(run.result().await?);
    assert_eq!(probe.notes(), ["begun", "cleaned"]);
    Ok(())
}

pub(crate) async fn a_detached_child_that_is_not_over_in_time_goes_on(subject: Subject) -> Verdict {
    #[workflow]
    async fn parent(probe: Probe) -> WorkflowResult<bool> {
        let late = invoke("late", waiting, probe).id("shipment").detached().timeout(DAY).await?;
        step!("after", ()).await?;
        Ok(late.is_none())
    }
    subject.knows(waiting);
    let ((clock, client), probe) = (subject.driven_client(), Probe::new());
    let run = client.start(parent, probe).await?;
    probe.noted("begun").await;
    let_others_go_on().await;
    clock.advance(DAY);
    assert!(run.result().await?);
    let_others_go_on().await;
    let child = client.handle(waiting, "shipment").await?;
    assert_eq!(child.status().await?, RunStatus::Running);
    child.signal("go", &7).await?;
    assert_eq!(child.result().await?, 7);
    Ok(())
}
