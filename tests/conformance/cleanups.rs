//! `cleanup`: what runs, the last first, when a run does not complete.

use std::time::Duration;

use owf_runtime::prelude::*;
use owf_runtime::{Failure, RunErrorReason, RunStatus};

use crate::probe::{Probe, let_others_go_on};
use crate::subjects::{Subject, Verdict};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Books three things; `fails` after so many.
#[workflow]
async fn trip((probe, fails): (Probe, usize)) -> WorkflowResult<usize> {
    for (position, thing) in ["flight", "hotel", "car"].into_iter().enumerate() {
        if position == fails {
            return Err(WorkflowError::msg("sold out"));
        }
        step!(format!("book {thing}"), probe.mark(format!("book {thing}"))).await?;
        cleanup(async move {
            step!(format!("cancel {thing}"), probe.mark(format!("cancel {thing}"))).await?;
            sleep("pause", DAY).await?;
            step!(format!("tell {thing}"), probe.mark(format!("tell {thing}"))).await?;
            Ok(())
        });
    }
    Ok(fails)
}

pub(crate) async fn a_run_that_completes_cleans_nothing_up(subject: Subject) -> Verdict {
    let probe = Probe::new();
    assert_eq!(subject.invoke(trip, (probe, 9)).await?, 9);
    assert_eq!(probe.notes(), ["book flight", "book hotel", "book car"]);
    Ok(())
}

pub(crate) async fn a_run_that_fails_cleans_up_the_last_first(subject: Subject) -> Verdict {
    let probe = Probe::new();
    let run = subject.client().start(trip, (probe, 2)).id("trip").await?;
    let error = run.result().await.expect_err("it is sold out");
    assert_eq!(error.to_string(), "workflow `trip` (run `trip`) failed: sold out");
    assert_eq!(run.status().await?, RunStatus::Failed);
    let expected = ["book flight", "book hotel", "cancel hotel", "tell hotel", "cancel flight", "tell flight"];
    assert_eq!(probe.notes(), expected);
    assert_eq!(subject.host.elapsed(), 2 * DAY, "a cleanup may wait");
    let steps = run.steps().await?;
    let ids: Vec<&str> = steps.iter().map(|step| step.id.as_str()).collect();
    let recorded =
        ["book flight", "book hotel", "cancel hotel", "pause", "tell hotel", "cancel flight", "pause:1", "tell flight"];
    assert_eq!(ids, recorded);
    Ok(())
}

pub(crate) async fn a_panic_cleans_up(subject: Subject) -> Verdict {
    #[workflow]
    async fn panicking(probe: Probe) -> WorkflowResult<()> {
        cleanup(async move {
            step!("clean", probe.mark("cleaned")).await?;
            Ok(())
        });
        step!("begin", ()).await?;
        panic!("out of cheese")
    }
    let probe = Probe::new();
    let error = subject.invoke(panicking, probe).await.expect_err("it panics");
    assert!(error.to_string().contains("out of cheese"), "{error}");
    assert_eq!(probe.notes(), ["cleaned"]);
    Ok(())
}

pub(crate) async fn a_cleanup_that_fails_is_told_and_stops_no_other(subject: Subject) -> Verdict {
    #[workflow]
    async fn untidy(probe: Probe) -> WorkflowResult<()> {
        cleanup(async move {
            step!("first", probe.mark("first")).await?;
            Ok(())
        });
        cleanup(async move {
            step!("refused", retries = 1, {
                probe.note("refused");
                Err::<(), _>("no")?
            })
            .await?;
            Ok(())
        });
        cleanup(async move {
            step!("before the panic", probe.mark("second")).await?;
            panic!("out of cheese")
        });
        cleanup(async { Err(WorkflowError::msg("nothing to clean")) });
        Err(WorkflowError::msg("sold out"))
    }
    let probe = Probe::new();
    let error = subject.client().start(untidy, probe).id("trip").await?.result().await.expect_err("it is sold out");
    assert_eq!(probe.notes(), ["second", "refused", "refused", "first"]);
    let failed = error.workflow_error().map(WorkflowError::failed_undos).unwrap_or_default();
    let texts: Vec<String> = failed.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["nothing to clean", "panicked: out of cheese", "step `refused` failed: no"]);
    assert_eq!(
        error.to_string(),
        "workflow `untidy` (run `trip`) failed: sold out (and 3 undos failed, the first: nothing to clean)"
    );
    Ok(())
}

