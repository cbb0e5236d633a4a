//! How runs end that do not complete: undone, cancelled, or taken up again.

use owf_runtime::prelude::*;
use owf_runtime::{Failure, RunErrorReason};

use crate::probe::Probe;
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
