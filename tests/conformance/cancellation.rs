//! Cancelling a run: what waits stops, what runs is dropped, and the run ends as cancelled.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use owf_runtime::prelude::*;
use owf_runtime::{OperationKind, RunErrorReason, RunStatus, Workflow, WorkflowOptions};

use crate::clock::DrivenHost;
use crate::probe::{Probe, let_others_go_on};
use crate::subjects::{Client, Model, Subject, Verdict};

const DAY: Duration = Duration::from_secs(24 * 3600);

#[workflow]
async fn waiting(probe: Probe) -> WorkflowResult<u32> {
    step!("begin", probe.mark("begun")).await?;
    let _dropped = probe.drop_guard("code dropped");
    Ok(wait_for_signal::<u32>("wait", "go").await?)
}

pub(crate) async fn a_run_that_waits_is_cancelled(subject: Subject) -> Verdict {
    let (client, probe) = (subject.client(), Probe::new());
    let run = client.start(waiting, probe).id("order-42").await?;
    probe.noted("begun").await;
    run.cancel("changed my mind").await?;
    let error = run.result().await.expect_err("it is cancelled");
    assert!(matches!(error.reason(), RunErrorReason::Cancelled(error) if error.is_cancelled()), "{error:?}");
    assert_eq!(error.to_string(), "workflow `waiting` (run `order-42`) was cancelled: changed my mind");
    assert_eq!(run.status().await?, RunStatus::Cancelled);
    let kinds: Vec<OperationKind> = run.steps().await?.iter().map(|step| step.kind).collect();
    assert_eq!(kinds, [OperationKind::Step, OperationKind::Cancel]);
    assert!(probe.count("code dropped") >= 1);
    Ok(())
}

pub(crate) async fn a_run_is_cancelled_by_its_id(subject: Subject) -> Verdict {
    let (client, probe) = (subject.client(), Probe::new());
    let run = client.start(waiting, probe).id("order-42").await?;
    probe.noted("begun").await;
    client.cancel("order-42", "changed my mind").await?;
    run.result().await.expect_err("it is cancelled");
    let unknown = client.cancel("order-43", "changed my mind").await.expect_err("there is no such run");
    assert_eq!(
        unknown.to_string(),
        "there is no run `order-43`: it was not started here, or it had no ID of its own and is over"
    );
    Ok(())
}

pub(crate) async fn a_run_that_is_over_is_not_cancelled(subject: Subject) -> Verdict {
    let (client, probe) = (subject.client(), Probe::new());
    let run = client.start(waiting, probe).id("order-42").await?;
    run.signal("go", &7).await?;
    assert_eq!(run.result().await?, 7);
    let late = run.cancel("changed my mind").await.expect_err("it is over");
    assert!(matches!(late.reason(), RunErrorReason::Over), "{late:?}");
    assert_eq!(run.status().await?, RunStatus::Completed);
    Ok(())
}

pub(crate) async fn a_running_steps_future_is_dropped(subject: Subject) -> Verdict {
    #[workflow]
    async fn working(probe: Probe) -> WorkflowResult<()> {
        step!("work", {
            let _dropped = probe.drop_guard("body dropped");
            probe.note("working");
            std::future::pending::<()>().await;
        })
        .await?;
        Ok(())
    }
    let probe = Probe::new();
    let run = subject.client().start(working, probe).await?;
    probe.noted("working").await;
    run.cancel("stop").await?;
    run.result().await.expect_err("it is cancelled");
    assert_eq!(probe.notes(), ["working", "body dropped"]);
    Ok(())
}

pub(crate) async fn the_first_reason_stays(subject: Subject) -> Verdict {
    #[workflow]
    async fn cleaning(probe: Probe) -> WorkflowResult<u32> {
        cleanup(async move {
            step!("clean", {
                probe.note("cleaning");
                probe.meet("gate", 2).await
            })
            .await?;
            Ok(())
        });
        Ok(wait_for_signal::<u32>("wait", "go").await?)
    }
    let probe = Probe::new();
    let run = subject.client().start(cleaning, probe).await?;
    let_others_go_on().await;
    run.cancel("first").await?;
    probe.noted("cleaning").await;
    run.cancel("second").await?;
    assert_eq!(run.status().await?, RunStatus::Running, "its cleanup goes on");
    probe.meet("gate", 2).await;
    let error = run.result().await.expect_err("it is cancelled");
    assert_eq!(error.workflow_error().map(WorkflowError::message), Some("first"));
    assert_eq!(probe.count("cleaning"), 1);
    Ok(())
}