pub(crate) async fn a_retried_run_cleans_up_when_it_has_failed_for_good(subject: Subject) -> Verdict {
    #[workflow(retries = 2)]
    async fn failing(probe: Probe) -> WorkflowResult<()> {
        cleanup(async move {
            step!("clean", probe.mark("cleaned")).await?;
            Ok(())
        });
        step!("work", probe.mark("work")).await?;
        let attempt = random::<u32>("draw").await?;
        let _ = attempt;
        Err(WorkflowError::msg("no"))
    }
    let probe = Probe::new();
    subject.invoke(failing, probe).await.expect_err("it fails");
    assert_eq!(probe.notes(), ["work", "cleaned"]);
    Ok(())
}

pub(crate) async fn a_cancellation_comes_too_late_for_a_run_that_cleans_up(subject: Subject) -> Verdict {
    #[workflow]
    async fn failing(probe: Probe) -> WorkflowResult<()> {
        cleanup(async move {
            step!("last", probe.mark("last")).await?;
            Ok(())
        });
        cleanup(async move {
            step!("first", {
                probe.note("first");
                probe.meet("gate", 2).await
            })
            .await?;
            sleep("pause", DAY).await?;
            step!("second", probe.mark("second")).await?;
            Ok(())
        });
        step!("work", ()).await?;
        Err(WorkflowError::msg("no"))
    }
    let (clock, client) = subject.driven_client();
    let probe = Probe::new();
    let run = client.start(failing, probe).await?;
    probe.noted("first").await;
    run.cancel("too late").await?;
    let_others_go_on().await;
    probe.meet("gate", 2).await;
    let_others_go_on().await;
    assert_eq!(probe.count("second"), 0, "the cleanup sleeps");
    clock.advance(DAY);
    let error = run.result().await.expect_err("it fails");
    assert!(matches!(error.reason(), RunErrorReason::Failed(_)), "{error:?}");
    assert_eq!(probe.notes(), ["first", "second", "last"]);
    Ok(())
}

pub(crate) async fn a_cleanup_uses_all_operations(subject: Subject) -> Verdict {
    #[workflow]
    async fn helper(probe: Probe) -> WorkflowResult<u32> {
        Ok(step!("help", probe.note("helped") as u32).await?)
    }
    #[workflow]
    async fn failing(probe: Probe) -> WorkflowResult<()> {
        cleanup(async move {
            let drawn = random::<u32>("draw").await?;
            let (helped, signal) = join!(invoke("help", helper, probe), wait_for_signal::<u32>("wait", "clean")).await;
            helped?;
            let shown = step!("show", drawn).await?;
            assert_eq!(shown, drawn);
            let signal = signal?;
            step!("done", probe.mark(format!("cleaned {signal}"))).await?;
            Ok(())
        });
        Err(WorkflowError::msg("no"))
    }
    subject.knows(helper);
    let probe = Probe::new();
    let run = subject.client().start(failing, probe).await?;
    probe.noted("helped").await;
    let_others_go_on().await;
    assert_eq!(run.status().await?, RunStatus::Running);
    run.signal("clean", &7).await?;
    let error = run.result().await.expect_err("it fails");
    assert_eq!(error.workflow_error().map(WorkflowError::failed_undos), Some(&[][..]));
    assert_eq!(probe.notes(), ["helped", "cleaned 7"]);
    Ok(())
}

pub(crate) async fn cleanups_of_parallel_branches_run_in_the_order_of_recording(subject: Subject) -> Verdict {
    #[durable]
    async fn branch(probe: Probe, name: &str, turn: usize) -> Result<(), StepError> {
        step!(name, probe.in_turn("end", turn).await).await?;
        let name = name.to_owned();
        cleanup(async move {
            step!(format!("undo {name}"), probe.mark(format!("undo {name}"))).await?;
            Ok(())
        });
        sleep("nap", DAY).await
    }
    #[workflow]
    async fn parallel(probe: Probe) -> WorkflowResult<()> {
        let (a, b, c) = join!(branch(probe, "a", 2), branch(probe, "b", 0), branch(probe, "c", 1)).await;
        a?;
        b?;
        c?;
        Err(WorkflowError::msg("no"))
    }
    let probe = Probe::new();
    subject.invoke(parallel, probe).await.expect_err("it fails");
    assert_eq!(probe.notes(), ["undo a", "undo c", "undo b"]);
    Ok(())
}

pub(crate) async fn steps_that_were_done_are_undone(subject: Subject) -> Verdict {
    async fn release(value: String) -> Result<(), Failure> {
        Probe::shared("undone steps").note(value);
        Ok(())
    }
    #[workflow]
    async fn booking(name: String) -> WorkflowResult<()> {
        let hotel = step!("hotel", format!("hotel of {name}")).undo(release).await?;
        step!("car", format!("car, after {hotel}")).undo(release).await?;
        let refused = step!("flight", retries = 0, Err::<String, _>("sold out")?).undo(release).await;
        refused?;
        Ok(())
    }
    let name = format!("{:?}", Probe::new());
    let run = subject.client().start(booking, name.clone()).await?;
    let error = run.result().await.expect_err("it is sold out");
    assert!(error.to_string().ends_with("step `flight` failed: sold out"), "{error}");
    let undone: Vec<String> =
        Probe::shared("undone steps").notes().into_iter().filter(|note| note.ends_with(&name)).collect();
    assert_eq!(undone, [format!("car, after hotel of {name}"), format!("hotel of {name}")]);
    let steps = run.steps().await?;
    let ids: Vec<&str> = steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(ids, ["hotel", "car", "flight", "car:undo", "hotel:undo"]);
    Ok(())
}

