//! What drivers that decide by hooks promise of a run that is cancelled, dropped or failed in the middle.

use owf_runtime::prelude::*;
use owf_runtime::{FlowControl, RunErrorReason, RunStatus};

use crate::cancellation::cleaning_up;
use crate::children::waiting;
use crate::probe::{Probe, let_others_go_on};
use crate::spy::{Spy, disk_full};
use crate::subjects::{Model, Subject, Verdict};

pub(crate) async fn a_cancellation_that_a_driver_interrupts_at_goes_on(subject: Subject) -> Verdict {
    if subject.model == Model::Continuous {
        // Declared: such a driver never interrupts.
        return Ok(());
    }
    let spy =
        Spy::scripted_on(subject.driver(), |call| call.starts_with("executed").then(|| FlowControl::Interrupt.into()));
    let probe = Probe::new();
    let run = spy.client().start(cleaning_up, probe).await?;
    probe.noted("begun").await;
    let_others_go_on().await;
    run.cancel("enough").await?;
    let error = run.result().await.expect_err("it is cancelled");
    assert!(matches!(error.reason(), RunErrorReason::Cancelled(_)), "{error:?}");
    assert_eq!((probe.count("begun"), probe.count("first"), probe.count("second")), (1, 1, 1));
    Ok(())
}

pub(crate) async fn a_run_that_has_not_begun_is_cancelled(subject: Subject) -> Verdict {
    let probe = Probe::new();
    let run = subject.client().start(waiting, probe).await?;
    run.cancel("too early").await?;
    run.result().await.expect_err("it is cancelled");
    assert_eq!(probe.count("begun"), 0);
    Ok(())
}

pub(crate) async fn a_child_ends_with_a_run_that_is_dropped(subject: Subject) -> Verdict {
    #[workflow]
    async fn parent(probe: Probe) -> WorkflowResult<u32> {
        Ok(invoke("ship", waiting, probe).await?)
    }
    let probe = Probe::new();
    let (client, dropped) = (subject.client(), probe);
    let invocation = tokio::spawn(async move { client.invoke(parent, dropped).await });
    probe.noted("begun").await;
    invocation.abort();
    probe.noted("cleaned").await;
    Ok(())
}

pub(crate) async fn dropping_an_invocation_stops_the_run(subject: Subject) -> Verdict {
    #[workflow]
    async fn stopped(probe: Probe) -> WorkflowResult<()> {
        step!("stuck", {
            let _guard = probe.drop_guard("dropped");
            probe.note("running");
            std::future::pending::<()>().await;
        })
        .await?;
        Ok(())
    }
    let probe = Probe::new();
    let client = subject.client();
    {
        let mut run = std::pin::pin!(client.invoke(stopped, probe));
        let polled = std::future::poll_fn(|cx| std::task::Poll::Ready(run.as_mut().poll(cx))).await;
        assert!(polled.is_pending());
        assert_eq!(probe.notes(), ["running"]);
    }
    assert_eq!(probe.notes(), ["running", "dropped"]);
    Ok(())
}

pub(crate) async fn children_are_cancelled_once_their_parents_cancellation_is_recorded(subject: Subject) -> Verdict {
    #[workflow]
    async fn child(probe: Probe) -> WorkflowResult<()> {
        step!("begin", probe.meet("waiting", 2).await).await?;
        Ok(wait_for_signal("never", "never").await?)
    }
    #[workflow]
    async fn parent(probe: Probe) -> WorkflowResult<()> {
        Ok(invoke("child", child, probe).await?)
    }
    let fails = std::sync::atomic::AtomicBool::new(true);
    let spy = Spy::scripted_on(subject.driver(), move |call| {
        let is_first = call == "executed owf:cancel#1+" && fails.swap(false, std::sync::atomic::Ordering::Relaxed);
        is_first.then(disk_full).flatten()
    });
    let (client, probe) = (spy.client(), Probe::new());
    let run = client.start(parent, probe).id("parent").await?;
    probe.meet("waiting", 2).await;
    let of_child = client.handle(child, "parent/child").await?;
    run.cancel("not wanted any more").await?;
    let interrupted = run.result().await.expect_err("the disk is full");
    assert!(matches!(interrupted.reason(), RunErrorReason::Driver(_)), "{interrupted}");
    assert_eq!(of_child.status().await?, RunStatus::Running, "its parent is not cancelled yet");
    let again = client.start(parent, probe).id("parent").await?;
    let error = again.result().await.expect_err("it is cancelled");
    assert!(matches!(error.reason(), RunErrorReason::Cancelled(_)), "{error}");
    of_child.result().await.expect_err("it is cancelled with its parent");
    Ok(())
}

pub(crate) async fn the_children_of_a_run_that_the_driver_failed_go_on(subject: Subject) -> Verdict {
    #[workflow]
    async fn child(probe: Probe) -> WorkflowResult<u32> {
        step!("begin", probe.note("child begins")).await?;
        Ok(wait_for_signal("go?", "go").await?)
    }
    #[workflow]
    async fn parent(probe: Probe) -> WorkflowResult<u32> {
        let (ended, ()) = join!(invoke("child", child, probe), async {
            // Recorded once the child waits.
            let _ = step!("meanwhile", probe.meet("meanwhile", 2).await).await;
        })
        .await;
        Ok(ended?)
    }
    if !subject.keeps_memos() {
        // Declared: nothing is kept of an interrupted run, and its children begin anew with it.
        return Ok(());
    }
    let fails = std::sync::atomic::AtomicBool::new(true);
    let spy = Spy::scripted_on(subject.driver(), move |call| {
        let is_first = call == "executed meanwhile#1+" && fails.swap(false, std::sync::atomic::Ordering::Relaxed);
        is_first.then(disk_full).flatten()
    });
    let (client, probe) = (spy.client(), Probe::new());
    let run = client.start(parent, probe).id("parent").await?;
    probe.meet("meanwhile", 2).await;
    let interrupted = run.result().await.expect_err("the disk is full");
    assert!(matches!(interrupted.reason(), RunErrorReason::Driver(_)), "{interrupted}");
    // It is there and waits; its result, which comes before its parent is back, is kept for it.
    client.signal("parent/child", "go", &7).await?;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let again = client.start(parent, probe).id("parent").await?;
    probe.meet("meanwhile", 2).await;
    assert_eq!(again.result().await?, 7);
    assert_eq!(probe.count("child begins"), 1, "it was not begun again");
    Ok(())
}