pub(crate) async fn what_was_recorded_before_is_kept(subject: Subject) -> Verdict {
    #[workflow]
    async fn joined(probe: Probe) -> WorkflowResult<()> {
        let (done, running, signal, nap) = join!(
            step!("done", probe.mark("done")),
            step!("running", {
                probe.note("running");
                probe.meet("never", 2).await
            }),
            wait_for_signal::<u32>("waiting", "go"),
            sleep("nap", DAY),
        )
        .await;
        done?;
        running?;
        signal?;
        Ok(nap?)
    }
    let (_clock, client) = subject.driven_client();
    let probe = Probe::new();
    let run = client.start(joined, probe).await?;
    probe.noted("running").await;
    let_others_go_on().await;
    run.cancel("enough").await?;
    run.result().await.expect_err("it is cancelled");
    let steps = run.steps().await?;
    let ids: Vec<&str> = steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(ids, ["done", "owf:cancel"]);
    assert_eq!(probe.notes(), ["done", "running"]);
    Ok(())
}

pub(crate) async fn a_wait_between_attempts_of_a_step_is_cut_short(subject: Subject) -> Verdict {
    #[workflow]
    async fn flaky(probe: Probe) -> WorkflowResult<()> {
        step!("flaky", backoff = DAY, {
            probe.note("attempt");
            Err::<(), _>("no")?
        })
        .await?;
        Ok(())
    }
    let (_clock, client) = subject.driven_client();
    let probe = Probe::new();
    let run = client.start(flaky, probe).await?;
    probe.noted("attempt").await;
    let_others_go_on().await;
    run.cancel("enough").await?;
    assert!(matches!(run.result().await.expect_err("cancelled").reason(), RunErrorReason::Cancelled(_)));
    assert_eq!(probe.notes(), ["attempt"]);
    Ok(())
}

pub(crate) async fn a_wait_before_the_run_is_retried_is_cut_short(subject: Subject) -> Verdict {
    #[workflow(retries = 3, backoff = DAY)]
    async fn failing(probe: Probe) -> WorkflowResult<()> {
        cleanup(async move {
            step!("clean", probe.mark("cleaned")).await?;
            Ok(())
        });
        step!("note", probe.mark("step")).await?;
        probe.note("failing");
        Err(WorkflowError::msg("no"))
    }
    let (clock, client) = subject.driven_client();
    let probe = Probe::new();
    let run = client.start(failing, probe).await?;
    probe.noted("failing").await;
    let_others_go_on().await;
    clock.advance(DAY);
    let_others_go_on().await;
    assert_eq!(run.status().await?, RunStatus::Running);
    run.cancel("enough").await?;
    let error = run.result().await.expect_err("it is cancelled");
    assert!(matches!(error.reason(), RunErrorReason::Cancelled(_)), "{error:?}");
    assert_eq!((probe.count("step"), probe.count("cleaned")), (1, 1));
    Ok(())
}

pub(crate) async fn a_timer_is_cut_short(subject: Subject) -> Verdict {
    #[workflow]
    async fn napping(probe: Probe) -> WorkflowResult<()> {
        step!("begin", probe.mark("begun")).await?;
        Ok(sleep("nap", DAY).await?)
    }
    let (_clock, client) = subject.driven_client();
    let probe = Probe::new();
    let run = client.start(napping, probe).await?;
    probe.noted("begun").await;
    let_others_go_on().await;
    run.cancel("wake up").await?;
    assert!(matches!(run.result().await.expect_err("cancelled").reason(), RunErrorReason::Cancelled(_)));
    Ok(())
}

/// As `napping` in the test, with a time that the run may take.
#[derive(Clone, Copy)]
struct Hasty;

#[workflow]
async fn slow(probe: Probe) -> WorkflowResult<u32> {
    cleanup(async move {
        // It takes longer than the run may.
        sleep("calm down", 3 * DAY).await?;
        step!("clean", probe.mark("cleaned")).await?;
        Ok(())
    });
    step!("begin", probe.mark("begun")).await?;
    Ok(wait_for_signal::<u32>("wait", "go").await?)
}

impl Workflow for Hasty {
    type Input = Probe;
    type Output = u32;
    const NAME: &'static str = "hasty";

    fn options(&self) -> WorkflowOptions {
        WorkflowOptions::new().timeout(2 * DAY)
    }

    fn run(&self, input: Probe) -> BoxDurable<'static, Result<u32, WorkflowError>> {
        slow.run(input)
    }
}

pub(crate) async fn a_run_that_takes_too_long_is_cancelled(subject: Subject) -> Verdict {
    let (clock, client) = subject.driven_client();
    let probe = Probe::new();
    let run = client.start(Hasty, probe).id("order-42").await?;
    probe.noted("begun").await;
    let_others_go_on().await;
    clock.advance(DAY);
    let_others_go_on().await;
    assert_eq!((run.status().await?, probe.count("cleaned")), (RunStatus::Running, 0));
    clock.advance(DAY);
    let_others_go_on().await;
    clock.advance(3 * DAY);
    let error = run.result().await.expect_err("its time is over");
    assert_eq!(error.to_string(), "workflow `hasty` (run `order-42`) was cancelled: it timed out after 172800s");
    assert_eq!(run.status().await?, RunStatus::Cancelled);
    assert_eq!(probe.count("begun"), 1);
    Ok(())
}