pub(crate) async fn a_cleanup_that_a_replay_would_not_register_is_refused(subject: Subject) -> Verdict {
    #[workflow]
    async fn once() -> WorkflowResult<()> {
        first_time(|| cleanup(async { Ok(()) }));
        Ok(step!("work", ()).await?)
    }
    let error = subject.invoke(once, ()).await.expect_err("nothing would run it").to_string();
    assert!(error.contains("`cleanup` was called outside a workflow, or in `first_time`"), "{error}");
    Ok(())
}

pub(crate) async fn races_within_parallel_branches_of_a_cleanup_run(subject: Subject) -> Verdict {
    #[workflow]
    async fn messy(probe: Probe) -> WorkflowResult<()> {
        cleanup(async move {
            let all = join_all((0..3).map(|n| async move {
                race! {
                    done = step!(format!("release-{n}"), probe.mark(format!("release-{n}"))) => done.map(|()| "released"),
                    _ = sleep(format!("patience-{n}"), DAY) => Ok("given up"),
                }
            }))
            .concurrency(2)
            .await;
            let all: Result<Vec<_>, StepError> = all.into_iter().collect();
            let all = all?;
            step!("tell", probe.mark(all.join(","))).await?;
            Ok(())
        });
        step!("work", probe.mark("work")).await?;
        Err(WorkflowError::fatal("no"))
    }
    let probe = Probe::new();
    let error = subject.invoke(messy, probe).await.expect_err("fails");
    assert!(error.to_string().ends_with("no"), "{error}");
    let mut notes = probe.notes();
    notes.sort();
    assert_eq!(notes, ["release-0", "release-1", "release-2", "released,released,released", "work"]);
    Ok(())
}

pub(crate) async fn a_cleanup_after_a_cancellation_reads_signals_and_runs_children(subject: Subject) -> Verdict {
    #[workflow]
    async fn child(n: u32) -> WorkflowResult<u32> {
        sleep("nap", DAY).await?;
        Ok(n + 1)
    }
    #[workflow]
    async fn parent(probe: Probe) -> WorkflowResult<()> {
        cleanup(async move {
            let kept = wait_for_signal::<u32>("kept", "kept").await?;
            let (grown, later) =
                join!(invoke("child", child, kept), wait_for_signal::<u32>("later", "later").timeout(3 * DAY)).await;
            let text = format!("{} {:?}", grown?, later?);
            send_signal("self", run_id(), "echo", &text).await?;
            let echo = wait_for_signal::<String>("echo", "echo").await?;
            step!("note", probe.mark(echo.as_str())).await?;
            Ok(())
        });
        step!("begin", probe.mark("begun")).await?;
        wait_for_signal::<()>("never", "never").await?;
        Ok(())
    }
    subject.knows(child);
    let (client, probe) = (subject.client(), Probe::new());
    let run = client.start(parent, probe).id("parent").await?;
    probe.noted("begun").await;
    run.signal("kept", &7).await?;
    run.signal("later", &8).await?;
    run.cancel("enough").await?;
    let error = run.result().await.expect_err("cancelled");
    assert_eq!(probe.notes(), ["begun", "8 Some(8)"], "{error}");
    assert_eq!(run.status().await?, RunStatus::Cancelled);
    Ok(())
}

pub(crate) async fn nothing_undoes_what_undoes(subject: Subject) -> Verdict {
    #[workflow]
    async fn untidy(probe: Probe) -> WorkflowResult<()> {
        cleanup(async move {
            cleanup(async move { Ok(step!("inner", probe.mark("inner cleanup")).await?) });
            step!("clean", probe.mark("clean"), undo = |()| probe.mark("undo clean")).await?;
            Err(WorkflowError::fatal("locked"))
        });
        step!("work", probe.mark("work")).await?;
        Err(WorkflowError::fatal("no"))
    }
    let probe = Probe::new();
    let error = subject.invoke(untidy, probe).await.expect_err("it fails").to_string();
    assert!(error.ends_with("no (and an undo failed: locked)"), "{error}");
    assert_eq!(probe.notes(), ["work", "clean"]);
    Ok(())
}
