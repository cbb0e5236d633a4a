//! How runs end that do not complete: undone, cancelled, or taken up again.

use owf_runtime::prelude::*;
use owf_runtime::{Failure, RunErrorReason, RunStatus};

use crate::probe::Probe;
use crate::spy::{Spy, disk_full};
use crate::subjects::{Subject, Verdict};

pub(crate) async fn a_cancellation_of_a_run_that_has_failed_does_not_keep_its_undos_from_running(
    subject: Subject,
) -> Verdict {
    async fn release(probe: Probe) -> Result<(), Failure> {
        probe.note("released");
        Ok(())
    }
    #[workflow]
    async fn failing(probe: Probe) -> WorkflowResult<()> {
        step!("reserve", probe).undo(release).await?;
        step!("charge", retries = 0, {
            probe.meet("charging", 2).await;
            probe.meet("cancelled", 2).await;
            Err::<(), _>("declined")
        })
        .await?;
        Ok(())
    }
    let probe = Probe::new();
    let run = subject.client().start(failing, probe).await?;
    probe.meet("charging", 2).await;
    let cancel = run.cancel("not wanted any more");
    // The body may end before the cancellation is seen, and then the run has failed by itself.
    let (cancelled, _) = tokio::join!(cancel, probe.meet("cancelled", 2));
    cancelled?;
    run.result().await.expect_err("it fails, or is cancelled");
    assert_eq!(probe.count("released"), 1, "{:?}", probe.notes());
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

pub(crate) async fn a_cancellation_of_a_run_that_undoes_its_steps_does_not_keep_it_from_waiting(
    subject: Subject,
) -> Verdict {
    #[workflow]
    async fn failing(probe: Probe) -> WorkflowResult<()> {
        cleanup(async move {
            step!("begin", {
                probe.meet("undoing", 2).await;
                probe.meet("cancelled", 2).await
            })
            .await?;
            sleep("calm down", std::time::Duration::from_secs(3600)).await?;
            step!("end", probe.note("undone")).await?;
            Ok(())
        });
        Err("it fails".into())
    }
    let probe = Probe::new();
    let run = subject.client().start(failing, probe).await?;
    probe.meet("undoing", 2).await;
    run.cancel("not wanted any more").await?;
    probe.meet("cancelled", 2).await;
    let error = run.result().await.expect_err("it fails");
    assert!(matches!(error.reason(), RunErrorReason::Failed(_)), "it had failed before: {error}");
    assert_eq!(probe.count("undone"), 1);
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