pub(crate) async fn a_result_that_was_recorded_first_is_handed_on_first(subject: Subject) -> Verdict {
    #[workflow]
    async fn noting(probe: Probe) -> WorkflowResult<u32> {
        let value = step!("work", {
            probe.note("working");
            probe.meet("gate", 2).await;
            7
        })
        .await?;
        cleanup(async move {
            step!("clean", probe.mark(format!("cleaned {value}"))).await?;
            Ok(())
        });
        Ok(wait_for_signal::<u32>("wait", "go").await?)
    }
    let probe = Probe::new();
    let run = subject.client().start(noting, probe).await?;
    probe.noted("working").await;
    // The step's end and the cancellation come at the same time.
    run.cancel("enough").await?;
    probe.meet("gate", 2).await;
    let error = run.result().await.expect_err("it is cancelled");
    assert!(matches!(error.reason(), RunErrorReason::Cancelled(_)), "{error:?}");
    let steps = run.steps().await?;
    let ids: Vec<&str> = steps.iter().map(|step| step.id.as_str()).collect();
    let (cut, handed_on) = (vec!["owf:cancel"], vec!["work", "owf:cancel", "clean"]);
    assert!(ids == cut || ids == handed_on, "{ids:?}");
    assert_eq!(probe.count("cleaned 7"), usize::from(ids == handed_on));
    Ok(())
}

#[workflow]
pub(crate) async fn cleaning_up(probe: Probe) -> WorkflowResult<u32> {
    probe.note("entered");
    cleanup(async move {
        step!("clean", probe.mark("first")).await?;
        step!("clean more", probe.mark("second")).await?;
        Ok(())
    });
    step!("begin", probe.mark("begun")).await?;
    Ok(wait_for_signal::<u32>("wait", "go").await?)
}

pub(crate) async fn a_cancellation_is_replayed_at_its_place(subject: Subject) -> Verdict {
    let probe = Probe::new();
    let run = subject.client().start(cleaning_up, probe).await?;
    probe.noted("begun").await;
    let_others_go_on().await;
    run.cancel("enough").await?;
    run.result().await.expect_err("it is cancelled");
    let steps = run.steps().await?;
    let ids: Vec<&str> = steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(ids, ["begin", "owf:cancel", "clean", "clean more"]);
    assert_eq!((probe.count("first"), probe.count("second")), (1, 1));
    let expected = match subject.model {
        Model::Continuous => 1,
        // When the mail comes.
        Model::Suspending => 2,
        // After `begin`, when the mail comes, and after each step of the cleanup.
        Model::Checkpoint => 5,
    };
    assert_eq!(probe.count("entered"), expected);
    Ok(())
}

pub(crate) async fn a_run_without_time_is_cancelled_before_its_first_step(subject: Subject) -> Verdict {
    #[workflow(timeout = Duration::ZERO)]
    async fn at_once(probe: Probe) -> WorkflowResult<()> {
        cleanup(async move {
            step!("clean", probe.mark("cleaned")).await?;
            Ok(())
        });
        step!("work", probe.mark("work")).await?;
        Ok(())
    }
    let probe = Probe::new();
    let error = subject.invoke(at_once, probe).await.expect_err("no time");
    assert!(matches!(error.reason(), RunErrorReason::Cancelled(_)), "{error}");
    assert_eq!(probe.notes(), ["cleaned"]);
    #[workflow]
    async fn hasty() -> WorkflowResult<String> {
        let late = step!("slow", retries = 1, timeout = Duration::ZERO, std::future::pending::<()>().await).await;
        Ok(late.expect_err("it has no time").to_string())
    }
    assert_eq!(subject.invoke(hasty, ()).await?, "step `slow` failed after 2 attempts: timed out after 0ns");
    Ok(())
}

pub(crate) async fn a_run_whose_steps_never_wait_takes_too_long_all_the_same(subject: Subject) -> Verdict {
    static CLOCKS: Mutex<Vec<(Probe, DrivenHost)>> = Mutex::new(Vec::new());
    fn work_for_half_a_day(probe: Probe) {
        probe.note("work");
        let clocks = CLOCKS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, clock)) = clocks.iter().find(|(known, _)| *known == probe) {
            clock.advance(DAY / 2);
        }
    }
    #[workflow(timeout = DAY)]
    async fn busy(probe: Probe) -> WorkflowResult<()> {
        for n in 0..5 {
            step!(format!("work-{n}"), work_for_half_a_day(probe)).await?;
        }
        Ok(())
    }
    let (clock, client) = subject.driven_client();
    let probe = Probe::new();
    CLOCKS.lock().unwrap_or_else(PoisonError::into_inner).push((probe, clock));
    let error = client.invoke(busy, probe).await.expect_err("it takes too long");
    assert!(matches!(error.reason(), RunErrorReason::Cancelled(_)), "{error}");
    assert_eq!(probe.count("work"), 2);
    Ok(())
}

pub(crate) async fn a_run_whose_steps_never_wait_is_cancelled_between_two_of_them(subject: Subject) -> Verdict {
    static CLIENTS: Mutex<Vec<(Probe, Client)>> = Mutex::new(Vec::new());
    fn client_of(probe: Probe) -> Option<Client> {
        let clients = CLIENTS.lock().unwrap_or_else(PoisonError::into_inner);
        clients.iter().find(|(known, _)| *known == probe).map(|(_, client)| client.clone())
    }
    #[workflow]
    async fn busy((probe, id): (Probe, String)) -> WorkflowResult<()> {
        step!("a", probe.mark("a"), undo = |()| probe.mark("undo a")).await?;
        step!("cancel", client_of(probe).ok_or("no client")?.cancel(id.as_str(), "by itself").await?).await?;
        step!("b", probe.mark("b")).await?;
        Ok(())
    }
    let (client, probe) = (subject.client(), Probe::new());
    CLIENTS.lock().unwrap_or_else(PoisonError::into_inner).push((probe, client.clone()));
    let run = client.start(busy, (probe, "busy".to_owned())).id("busy").await?;
    let error = run.result().await.expect_err("it cancels itself");
    // The client would be there for ever, and its driver with it.
    CLIENTS.lock().unwrap_or_else(PoisonError::into_inner).retain(|(known, _)| *known != probe);
    assert!(error.to_string().ends_with("was cancelled: by itself"), "{error}");
    assert_eq!(probe.notes(), ["a", "undo a"]);
    Ok(())
}

pub(crate) async fn undos_of_a_cancelled_run_wait_and_are_retried(subject: Subject) -> Verdict {
    #[workflow]
    async fn trip(probe: Probe) -> WorkflowResult<()> {
        step!(
            "a",
            probe.mark("a"),
            undo = |()| if probe.note("undo a") < 3 {
                Err(StepError::msg("busy"))?
            }
        )
        .await?;
        cleanup(async move {
            sleep("nap", DAY).await?;
            step!("clean", probe.mark("clean")).await?;
            Ok(())
        });
        wait_for_signal::<()>("never", "never").await?;
        Ok(())
    }
    let (client, probe) = (subject.client(), Probe::new());
    let run = client.start(trip, probe).await?;
    probe.noted("a").await;
    run.cancel("one").await?;
    let _ = run.cancel("two").await;
    let error = run.result().await.expect_err("cancelled");
    assert_eq!(probe.notes(), ["a", "clean", "undo a", "undo a", "undo a"], "{error}");
    assert!(error.to_string().ends_with("cancelled: one"), "{error}");
    Ok(())
}

pub(crate) async fn parallel_steps_that_are_done_are_undone_when_the_others_are_dropped(subject: Subject) -> Verdict {
    #[workflow]
    async fn gather(probe: Probe) -> WorkflowResult<()> {
        let all = join_all((0..4).map(|n| {
            step!(
                format!("s-{n}"),
                {
                    probe.mark(format!("run {n}"));
                    if n == 3 {
                        std::future::pending::<()>().await
                    }
                    n
                },
                undo = |n| probe.mark(format!("undo {n}"))
            )
        }))
        .await;
        for one in all {
            one?;
        }
        Ok(())
    }
    let (client, probe) = (subject.client(), Probe::new());
    let run = client.start(gather, probe).await?;
    probe.noted("run 3").await;
    let_others_go_on().await;
    run.cancel("stop").await?;
    run.result().await.expect_err("cancelled");
    assert_eq!(probe.notes(), ["run 0", "run 1", "run 2", "run 3", "undo 2", "undo 1", "undo 0"]);
    Ok(())
}

pub(crate) async fn a_cancelled_run_is_not_started_again(subject: Subject) -> Verdict {
    let (client, probe) = (subject.client(), Probe::new());
    let run = client.start(waiting, probe).id("x").await?;
    probe.noted("begun").await;
    run.cancel("one").await?;
    run.result().await.expect_err("cancelled");
    let again = client.start(waiting, probe).id("x").await?;
    let error = again.result().await.expect_err("still cancelled");
    assert!(error.to_string().contains("cancelled: one"), "{error}");
    assert_eq!(probe.count("begun"), 1);
    Ok(())
}
